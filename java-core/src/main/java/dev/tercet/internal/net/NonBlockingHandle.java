package dev.tercet.internal.net;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.wait.Latch;
import org.jspecify.annotations.Nullable;

/**
 * What can be closed at once, and is released by its event loop a turn later: a socket, an end of a
 * pipe.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface NonBlockingHandle {
  /**
   * How long a graceful close waits for {@link #released}, 1 s. It takes one turn of the loop; only
   * code of others that holds the loop makes it longer.
   */
  long RELEASE_WAIT_NANOS = 1_000_000_000;

  /**
   * The event loop that wakes those who wait here.
   *
   * @return null when there is none, as on a simulated network
   */
  @Nullable SelectorLoop loop();

  /**
   * Whether our own side has closed it.
   *
   * @return true from the first {@link #close} on
   */
  boolean isClosed();

  /**
   * Throws if our own side has closed it.
   *
   * @throws ClosedResourceException when closed
   */
  void ensureOpen() throws ClosedResourceException;

  /** Closes here and now and wakes everybody who waits; any number of times. */
  void close();

  /**
   * Where to wait, after {@link #close}, until the system has it back.
   *
   * @return a latch that opens one turn of the loop after the close
   */
  Latch released();
}
