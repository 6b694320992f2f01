package dev.tercet;

import org.jspecify.annotations.Nullable;

/**
 * How a task that was started with {@code nursery.start} reports that it is ready. The call of
 * {@link #started} makes {@code start} return, and the task continues in its nursery (spec IO-TS1).
 *
 * <p>Shared by both languages.
 *
 * @param <T> the value that the task passes to its starter, a list of listeners for example
 */
@FunctionalInterface
public interface TaskStatus<T extends @Nullable Object> {
  /**
   * Reports that the task is ready. Does not wait.
   *
   * <p><i>Errors:</i> {@link IllegalStateException} on the second call (spec IO-TS3).
   *
   * <p><i>Interruption, Cancellation:</i> not affected by either.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param value what {@code start} returns
   */
  void started(T value);

  /**
   * A status without a listener, so that a function with a {@code TaskStatus} parameter can be
   * called directly (spec IO-TS7). {@code started} may be called any number of times.
   *
   * @param <T> the type of the value that is ignored
   * @return a status whose {@code started} does nothing
   */
  static <T extends @Nullable Object> TaskStatus<T> ignored() {
    return value -> {};
  }
}
