package dev.tercet;

import dev.tercet.internal.text.PeerText;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Addresses in the usual notation: {@code 2001:db8::1}, {@code fe80::1%eth0}, {@code [::1]:443}.
 * The JDK writes {@code /[0:0:0:0:0:0:0:1]:443}. Every message, report and {@code toString} of both
 * languages uses this form (spec IO-E10).
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  /**
   * An IP address: the shortest form, in lower case (RFC 5952), with its zone.
   *
   * @param address any
   * @return for example {@code 192.0.2.1} or {@code fe80::1%eth0}
   */
  public static String of(InetAddress address) {
    if (!(address instanceof Inet6Address inet6)) {
      return address.getHostAddress();
    }
    byte[] bytes = address.getAddress();
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
    }
    int start = 0;
    int longest = 1; // one group of zeros alone is not shortened
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > longest) {
        start = i;
        longest = end - i;
      }
    }
    String shortest =
        longest == 1
            ? joined(groups, 0, GROUPS)
            : joined(groups, 0, start) + "::" + joined(groups, start + longest, GROUPS);
    return shortest + zone(inet6);
  }

  /**
   * A local or remote address of a socket.
   *
   * @param address null for none
   * @return for example {@code 127.0.0.1:80}, {@code [::1]:80}, {@code unix:/run/x} or {@code ?}
   */
  public static String of(@Nullable SocketAddress address) {
    if (address == null) {
      return "?";
    }
    if (address instanceof InetSocketAddress inet) {
      InetAddress ip = inet.getAddress();
      return hostPort(ip == null ? inet.getHostString() : of(ip), inet.getPort());
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      // A peer's is its own choice.
      String path = PeerText.path(unix.getPath().toString());
      return path.isEmpty() ? "unix" : "unix:" + path;
    }
    return address.toString();
  }

  /**
   * A host and a port.
   *
   * @param host a name or a literal
   * @param port any
   * @return with brackets around an IPv6 literal
   */
  public static String hostPort(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  private static String joined(int[] groups, int from, int to) {
    StringBuilder joined = new StringBuilder();
    for (int i = from; i < to; i++) {
      joined.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return joined.toString();
  }

  private static String zone(Inet6Address address) {
    NetworkInterface zone = address.getScopedInterface();
    if (zone != null) {
      return "%" + zone.getName();
    }
    return address.getScopeId() == 0 ? "" : "%" + address.getScopeId();
  }
}
