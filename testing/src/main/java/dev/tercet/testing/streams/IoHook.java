package dev.tercet.testing.streams;

import java.io.IOException;

/**
 * A hook of a memory stream. It runs in the middle of an operation, on the caller's thread without
 * a lock. It may pump bytes, wait, or fail.
 */
@FunctionalInterface
public interface IoHook {
  /**
   * Runs it. When the stream is closed while this runs, the thread is interrupted, so that a hook
   * that waits ends; the operation then gets {@link dev.tercet.ClosedResourceException} (KIT-M7).
   *
   * <p><i>Errors:</i> any; the operation fails with it.
   *
   * <p><i>Interruption:</i> the hook should end.
   *
   * <p><i>Thread-safety:</i> run by one thread at a time for each stream and direction.
   *
   * @throws IOException to let the operation fail
   * @throws InterruptedException when interrupted while waiting
   */
  void run() throws IOException, InterruptedException;
}
