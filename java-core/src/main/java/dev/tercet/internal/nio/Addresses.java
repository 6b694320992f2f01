package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.internal.names.Host;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;

/** Hosts, ports and socket addresses as arguments, and socket addresses as text. */
public final class Addresses {
  private Addresses() {}

  /**
   * Checks a port to connect to (spec IO-HE1).
   *
   * @param port 1 to 65535
   * @return the same
   */
  public static int requireRemotePort(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535, not " + port);
    }
    return port;
  }

  /**
   * Checks a port to listen on.
   *
   * @param port 0 to 65535; 0 means any
   * @return the same
   */
  public static int requireLocalPort(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
    }
    return port;
  }

  /**
   * Checks a host.
   *
   * @param host a name or an IP literal, IPv6 without brackets
   * @return the same
   * @throws IllegalArgumentException when it is neither
   */
  public static String requireHost(String host) {
    return Host.parse(host).text();
  }

  /**
   * Checks an address for the low-level sockets, which resolve nothing (ADR 16: the high-level
   * calls do).
   *
   * @return the same
   */
  public static SocketAddress requireResolved(SocketAddress address) {
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IllegalArgumentException(
          "low-level sockets take resolved addresses only; "
              + AddressText.of(inet)
              + " is not resolved");
    }
    return address;
  }

  /**
   * The family of an address.
   *
   * @return INET or INET6
   */
  public static ProtocolFamily family(InetAddress address) {
    return address instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  static boolean isIpv4(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address;
  }
}
