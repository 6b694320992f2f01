package dev.tercet.internal.nio;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses as arguments and as text. */
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
   * @param host a name or an IP literal
   * @return the same
   */
  public static String requireHost(String host) {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host is empty");
    }
    return host;
  }

  /**
   * Checks an address for the low-level sockets, which resolve nothing (DESIGN: implicit resolution
   * is the high-level calls').
   *
   * @param address an address
   * @return the same
   */
  public static SocketAddress requireResolved(SocketAddress address) {
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IllegalArgumentException(
          "low-level sockets take resolved addresses only; " + inet + " is not resolved");
    }
    return address;
  }

  /**
   * Reads an IP literal, without any lookup. IPv4 is four decimal numbers and nothing else: what
   * the JDK takes beyond that ("1", "127.1", octal) means different hosts to different programs
   * (spec IO-K8).
   *
   * @param host a name or a literal, IPv6 without brackets
   * @return null when it is a name
   * @throws IllegalArgumentException when it has a colon and is no IPv6 address
   */
  public static @Nullable InetAddress literal(String host) {
    try {
      if (host.indexOf(':') >= 0) {
        // With a colon the JDK never asks a resolver.
        return InetAddress.getByName(host);
      }
      byte[] octets = ipv4(host);
      return octets == null ? null : InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IPv6 address: " + host, e);
    }
  }

  private static byte @Nullable [] ipv4(String host) {
    String[] parts = host.split("\\.", -1);
    if (parts.length != 4) {
      return null;
    }
    byte[] octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      String part = parts[i];
      boolean decimal =
          !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(Addresses::isDigit);
      if (!decimal
          || (part.length() > 1 && part.charAt(0) == '0')
          || Integer.parseInt(part) > 255) {
        return null;
      }
      octets[i] = (byte) Integer.parseInt(part);
    }
    return octets;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /**
   * The family of an address.
   *
   * @param address of a host
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

  /** The JDK writes all eight groups; people write the shortest form (RFC 5952). */
  private static String text(InetAddress ip) {
    String full = ip.getHostAddress();
    if (full.indexOf(':') < 0) {
      return full;
    }
    int scope = full.indexOf('%');
    String[] groups = (scope < 0 ? full : full.substring(0, scope)).split(":");
    int start = 0;
    int longest = 1; // one group of zeros alone is not shortened
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end].equals("0")) {
        end++;
      }
      if (end - i > longest) {
        start = i;
        longest = end - i;
      }
    }
    String shortest =
        longest == 1
            ? String.join(":", groups)
            : String.join(":", List.of(groups).subList(0, start))
                + "::"
                + String.join(":", List.of(groups).subList(start + longest, groups.length));
    return scope < 0 ? shortest : shortest + full.substring(scope);
  }

  /**
   * An address as people write it: {@code 127.0.0.1:80}, {@code [::1]:80}, a path.
   *
   * @param address null for none
   * @return the text
   */
  public static String text(@Nullable SocketAddress address) {
    if (address == null) {
      return "?";
    }
    if (address instanceof InetSocketAddress inet) {
      InetAddress ip = inet.getAddress();
      String host = ip == null ? inet.getHostString() : text(ip);
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      String path = unix.getPath().toString();
      return path.isEmpty() ? "unix" : "unix:" + path;
    }
    return address.toString();
  }
}
