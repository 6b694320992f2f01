package dev.tercet.blocking;

import dev.tercet.StopSignal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Net#stopOnSignals} calls.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface StoppableCall<T extends @Nullable Object> {
  /**
   * Does it.
   *
   * <p><i>Errors:</i> come out of {@link Net#stopOnSignals}.
   *
   * <p><i>Interruption:</i> as the calls inside.
   *
   * <p><i>Thread-safety:</i> called once, on the caller's thread.
   *
   * @param stop is given when the process gets a signal
   * @return the result
   * @throws IOException when it failed
   * @throws InterruptedException when the thread was interrupted
   */
  T call(StopSignal stop) throws IOException, InterruptedException;
}
