package dev.tercet.blocking;

import dev.tercet.StopSignal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@link Net#stopOnSignals}.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface StoppableCall<T extends @Nullable Object> {
  /**
   * Runs it.
   *
   * <p><i>Errors:</i> {@link Net#stopOnSignals} throws them.
   *
   * <p><i>Interruption:</i> as the calls inside.
   *
   * <p><i>Thread-safety:</i> called once, on the caller's thread.
   *
   * @param stop is triggered when the process gets a signal
   * @return the result
   * @throws IOException when it failed
   * @throws InterruptedException when the thread was interrupted
   */
  T call(StopSignal stop) throws IOException, InterruptedException;
}
