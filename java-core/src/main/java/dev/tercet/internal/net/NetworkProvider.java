package dev.tercet.internal.net;

import dev.tercet.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * A network as the drivers see it: where sockets come from, and what time it is there. There is the
 * real one, over the channels of an event loop, and there are simulated ones.
 *
 * <p>This is the whole seam (spec IO-X1 to X3). Drivers reach for nothing below it, and know no
 * other clock for what they tell their machines. Waiting is not part of it: coroutines {@code
 * delay}, and threads park in their {@link dev.tercet.internal.wait.World}.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface NetworkProvider extends Network {
  /**
   * The network behind a public one.
   *
   * @return the same, as what it is
   * @throws IllegalArgumentException when it is none of ours
   */
  static NetworkProvider from(Network network) {
    if (network instanceof NetworkProvider provider) {
      return provider;
    }
    throw new IllegalArgumentException(
        "neither the network of an EventLoop nor a simulated one: " + network);
  }

  /**
   * Opens a stream socket that is neither bound nor connected.
   *
   * @param family INET, INET6 or UNIX
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not have the family
   */
  NonBlockingSocket openStream(ProtocolFamily family) throws IOException;

  /**
   * Opens a listening socket that is not bound.
   *
   * @param family INET, INET6 or UNIX
   * @return the listener; the caller closes it
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not have the family
   */
  NonBlockingListener openListener(ProtocolFamily family) throws IOException;

  /**
   * Opens a datagram socket that is neither bound nor connected.
   *
   * @param family INET or INET6
   * @return the socket; the caller closes it
   * @throws IOException when the system cannot
   * @throws UnsupportedOperationException when the system does not have the family
   */
  NonBlockingDatagram openDatagram(ProtocolFamily family) throws IOException;

  /**
   * The time that machines are told.
   *
   * @return in nanoseconds, to be compared by subtraction
   */
  long nanoTime();

  /**
   * The address that this machine would send from to reach another one. Sends nothing.
   *
   * @return null when there is no way to it
   */
  @Nullable InetAddress sourceFor(InetAddress destination);
}
