package dev.tercet.internal.net;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.task.Latch;
import dev.tercet.internal.task.WaitPlace;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import org.jspecify.annotations.Nullable;

/**
 * What sockets of every kind have in common, on every network: operations that never wait, and
 * places to wait in until it is worth trying again.
 *
 * <p><i>Thread-safety:</i> closing any thread, the rest by whoever has entered the direction.
 */
public interface NonBlockingResource {
  /**
   * INET, INET6 or UNIX.
   *
   * @return the family it was opened with
   */
  ProtocolFamily family();

  /**
   * Where to wait for something to receive or accept.
   *
   * @return a place; who is woken tries again
   */
  WaitPlace readable();

  /**
   * The event loop that wakes those who wait here.
   *
   * @return null on a simulated network, which has none
   */
  @Nullable SelectorLoop loop();

  /**
   * The address of this side, also after the close.
   *
   * @return null when it has none yet
   */
  @Nullable SocketAddress localAddress();

  /**
   * Reads an option.
   *
   * @param option which
   * @param <T> its type
   * @return its value
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

  /**
   * Sets an option.
   *
   * @param option which
   * @param value its value
   * @param <T> its type
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

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

  /** Closes here and now and wakes everybody who waits; any thread, any number of times. */
  void close();

  /**
   * Where to wait, after {@link #close}, until the address is free again.
   *
   * @return a latch that opens one turn of the loop after the close
   */
  Latch released();
}
