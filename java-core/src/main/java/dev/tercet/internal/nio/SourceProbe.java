package dev.tercet.internal.nio;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * Which address of this machine the system would send from. Connecting a datagram socket makes the
 * kernel look up the route and choose the source, and sends no packet (spec IO-HV4).
 */
final class SourceProbe {
  /** Any port will do: nothing is sent. Not 0, which some systems refuse. */
  private static final int DISCARD_PORT = 9;

  private SourceProbe() {}

  /** Null when there is no route, or no socket of that family can be had. */
  static @Nullable InetAddress sourceFor(InetAddress destination) {
    try (DatagramChannel channel = DatagramChannel.open(Addresses.family(destination))) {
      channel.connect(new InetSocketAddress(destination, DISCARD_PORT));
      return channel.getLocalAddress() instanceof InetSocketAddress local
          ? local.getAddress()
          : null;
    } catch (IOException | UnsupportedOperationException noWay) {
      return null;
    }
  }
}
