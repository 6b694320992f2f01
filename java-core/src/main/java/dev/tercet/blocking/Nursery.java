package dev.tercet.blocking;

import dev.tercet.TaskStatus;
import dev.tercet.internal.text.ForeignError;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.TaskStart;
import dev.tercet.internal.wait.World;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A block of code that has tasks: it ends only when all of them have ended (spec NUR-X1).
 *
 * <pre>{@code
 * Nursery.run(nursery -> {
 *   nursery.startSoon(() -> pump(left, right));
 *   nursery.startSoon(() -> pump(right, left));
 * });                                             // both pumps have ended here
 * }</pre>
 *
 * <p><b>Tasks are threads</b>, virtual ones where the JVM has them, named after their nursery. They
 * are inside the cancel scopes that are around the nursery, not in those around the code that
 * starts them (spec NUR-X3). So whoever has the nursery can start a task without becoming its
 * parent. {@link #run(ThreadFactory, Action)} takes threads of your own.
 *
 * <p><b>Failures.</b> The first failure of the body or of a task cancels all the others (spec
 * NUR-X2). When they have ended it is thrown as it is; later failures are its suppressed exceptions
 * (spec NUR-X5). Cancellations are no failures and are dropped; a failure outranks them.
 *
 * <p><b>A cancelled task</b> leaves its waits with {@link CancelledException}, and its thread is
 * interrupted, which ends foreign blocking calls. The body is cancelled in its waits only. Its
 * thread belongs to the caller, and a late interrupt would hit whatever that thread does next. So
 * put foreign blocking calls into tasks.
 *
 * <p><b>When the caller is cancelled</b>, by an interrupt or by a scope around the nursery, all
 * tasks are cancelled. The nursery still waits for them, so no thread is left behind. Then the
 * cancellation is thrown to the caller. If there is a failure as well, the failure is thrown, and
 * an interrupt is kept in the thread's flag.
 *
 * <p>A task that ignores cancellation keeps the nursery open.
 */
public final class Nursery {
  /** What a nursery runs in the calling thread. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it; counts as one of the tasks.
     *
     * <p><i>Errors:</i> a failure cancels the tasks.
     *
     * <p><i>Interruption:</i> as the calls inside.
     *
     * <p><i>Thread-safety:</i> called once, on the thread that runs the nursery.
     *
     * @param nursery where tasks can be started
     * @throws IOException when it failed
     * @throws InterruptedException when the thread was interrupted
     */
    void run(Nursery nursery) throws IOException, InterruptedException;
  }

  /**
   * What a nursery calls in the calling thread.
   *
   * @param <T> the result
   */
  @FunctionalInterface
  public interface Call<T extends @Nullable Object> {
    /**
     * Does it; counts as one of the tasks.
     *
     * <p><i>Errors:</i> a failure cancels the tasks.
     *
     * <p><i>Interruption:</i> as the calls inside.
     *
     * <p><i>Thread-safety:</i> called once, on the thread that runs the nursery.
     *
     * @param nursery where tasks can be started
     * @return the result of the nursery
     * @throws IOException when it failed
     * @throws InterruptedException when the thread was interrupted
     */
    T call(Nursery nursery) throws IOException, InterruptedException;
  }

  private static final AtomicLong NURSERIES = new AtomicLong();

  private final String name = "tercet-nursery-" + NURSERIES.incrementAndGet();
  private final @Nullable ThreadFactory threads;
  private final CancelScope scope = CancelScope.internal(name);
  private final TaskSpawner spawner = new Spawner();

  private final AtomicLong launched = new AtomicLong();

  /** Opens when the body and all tasks have ended. */
  private final Latch over = new Latch();

  /** Guarded by this, as is everything below. No other lock is taken inside. */
  private final Set<NurseryTask> children = new LinkedHashSet<>();

  private boolean bodyEnded;
  private boolean closed;

  /** Somebody has called {@link #end}. Not guarded. */
  private volatile boolean ended;

  /** Whatever starts from now on is cancelled from the start. */
  private boolean cancelled;

  /** The first one; later ones are suppressed in it. */
  private @Nullable Throwable failure;

  /** A scope around the nursery cut something short. */
  private @Nullable CancelledException cutShort;

  /** The calling thread was interrupted. */
  private @Nullable InterruptedException interrupt;

  private Nursery(@Nullable ThreadFactory threads) {
    this.threads = threads;
  }

  /** For servers, whose handlers outlive a failure of one another. */
  TaskSpawner spawner() {
    return spawner;
  }

  /**
   * Runs a body that can start tasks, and waits for all of them.
   *
   * <p><i>Errors:</i> the first failure of the body or of a task; {@link IllegalStateException} on
   * an event loop's thread.
   *
   * <p><i>Interruption:</i> cancels the tasks, waits for them, then throws.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param body runs in the calling thread
   * @throws IOException from the body or a task
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static void run(Action body) throws IOException, InterruptedException {
    Nursery nursery = new Nursery(null);
    Nursery unused = nursery.runHere(asCall(body), nursery);
  }

  /**
   * Runs a body that can start tasks on threads of a factory's making, and waits for all of them.
   *
   * <p><i>Errors:</i> the first failure of the body or of a task; {@link IllegalStateException} on
   * an event loop's thread.
   *
   * <p><i>Interruption:</i> cancels the tasks, waits for them, then throws.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param threads makes the thread of each task
   * @param body runs in the calling thread
   * @throws IOException from the body or a task
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static void run(ThreadFactory threads, Action body)
      throws IOException, InterruptedException {
    Nursery nursery = new Nursery(threads);
    Nursery unused = nursery.runHere(asCall(body), nursery);
  }

  /**
   * Calls a body that can start tasks, and waits for all of them.
   *
   * <p><i>Errors:</i> the first failure of the body or of a task; {@link IllegalStateException} on
   * an event loop's thread.
   *
   * <p><i>Interruption:</i> cancels the tasks, waits for them, then throws.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param <T> the result of the body
   * @param body runs in the calling thread
   * @return what the body returned
   * @throws IOException from the body or a task
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static <T extends @Nullable Object> T call(Call<T> body)
      throws IOException, InterruptedException {
    return new Nursery(null).runHere(body, null);
  }

  /**
   * Calls a body that can start tasks on threads of a factory's making, and waits for all of them.
   *
   * <p><i>Errors:</i> the first failure of the body or of a task; {@link IllegalStateException} on
   * an event loop's thread.
   *
   * <p><i>Interruption:</i> cancels the tasks, waits for them, then throws.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param <T> the result of the body
   * @param threads makes the thread of each task
   * @param body runs in the calling thread
   * @return what the body returned
   * @throws IOException from the body or a task
   * @throws InterruptedException when the calling thread was interrupted
   */
  public static <T extends @Nullable Object> T call(ThreadFactory threads, Call<T> body)
      throws IOException, InterruptedException {
    return new Nursery(threads).runHere(body, null);
  }

  /**
   * Starts a task and does not wait for anything.
   *
   * <p>The task always runs until its first wait, also when the nursery was cancelled, so that it
   * can close what it owns.
   *
   * <p><i>Errors:</i> {@link IllegalStateException} when the nursery is closed, that is, when its
   * body and all its tasks have ended (spec NUR-X4). What the task throws is the nursery's failure.
   *
   * <p><i>Interruption:</i> not affected by it.
   *
   * <p><i>Thread-safety:</i> any thread, as long as the nursery is open.
   *
   * @param task what to do, on a thread of its own
   */
  public void startSoon(IoAction task) {
    launch(new NurseryTask(this, task::run, () -> {}, null));
  }

  /**
   * Starts a task and waits until it reports that it is ready. From then on it belongs to the
   * nursery like any other (spec NUR-X6, NUR-X11).
   *
   * <pre>{@code
   * List<SocketListener> listeners = nursery.start(status -> Net.serveTcp(0, handler, ..., status));
   * }</pre>
   *
   * <p>Until then it belongs to the caller: its failure is thrown here, as it is, and the nursery
   * does not notice (spec NUR-X7). It keeps the nursery open (spec NUR-X13).
   *
   * <p><i>Errors:</i> what the task throws before it is ready. {@link IllegalStateException} when
   * it ends before it is ready (spec NUR-X8), when the nursery is closed, and when the nursery
   * cancels it before that (spec NUR-X16).
   *
   * <p><i>Interruption:</i> cancels the task, waits for its end, and throws (spec NUR-X10); so does
   * the expiry of a scope around the caller. If the task becomes ready in the same moment, it stays
   * in the nursery, its value is returned, and the flag stays set.
   *
   * <p><i>Thread-safety:</i> any thread, as long as the nursery is open.
   *
   * @param <T> what the task hands over
   * @param task what to do, on a thread of its own
   * @return what the task gave to {@link TaskStatus#started}
   * @throws IOException from the task
   * @throws InterruptedException when the calling thread was interrupted
   */
  public <T extends @Nullable Object> T start(StartedTask<T> task)
      throws IOException, InterruptedException {
    Parking.refuseOnLoop();
    Parking.checkpoint();
    TaskStart<T> start = new TaskStart<>();
    NurseryTask child = new NurseryTask(this, () -> task.run(start), () -> {}, start);
    launch(child);
    return Starting.await(start, this, child);
  }

  /**
   * Cancels all present tasks, but neither the body nor tasks that are started later. Does not wait
   * for their end. A task that calls this cancels itself too.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> not affected by it.
   *
   * <p><i>Thread-safety:</i> any thread.
   */
  public void cancelChildren() {
    for (NurseryTask child : presentChildren()) {
      child.cancel();
    }
  }

  /**
   * Ends the nursery: cancels all tasks, and the body in its waits. The nursery waits for them and
   * then returns normally, as after Trio's {@code nursery.cancel_scope.cancel()}. Failures are
   * still thrown.
   *
   * <p>A body that finishes keeps its result. One that is cut short has none: {@link #call(Call)
   * call} then throws {@link IllegalStateException}; {@link #run(Action) run} needs no result.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait. A task that calls this is cancelled
   * too.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  public void end() {
    ended = true;
    cancelAll();
  }

  @Override
  public synchronized String toString() {
    return name + (closed ? " (closed)" : " (" + children.size() + " tasks)");
  }

  // ------------------------------------------------------------------------- the calling thread

  /**
   * Runs it all.
   *
   * @param whenCutShort the result when {@link #end} has cut the body short; null when it needs one
   */
  private <T extends @Nullable Object> T runHere(Call<T> body, @Nullable T whenCutShort)
      throws IOException, InterruptedException {
    Parking.refuseOnLoop();
    scope.state().attach(Scope.current());
    Scope previous = scope.state().enter();
    try {
      T result;
      try {
        result = body.call(this);
      } catch (Throwable e) {
        End end = note(e, null);
        if (end != End.CANCELLED) {
          cancelAll();
        }
        awaitChildren();
        Throwable outcome = outcome();
        if (outcome == null && ended && end == End.CANCELLED) {
          if (whenCutShort == null) {
            throw new IllegalStateException(
                "the nursery was ended before its body had a result", e);
          }
          return whenCutShort;
        }
        throw Rethrow.<RuntimeException>unchecked(outcome != null ? outcome : e);
      }
      awaitChildren();
      Throwable outcome = outcome();
      if (outcome != null) {
        throw Rethrow.<RuntimeException>unchecked(outcome);
      }
      return result;
    } finally {
      scope.leave(previous);
    }
  }

  private void awaitChildren() {
    synchronized (this) {
      bodyEnded = true;
    }
    closeIfOver();
    try {
      Parking.await(over);
      return;
    } catch (CancelledException | InterruptedException e) {
      note(e, null);
    }
    cancelAll();
    Parking.awaitUninterruptibly(over);
  }

  private synchronized @Nullable Throwable outcome() {
    if (failure != null) {
      if (interrupt != null) {
        Thread.currentThread().interrupt();
      }
      return failure;
    }
    return interrupt != null ? interrupt : cutShort;
  }

  // ------------------------------------------------------------------------- how something ended

  /** What an exception at the end of the body or of a task is to the nursery. */
  enum End {
    /** Its own doing: dropped. */
    CANCELLED,
    /** A scope around the nursery or an interrupt of the calling thread ends everything. */
    CUT_SHORT,
    /** A failure: ends everything and is thrown. */
    FAILED
  }

  End classify(Throwable e, @Nullable NurseryTask child) {
    CancelScope ended = CancelScope.scopeThatEnded(e);
    if (ended != null) {
      if (ended == scope || (child != null && ended == child.scope)) {
        return End.CANCELLED;
      }
      if (scope.state().isWithin(ended.state())) {
        return End.CUT_SHORT;
      }
      // Of some other scope: caught there and thrown again here.
      return End.FAILED;
    }
    if (child == null) {
      return e instanceof InterruptedException ? End.CUT_SHORT : End.FAILED;
    }
    return child.wasCancelled() && isInterrupt(e) ? End.CANCELLED : End.FAILED;
  }

  /** The answers of the JDK's blocking calls to an interrupt. */
  private static boolean isInterrupt(Throwable e) {
    return e instanceof InterruptedException
        || e instanceof ClosedByInterruptException
        || e instanceof FileLockInterruptionException
        || (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException));
  }

  synchronized End note(Throwable e, @Nullable NurseryTask child) {
    End end = classify(e, child);
    if (end == End.FAILED) {
      if (failure == null) {
        failure = e;
      } else if (failure != e) {
        failure.addSuppressed(e);
      }
    } else if (end == End.CUT_SHORT) {
      if (e instanceof InterruptedException thrown) {
        interrupt = interrupt == null ? thrown : interrupt;
      } else if (cutShort == null) {
        Throwable cancelled = e instanceof CancelledException ? e : ForeignError.cause(e);
        cutShort = (CancelledException) cancelled;
      }
    }
    return end;
  }

  void cancelAll() {
    synchronized (this) {
      if (cancelled) {
        return;
      }
      cancelled = true;
    }
    // The children first: the scope would wake them before they are marked as cancelled.
    cancelChildren();
    scope.cancel();
  }

  /**
   * Completes a cancellation that another thread has begun. That one cancels the tasks first, and a
   * task may have ended before it comes to the scope: who waited for that task must not go on as if
   * the body were not cancelled.
   */
  void completeCancel() {
    synchronized (this) {
      if (!cancelled) {
        return;
      }
    }
    scope.cancel();
  }

  // ------------------------------------------------------------------------- tasks

  private final class Spawner implements TaskSpawner {
    @Override
    public Task spawn(Body body, Runnable onEnd) {
      NurseryTask child = new NurseryTask(Nursery.this, body, onEnd, null);
      launch(child);
      return child;
    }

    @Override
    public boolean isClosed() {
      synchronized (Nursery.this) {
        return closed;
      }
    }
  }

  private void launch(NurseryTask child) {
    try {
      boolean cancelNow = enrol(child);
      child.scope.state().attach(scope.state());
      if (cancelNow) {
        child.cancel();
      }
      child.start();
    } catch (Throwable e) {
      // Closed, or no thread to be had: the failure is this call's, not the nursery's.
      child.scope.state().detach();
      remove(child);
      throw e;
    }
  }

  /** Takes a task in; returns whether it is to be cancelled from the start. */
  private synchronized boolean enrol(NurseryTask child) {
    if (closed) {
      throw new IllegalStateException("the nursery is closed: " + name);
    }
    children.add(child);
    return cancelled;
  }

  private synchronized List<NurseryTask> presentChildren() {
    return new ArrayList<>(children);
  }

  void remove(NurseryTask child) {
    synchronized (this) {
      children.remove(child);
    }
    closeIfOver();
  }

  private void closeIfOver() {
    synchronized (this) {
      if (closed || !bodyEnded || !children.isEmpty()) {
        return;
      }
      closed = true;
    }
    over.open();
  }

  String nextTaskName() {
    return name + "-task-" + launched.incrementAndGet();
  }

  /** The thread of a task, not started. */
  Thread newThread(String taskName, Runnable body) {
    Thread thread =
        threads == null ? NurseryThreads.unstarted(taskName, body) : threads.newThread(body);
    if (thread == null) {
      throw new IllegalStateException("the thread factory made no thread");
    }
    return thread;
  }

  World world() {
    return scope.state().world();
  }

  private static Call<Nursery> asCall(Action body) {
    return nursery -> {
      body.run(nursery);
      return nursery;
    };
  }
}
