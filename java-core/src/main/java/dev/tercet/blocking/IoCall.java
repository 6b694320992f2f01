package dev.tercet.blocking;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Code that may wait, may fail, and has a result.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface IoCall<T extends @Nullable Object> {
  /**
   * Runs it.
   *
   * <p><i>Errors:</i> what it throws, its caller throws.
   *
   * <p><i>Interruption:</i> as the calls inside.
   *
   * <p><i>Thread-safety:</i> called once per run, on the thread of the caller.
   *
   * @return the result
   * @throws IOException when it failed
   * @throws InterruptedException when the thread was interrupted
   */
  T call() throws IOException, InterruptedException;
}
