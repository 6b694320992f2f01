package dev.tercet.internal.task;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The state behind a {@code CancelScope}: a deadline, a cancelled flag, and the threads that are
 * inside. Scopes form a chain from the innermost outwards; each thread has a current one.
 *
 * <p>A wait asks the whole chain: it must end at the earliest deadline of all scopes, and when
 * several have expired it is the <em>outermost</em> that counts, since nothing inside it may go on.
 *
 * <p>Expiry is a fact of the clock, not an event: no timer runs. A parked thread parks no longer
 * than its earliest deadline; {@link #cancel} and {@link #setDeadline} unpark the threads inside,
 * which look again. A spurious unpark is harmless to all code that parks.
 *
 * <p><i>Thread-safety:</i> {@link #cancel}, {@link #setDeadline}, {@link #isExpired}: any thread;
 * {@link #enter} and {@link #exit}: the thread that runs inside.
 */
public abstract class Scope {
  /** The deadline of a scope that has none. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  /** Guarded by this. */
  private final List<Thread> inside = new ArrayList<>(1);

  private volatile boolean cancelled;

  /** In {@link System#nanoTime} terms, compared by subtraction; {@link #NEVER} for none. */
  private volatile long deadlineNanos = NEVER;

  /** Set by {@link #enter} before any other thread can see it, and constant while entered. */
  private volatile @Nullable Scope outer;

  /** For subclasses. */
  protected Scope() {}

  /**
   * The scope that the calling thread is in.
   *
   * @return the innermost one, null when there is none
   */
  public static @Nullable Scope current() {
    return CURRENT.get();
  }

  /**
   * What a wait inside this expired scope throws.
   *
   * @return a fresh exception
   */
  protected abstract RuntimeException cancellation();

  /**
   * Makes this the calling thread's innermost scope.
   *
   * @param outer the scope around it, usually {@link #current()}; a nursery's task passes the scope
   *     of its nursery
   */
  public final void enter(@Nullable Scope outer) {
    this.outer = outer;
    Thread thread = Thread.currentThread();
    for (Scope s = this; s != null; s = s.outer) {
      synchronized (s) {
        s.inside.add(thread);
      }
    }
    CURRENT.set(this);
  }

  /**
   * Leaves this scope.
   *
   * @param previous what was {@link #current()} before {@link #enter}
   */
  public final void exit(@Nullable Scope previous) {
    Thread thread = Thread.currentThread();
    for (Scope s = this; s != null; s = s.outer) {
      synchronized (s) {
        s.inside.remove(thread);
      }
    }
    if (previous == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(previous);
    }
  }

  /** Cancels: every wait inside ends now, and every later one at once. */
  public final void cancel() {
    cancelled = true;
    unparkInside();
  }

  /**
   * Moves the deadline.
   *
   * @param nanos in {@link System#nanoTime} terms, or {@link #NEVER}
   */
  public final void setDeadline(long nanos) {
    deadlineNanos = nanos;
    unparkInside();
  }

  /**
   * When this scope expires by itself.
   *
   * @return in {@link System#nanoTime} terms, or {@link #NEVER}
   */
  public final long deadline() {
    return deadlineNanos;
  }

  /**
   * Whether {@link #cancel} was called.
   *
   * @return true from the first call on
   */
  public final boolean wasCancelled() {
    return cancelled;
  }

  /**
   * Whether this scope, on its own, has ended: cancelled, or its deadline has come.
   *
   * @param nowNanos the time
   * @return true when nothing inside may wait any more
   */
  public final boolean isExpired(long nowNanos) {
    if (cancelled) {
      return true;
    }
    long deadline = deadlineNanos;
    return deadline != NEVER && deadline - nowNanos <= 0;
  }

  /**
   * The outermost expired scope of the chain from here outwards.
   *
   * @param nowNanos the time
   * @return null when none has expired
   */
  final @Nullable Scope outermostExpired(long nowNanos) {
    Scope expired = null;
    for (Scope s = this; s != null; s = s.outer) {
      if (s.isExpired(nowNanos)) {
        expired = s;
      }
    }
    return expired;
  }

  /**
   * How long the chain from here outwards lets a thread wait.
   *
   * @param nowNanos the time
   * @return nanoseconds until the earliest deadline, {@link #NEVER} when there is none, at most 0
   *     when something has expired
   */
  public final long remainingNanos(long nowNanos) {
    long remaining = NEVER;
    for (Scope s = this; s != null; s = s.outer) {
      if (s.cancelled) {
        return 0;
      }
      long deadline = s.deadlineNanos;
      if (deadline != NEVER) {
        remaining = Math.min(remaining, deadline - nowNanos);
      }
    }
    return remaining;
  }

  private void unparkInside() {
    synchronized (this) {
      for (Thread thread : inside) {
        LockSupport.unpark(thread);
      }
    }
  }
}
