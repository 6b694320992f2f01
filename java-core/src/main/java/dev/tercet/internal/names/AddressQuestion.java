package dev.tercet.internal.names;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a host and a port mean to a socket of a given family: for {@code resolveLocalAddress} and
 * {@code resolveRemoteAddress} (spec IO-K6).
 *
 * <p>An IPv6 socket of NIO is always dual-stack: it takes IPv4 addresses too. For a name that has
 * both it gets IPv6. An IPv4 socket takes IPv4 only.
 */
public final class AddressQuestion {
  /** The host that stands for everybody on the local network. */
  private static final String BROADCAST = "<broadcast>";

  private static final List<InetAddress> LOOPBACKS =
      Stream.of("::1", "127.0.0.1").map(IpLiteral::parse).map(Objects::requireNonNull).toList();

  private final ProtocolFamily family;
  private final Host host;
  private final int port;

  private AddressQuestion(ProtocolFamily family, Host host, int port) {
    this.family = family;
    this.host = host;
    this.port = port;
  }

  /**
   * What to bind to.
   *
   * @param host a name, a literal or {@code <broadcast>}; null or empty for all addresses
   * @param port 0 to 65535
   */
  public static AddressQuestion local(ProtocolFamily family, @Nullable String host, int port) {
    return of(family, host, port, "0.0.0.0", "::");
  }

  /**
   * What to connect or send to.
   *
   * @param host a name, a literal or {@code <broadcast>}; null or empty for this machine
   * @param port 0 to 65535
   */
  public static AddressQuestion remote(ProtocolFamily family, @Nullable String host, int port) {
    return of(family, host, port, "127.0.0.1", "::1");
  }

  private static AddressQuestion of(
      ProtocolFamily family, @Nullable String host, int port, String empty4, String empty6) {
    if (family == StandardProtocolFamily.UNIX) {
      throw new UnsupportedOperationException("a Unix socket has a path, not a host and a port");
    }
    requirePort(port);
    boolean isIpv4 = family == StandardProtocolFamily.INET;
    String text =
        host == null || host.isEmpty()
            ? (isIpv4 ? empty4 : empty6)
            : host.equals(BROADCAST) ? "255.255.255.255" : host;
    Host parsed = Host.parse(text);
    if (isIpv4 && parsed.address() instanceof Inet6Address) {
      throw new IllegalArgumentException(
          "an IPv4 socket cannot use the IPv6 address " + parsed.text());
    }
    return new AddressQuestion(family, parsed, port);
  }

  /**
   * Checks a port.
   *
   * @param port 0 to 65535
   * @return the same
   */
  public static int requirePort(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
    }
    return port;
  }

  /**
   * Starts the lookup.
   *
   * @param resolver who is asked, if it is a name
   */
  public Lookup start(Resolver resolver) {
    return Lookup.start(
        resolver,
        host,
        family == StandardProtocolFamily.INET ? AddressFamily.IPV4 : AddressFamily.ANY);
  }

  /**
   * The answer.
   *
   * @param lookup what {@link #start} returned, answered
   * @return the first address that suits the socket best
   * @throws IOException when the host has none
   */
  public InetSocketAddress answer(Lookup lookup) throws IOException {
    List<InetAddress> addresses = lookup.result();
    InetAddress best = addresses.get(0);
    if (best instanceof Inet4Address) {
      for (InetAddress address : addresses) {
        if (address instanceof Inet6Address) {
          best = address;
          break;
        }
      }
    }
    return new InetSocketAddress(best, port);
  }

  /**
   * Checks a host for {@code getaddrinfo}.
   *
   * @param host a name or a literal; null or empty for this machine
   * @throws IllegalArgumentException when it is neither
   */
  public static void requireHost(@Nullable String host) {
    if (host != null && !host.isEmpty()) {
      Host.parse(host);
    }
  }

  /**
   * Starts the lookup for {@code getaddrinfo}.
   *
   * @param resolver who is asked, if it is a name
   * @param host a name or a literal; null or empty for this machine
   * @throws IllegalArgumentException when the host is neither
   */
  public static Lookup startAll(Resolver resolver, @Nullable String host) {
    return host == null || host.isEmpty()
        ? Lookup.known("localhost", AddressFamily.ANY, LOOPBACKS)
        : Lookup.start(resolver, host);
  }

  /**
   * The answer of {@link #startAll}.
   *
   * @param port 0 to 65535
   * @throws IOException when the host has none
   */
  public static List<InetSocketAddress> answers(Lookup lookup, int port) throws IOException {
    return lookup.result().stream().map(address -> new InetSocketAddress(address, port)).toList();
  }
}
