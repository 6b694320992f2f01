package dev.tercet.blocking;

import dev.tercet.TaskStatus;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A task that reports when it is ready, for {@link Nursery#start} (spec IO-TS1).
 *
 * @param <T> the value that it passes to its starter
 */
@FunctionalInterface
public interface StartedTask<T extends @Nullable Object> {
  /**
   * Runs the task. It must call {@link TaskStatus#started} once, as soon as it is ready.
   *
   * <p><i>Errors:</i> before {@code started} they go to the caller of {@code start}, after it to
   * the nursery.
   *
   * <p><i>Interruption:</i> the thread is interrupted when the task is cancelled.
   *
   * <p><i>Thread-safety:</i> called once, on the thread of the task.
   *
   * @param status reports readiness
   * @throws IOException when it failed
   * @throws InterruptedException when the thread was interrupted
   */
  void run(TaskStatus<T> status) throws IOException, InterruptedException;
}
