package dev.tercet.blocking;

import dev.tercet.TooSlowException;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.text.ForeignError;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.World;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A block of code that can be cancelled: by a time limit or by {@link #cancel()}. No call of this
 * library takes a timeout; a limit is set around code instead, and holds for every wait in it (spec
 * NUR-X19).
 *
 * <pre>{@code
 * if (CancelScope.moveOnAfter(Duration.ofSeconds(2)).run(() -> stream.sendAll(data))) {
 *   System.out.println("peer is slow");
 * }
 * byte[] answer = CancelScope.failAfter(Duration.ofSeconds(3)).call(() -> stream.receiveSome(100));
 * }</pre>
 *
 * <p>Cancellation ends the current or the next wait. It throws {@link CancelledException}, and so
 * does every later wait inside, until the body ends. Code that does not wait is not affected. A
 * body that has finished wins over a simultaneous expiry: its result is not lost.
 *
 * <p>Scopes nest. A wait ends at the earliest deadline around it; when several scopes have expired,
 * the outermost counts. Each scope swallows only its own expiry (spec NUR-X20).
 *
 * <p>A scope is bound to the thread that runs it, and to the tasks of the nurseries that are opened
 * inside. It reaches the waits of this library. Blocking calls of other libraries need an
 * interrupt: put them into a task of a {@link Nursery}, whose thread is interrupted when the task
 * is cancelled.
 *
 * <p>A scope is run once. {@link TimeLimit} can be used again and again.
 */
public final class CancelScope {
  /** Longer is as good as for ever, and would overflow the arithmetic of deadlines. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private final State state = new State();
  private final AtomicBoolean used = new AtomicBoolean();
  private final String name;

  /** The limit that begins with the run. */
  private final @Nullable Duration limit;

  /** From then on neither a cancel nor the passing of the deadline means anything. */
  private volatile boolean ended;

  private CancelScope(String name, @Nullable Duration limit) {
    this.name = name;
    this.limit = limit;
  }

  /**
   * A scope without a limit, for {@link #cancel()} and {@link #setLimit}.
   *
   * @return a scope that has not been run
   */
  public static CancelScope open() {
    return new CancelScope("cancel scope", null);
  }

  /**
   * A scope with a limit. When it expires the body is cancelled, and {@link #run} reports it.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for a negative limit (spec NUR-X23).
   *
   * @param limit how long the body may take, counted from {@link #run}; with zero every wait ends
   *     at once
   * @return a scope that has not been run
   */
  public static CancelScope moveOnAfter(Duration limit) {
    return new CancelScope("moveOnAfter", checked(limit));
  }

  /**
   * A limit whose expiry is an error: {@link TooSlowException}.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for a negative limit (spec NUR-X23).
   *
   * @param limit how long the body may take, counted from its start; with zero every wait ends at
   *     once
   * @return a limit that can be used any number of times
   */
  public static TimeLimit failAfter(Duration limit) {
    return new TimeLimit(checked(limit));
  }

  /** A scope that the nursery enters, leaves and cancels itself. */
  static CancelScope internal(String name) {
    CancelScope scope = new CancelScope(name, null);
    scope.used.set(true);
    return scope;
  }

  /**
   * Runs a body inside this scope.
   *
   * <p><i>Errors:</i> what the body throws, except the {@link CancelledException} of this scope;
   * {@link IllegalStateException} if it has been run already.
   *
   * <p><i>Interruption:</i> as the calls in the body.
   *
   * <p><i>Thread-safety:</i> once, on any thread.
   *
   * @param body what to do
   * @return true when <em>this</em> scope cancelled the body; false when the body has finished,
   *     even if the limit had expired by then
   * @throws IOException from the body
   * @throws InterruptedException from the body
   */
  public boolean run(IoAction body) throws IOException, InterruptedException {
    Scope previous = begin();
    try {
      body.run();
      return false;
    } catch (CancelledException | InterruptedIOException e) {
      if (scopeThatEnded(e) == this) {
        return true;
      }
      throw e;
    } finally {
      leave(previous);
    }
  }

  /**
   * Cancels: current waits inside end now, later ones at once. It has no effect on an ended scope;
   * one that has not begun ends at its first wait.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  public void cancel() {
    if (!ended) {
      state.cancel();
    }
  }

  /**
   * Whether this scope was cancelled or its limit expired, while it ran. The body may have finished
   * nevertheless; {@link #run} returns whether it was cancelled.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @return true from the cancellation or the expiry on
   */
  public boolean isCancelled() {
    return ended ? state.wasCancelled() : state.isExpired(state.world().nanoTime());
  }

  /**
   * Sets a new limit, which replaces the present one. An expiry that has ended a wait is not
   * undone, nor is a cancellation.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for a negative limit.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread. On a scope that has not begun it replaces the limit that
   * starts with the run; on an ended one it has no effect.
   *
   * @param fromNow how long the body may take from now on
   */
  public void setLimit(Duration fromNow) {
    Duration checked = checked(fromNow);
    if (!ended) {
      state.setDeadline(state.world().nanoTime() + checked.toNanos());
    }
  }

  /**
   * The time until the scopes around the calling thread end its waits.
   *
   * <p><i>Thread-safety:</i> any thread; it concerns the calling one.
   *
   * @return the time until the earliest deadline, zero when something has expired or was cancelled,
   *     null when there is no deadline
   */
  public static @Nullable Duration timeLeft() {
    Scope scope = Scope.current();
    if (scope == null) {
      return null;
    }
    long nanos = scope.remainingNanos(scope.world().nanoTime());
    return nanos == Scope.NEVER ? null : Duration.ofNanos(Math.max(0, nanos));
  }

  /**
   * Checks for cancellation, for code that computes for long without waiting.
   *
   * <p><i>Errors:</i> {@link CancelledException} inside an expired scope.
   *
   * <p><i>Interruption:</i> the flag is tested and cleared.
   *
   * <p><i>Thread-safety:</i> any thread; it concerns the calling one.
   *
   * @throws InterruptedException when the thread is interrupted
   */
  public static void checkpoint() throws InterruptedException {
    Parking.throwIfCancelled();
  }

  @Override
  public String toString() {
    String what = limit == null ? name : name + "(" + Durations.text(limit) + ")";
    return ended ? what + ", ended" : isCancelled() ? what + ", cancelled" : what;
  }

  Scope state() {
    return state;
  }

  private @Nullable Scope begin() {
    if (!used.compareAndSet(false, true)) {
      throw new IllegalStateException("this cancel scope has been run already; make a new one");
    }
    state.attach(Scope.current());
    if (limit != null) {
      synchronized (state) {
        if (state.deadline() == Scope.NEVER) {
          setLimit(limit);
        }
      }
    }
    return state.enter();
  }

  /** Leaves, and freezes what {@link #isCancelled} says. */
  void leave(@Nullable Scope previous) {
    if (isCancelled()) {
      state.cancel();
    }
    ended = true;
    state.exit(previous);
    state.detach();
  }

  String describeEnd() {
    String what = limit == null ? name : name + "(" + Durations.text(limit) + ")";
    return state.wasCancelled() ? what + " was cancelled" : "the time of " + what + " is over";
  }

  /**
   * Which scope an exception comes from. The adapters to the JDK's stream types may throw nothing
   * but IOExceptions, and have the cancellation as the cause.
   */
  static @Nullable CancelScope scopeThatEnded(Throwable e) {
    if (e instanceof CancelledException cancelled) {
      return cancelled.scope();
    }
    if (e instanceof InterruptedIOException
        && ForeignError.cause(e) instanceof CancelledException cause) {
      return cause.scope();
    }
    return null;
  }

  private static Duration checked(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException(
          "a time limit cannot be negative: " + Durations.text(limit));
    }
    return limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
  }

  /**
   * A limit whose expiry is a {@link TooSlowException}. It may be used any number of times, by any
   * number of threads; each use has its own time.
   */
  public static final class TimeLimit {
    private final Duration limit;

    private TimeLimit(Duration limit) {
      this.limit = limit;
    }

    /**
     * Runs a body within the limit.
     *
     * <p><i>Errors:</i> {@link TooSlowException} when this limit, and not another one inside or
     * around, cancelled the body; else what the body throws.
     *
     * <p><i>Interruption:</i> as the calls in the body.
     *
     * <p><i>Thread-safety:</i> any thread, any number of times.
     *
     * @param body what to do
     * @throws IOException from the body, or {@link TooSlowException}
     * @throws InterruptedException from the body
     */
    public void run(IoAction body) throws IOException, InterruptedException {
      Object unused =
          call(
              () -> {
                body.run();
                return this;
              });
    }

    /**
     * Calls a body within the limit.
     *
     * <p><i>Errors:</i> {@link TooSlowException} when this limit, and not another one inside or
     * around, cancelled the body; else what the body throws.
     *
     * <p><i>Interruption:</i> as the calls in the body.
     *
     * <p><i>Thread-safety:</i> any thread, any number of times.
     *
     * @param <T> the result of the body
     * @param body what to do
     * @return the result of the body, even if the limit had expired by then
     * @throws IOException from the body, or {@link TooSlowException}
     * @throws InterruptedException from the body
     */
    public <T extends @Nullable Object> T call(IoCall<T> body)
        throws IOException, InterruptedException {
      CancelScope scope = new CancelScope("failAfter", limit);
      Scope previous = scope.begin();
      try {
        return body.call();
      } catch (CancelledException | InterruptedIOException e) {
        if (scopeThatEnded(e) == scope) {
          TooSlowException tooSlow =
              World.current() == World.REAL
                  ? new TooSlowException(limit)
                  : TooSlowException.inVirtualTime(limit);
          tooSlow.initCause(e); // where the time ran out
          throw tooSlow;
        }
        throw e;
      } finally {
        scope.leave(previous);
      }
    }

    @Override
    public String toString() {
      return "failAfter(" + Durations.text(limit) + ")";
    }
  }

  /** The link from the internal scope to the exception that users see. */
  private final class State extends Scope {
    State() {
      setWorld(World.current()); // for setLimit before the run
    }

    @Override
    protected RuntimeException cancellation() {
      return new CancelledException(CancelScope.this);
    }
  }
}
