package dev.tercet.internal.wait;

import dev.tercet.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * The hand-over of a task from the caller of {@code start} to the nursery, once for both languages.
 *
 * <p><b>The problem.</b> Until the task has called {@code started} it is the caller's: its failure
 * is told there alone, and it ends with the caller's cancellation. From then on it is the
 * nursery's. The call, the end of the task and the cancellation of the caller come from three
 * threads.
 *
 * <p><b>The strategy.</b> One state says whose the task is. It changes under a lock, and only
 * forward:
 *
 * <pre>
 * state    input      next
 * PENDING  started    STARTED: the nursery's; the caller gets the value, even if cancelled now
 * PENDING  abandon    ABANDONED: the caller cancels it and waits for its end; a value is dropped
 * PENDING  ended      ENDED: the caller gets the failure, or hears that it never was ready
 * ENDED    abandon    ENDED: there is nothing to wait for, but a failure or the cancel counts
 * </pre>
 *
 * <p>The caller is woken to look at the state. No value is handed to a suspended coroutine: a
 * cancellation would lose it.
 *
 * <p><i>Thread-safety:</i> any thread.
 *
 * @param <T> what the task hands over
 */
public final class TaskStart<T extends @Nullable Object> implements TaskStatus<T> {
  private enum State {
    PENDING,
    STARTED,
    ABANDONED,
    ENDED
  }

  private final Latch settled = new Latch();

  /** Guarded by this, as all below. */
  private State state = State.PENDING;

  /** Whether {@code started} was called, also when its value was dropped. */
  private boolean isTold;

  private @Nullable T value;
  private @Nullable Throwable failure;

  /** Makes one that is pending. */
  public TaskStart() {}

  @Override
  public void started(T value) {
    synchronized (this) {
      if (isTold) {
        throw new IllegalStateException("started was called twice");
      }
      if (state == State.ENDED) {
        throw new IllegalStateException("started was called after the task had ended");
      }
      isTold = true;
      if (state == State.ABANDONED) {
        return;
      }
      state = State.STARTED;
      this.value = value;
    }
    settled.open();
  }

  /**
   * The task has ended. The first call counts.
   *
   * @param thrown what it threw; null when it returned, or never began
   * @return whether that concerns the caller of {@code start} only
   */
  public synchronized boolean ended(@Nullable Throwable thrown) {
    if (state == State.STARTED) {
      return false;
    }
    if (state == State.PENDING) {
      state = State.ENDED;
    }
    if (failure == null) {
      failure = thrown;
    }
    return true;
  }

  /** The task has left the nursery: whoever waits for it looks. */
  public void settle() {
    settled.open();
  }

  /**
   * Where the caller waits.
   *
   * @return opens when the task is ready, or else when it has ended and left the nursery
   */
  public Latch settled() {
    return settled;
  }

  /**
   * The caller was cancelled.
   *
   * @return whether the task is the caller's, to be cancelled and waited for; if not, it is ready
   */
  public synchronized boolean abandon() {
    if (state == State.PENDING) {
      state = State.ABANDONED;
    }
    return state != State.STARTED;
  }

  /**
   * Whether the task is the nursery's.
   *
   * @return true from the call of {@code started} on, unless it came too late
   */
  public synchronized boolean isStarted() {
    return state == State.STARTED;
  }

  /**
   * What the task has handed over.
   *
   * @return when it is started
   */
  @SuppressWarnings("NullAway") // null only where T admits it
  public synchronized T value() {
    return value;
  }

  /**
   * Why the task has ended while it was the caller's.
   *
   * @return null when it has not, or returned
   */
  public synchronized @Nullable Throwable failure() {
    return failure;
  }
}
