package dev.tercet.internal.net;

import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * What sockets of every kind have in common, on every network: operations that never wait, and
 * places to wait in until it is worth trying again.
 *
 * <p><i>Thread-safety:</i> closing any thread, the rest by whoever has entered the direction.
 */
public interface NonBlockingResource extends NonBlockingHandle {
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
   * The address of this side, also after the close.
   *
   * @return null when it has none yet
   */
  @Nullable SocketAddress localAddress();

  /**
   * Reads an option.
   *
   * @throws IOException when closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

  /**
   * Sets an option.
   *
   * @throws IOException when the system refuses, or closed
   * @throws UnsupportedOperationException when this kind of socket does not have it
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /**
   * Checks an option before it is set. A positive SO_LINGER would make close(2) wait, for seconds
   * and on an event loop's thread maybe, where a close never waits (spec IO-SS13).
   *
   * @throws UnsupportedOperationException when it breaks a promise of ours
   */
  static void requireAllowed(SocketOption<?> option, @Nullable Object value) {
    if (option == StandardSocketOptions.SO_LINGER && value instanceof Integer i && i > 0) {
      throw new UnsupportedOperationException(
          "SO_LINGER of " + i + " s: a close never waits; use sendEof, and receive to the end");
    }
  }
}
