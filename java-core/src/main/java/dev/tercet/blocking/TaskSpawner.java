package dev.tercet.blocking;

import java.io.IOException;

/**
 * A nursery as servers need it: tasks whose end is noticed in any case, and that can be cancelled
 * one by one.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
interface TaskSpawner {
  /**
   * Starts a task.
   *
   * <p>When this has returned, {@code onEnd} runs exactly once, whatever becomes of the task: after
   * the body, on the thread of the task, without interrupts, and before the nursery counts the task
   * as ended. A connection that is closed there cannot be left behind. A failure of {@code onEnd}
   * is a failure of the task. When this throws, nothing runs.
   *
   * @param body what to do
   * @param onEnd what to do afterwards; it must not wait for long, since no cancel reaches it
   * @return the task
   * @throws IllegalStateException when the nursery is closed
   * @throws OutOfMemoryError when no thread can be had; it may be tried again
   */
  Task spawn(Body body, Runnable onEnd);

  /**
   * Whether the nursery has ended, so that nothing can be started any more.
   *
   * @return true for good
   */
  boolean isClosed();

  /** What a task does. */
  @FunctionalInterface
  interface Body {
    /**
     * Does it.
     *
     * @throws IOException when it failed
     * @throws InterruptedException when it was interrupted
     */
    void run() throws IOException, InterruptedException;
  }

  /** A task that was started. */
  interface Task {
    /**
     * Cancels this task and no other: its waits end, and its thread is interrupted. Its end by
     * cancellation is no failure. Does not wait; does nothing when the task has ended.
     */
    void cancel();
  }
}
