package dev.tercet.internal.names;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/*
 * IP addresses as text, read strictly and written in the one way that RFC 5952 recommends.
 *
 * The problem. What is an IP address? InetAddress.getByName takes "1" (0.0.0.1), "127.1", "1.2.3", brackets, and reads "0177.0.0.1" as
 * 177.0.0.1, which is 127.0.0.1 to the C library. Two programs that disagree about the host behind a text are a hole in every access list
 * between them. And a text that is meant as an address and is not one must not go to a resolver: it asks the search domain for a host
 * called "1.2.3.256", and that name can belong to anybody.
 *
 * The strategy. IPv4 is four decimal numbers, 0 to 255, without leading zeros. IPv6 is the text of RFC 4291 section 2.2, the last two
 * groups possibly as IPv4, then possibly a zone. No brackets, no port: those belong to URLs. All else with a colon or a bracket is
 * refused, and so is whatever has a last label that is a number, decimal or hexadecimal: no top-level domain is numeric (RFC 3696 section
 * 2), and browsers draw the same line (WHATWG URL, "ends in a number"). What is left is a name. So the three sets are disjoint, and which
 * one a text belongs to can be seen from the text.
 *
 * Zones. "%eth0" is the name of an interface, "%2" its number. The only thing here that is not in the text is which interfaces there are:
 * the system is asked, without any traffic. A zone that is not there is an error that names it, not an unknown host.
 *
 * What the JVM does to it: "::ffff:1.2.3.4" becomes an Inet4Address, as everywhere in the JDK, so it is tried over IPv4 and written
 * 1.2.3.4. A flow label cannot be expressed.
 */

/** IP addresses as text (spec IO-K6, IO-K8). */
public final class IpLiteral {
  private static final int IPV6_GROUPS = 8;

  private IpLiteral() {}

  /**
   * Reads an IP address.
   *
   * @param host a name or an address, IPv6 without brackets
   * @return null when it is a name, valid or not
   * @throws IllegalArgumentException when it is no address and cannot be a name either; says why,
   *     and what to write instead
   */
  public static @Nullable InetAddress parse(String host) {
    if (host.indexOf('[') >= 0 || host.indexOf(']') >= 0) {
      throw refused(host, "brackets belong to URLs; write an IPv6 address without them, like ::1");
    }
    if (host.indexOf(':') >= 0) {
      return ipv6(host);
    }
    return endsInNumber(host) ? address(ipv4(host, host)) : null;
  }

  /** No host name does (see the essay). One dot at the end is not looked at: "1.2.3.4." does. */
  static boolean endsInNumber(String host) {
    int end = host.endsWith(".") ? host.length() - 1 : host.length();
    String last = host.substring(host.lastIndexOf('.', end - 1) + 1, end);
    return !last.isEmpty()
        && (last.chars().allMatch(IpLiteral::isDigit)
            || last.toLowerCase(Locale.ROOT).matches("0x[0-9a-f]*"));
  }

  /** Reads {@code text}, which is the whole host or the end of it. */
  private static byte[] ipv4(String host, String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw refused(
          host,
          text.endsWith(".")
              ? "an IPv4 address has no dot at its end"
              : "an IPv4 address is four numbers, like 127.0.0.1, and a host name does not end in a"
                  + " number");
    }
    byte[] octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      octets[i] = octet(host, parts[i]);
    }
    return octets;
  }

  private static byte octet(String host, String part) {
    if (part.isEmpty()) {
      throw refused(host, "one of the four numbers of the IPv4 address is missing");
    }
    if (!part.chars().allMatch(IpLiteral::isDigit)) {
      throw refused(
          host,
          Quoted.of(part) + " is no decimal number, and a host name does not end in a number");
    }
    if (part.length() > 1 && part.charAt(0) == '0') {
      throw refused(
          host,
          Quoted.of(part)
              + " is octal to some programs and decimal to others; write it without leading zeros");
    }
    int value = part.length() <= 3 ? Integer.parseInt(part) : Integer.MAX_VALUE;
    if (value > 255) {
      throw refused(host, Quoted.of(part) + " is more than 255");
    }
    return (byte) value;
  }

  private static InetAddress ipv6(String host) {
    int percent = host.indexOf('%');
    byte[] bytes = groups(host, percent < 0 ? host : host.substring(0, percent));
    InetAddress address = address(bytes);
    if (percent < 0) {
      return address;
    }
    if (address instanceof Inet4Address) {
      throw refused(host, "an IPv4 address has no zone");
    }
    try {
      return Inet6Address.getByAddress(null, bytes, zone(host, host.substring(percent + 1)));
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // thrown for other lengths only
    }
  }

  /** The number of an interface that exists. */
  private static int zone(String host, String zone) {
    if (zone.isEmpty()) {
      throw refused(host, "the zone behind % is missing; write the name of an interface, like %lo");
    }
    NetworkInterface found;
    try {
      // Ten digits are the most that an int has; more are no number of an interface.
      boolean number = zone.length() < 10 && zone.chars().allMatch(IpLiteral::isDigit);
      found =
          number
              ? NetworkInterface.getByIndex(Integer.parseInt(zone))
              : NetworkInterface.getByName(zone);
    } catch (SocketException e) {
      throw new IllegalArgumentException(
          message(host, "the system does not know the zone " + Quoted.of(zone)), e);
    }
    if (found == null) {
      throw refused(host, "this machine has no network interface " + Quoted.of(zone));
    }
    return found.getIndex();
  }

  /** RFC 4291 section 2.2: groups, of which "::" stands for one or more that are zero. */
  private static byte[] groups(String host, String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      throw refused(
          host,
          text.contains(":::") ? "three colons in a row" : "\"::\" may stand there once only");
    }
    List<Integer> head = new ArrayList<>();
    List<Integer> tail = new ArrayList<>();
    if (gap < 0) {
      addGroups(host, text, head, true);
    } else {
      addGroups(host, text.substring(0, gap), head, false);
      addGroups(host, text.substring(gap + 2), tail, true);
    }
    int count = head.size() + tail.size();
    if (gap < 0 ? count != IPV6_GROUPS : count >= IPV6_GROUPS) {
      throw refused(
          host,
          "an IPv6 address has eight groups, this one has "
              + count
              + (gap < 0 ? "" : " and a gap"));
    }
    byte[] bytes = new byte[2 * IPV6_GROUPS];
    for (int i = 0; i < head.size(); i++) {
      put(bytes, i, head.get(i));
    }
    for (int i = 0; i < tail.size(); i++) {
      put(bytes, IPV6_GROUPS - tail.size() + i, tail.get(i));
    }
    return bytes;
  }

  private static void put(byte[] bytes, int group, int value) {
    bytes[2 * group] = (byte) (value >> 8);
    bytes[2 * group + 1] = (byte) value;
  }

  private static void addGroups(String host, String text, List<Integer> groups, boolean isEnd) {
    if (text.isEmpty()) {
      return;
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (isEnd && i == parts.length - 1 && part.indexOf('.') >= 0) {
        byte[] octets = ipv4(host, part);
        groups.add(unsigned(octets[0], octets[1]));
        groups.add(unsigned(octets[2], octets[3]));
      } else {
        groups.add(group(host, part));
      }
    }
  }

  private static int group(String host, String part) {
    if (part.isEmpty()) {
      throw refused(host, "a group of the IPv6 address is missing");
    }
    if (part.length() > 4 || !part.chars().allMatch(IpLiteral::isHexDigit)) {
      throw refused(
          host,
          Quoted.of(part)
              + " is no group of an IPv6 address, which is one to four hexadecimal digits"
              + (host.indexOf(':') == host.lastIndexOf(':')
                  ? "; if the colon is meant to begin a port, the port is an argument of its own"
                  : ""));
    }
    return Integer.parseInt(part, 16);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // thrown for other lengths only
    }
  }

  private static int unsigned(byte high, byte low) {
    return ((high & 0xff) << 8) | (low & 0xff);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isHexDigit(int c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  private static IllegalArgumentException refused(String host, String why) {
    return new IllegalArgumentException(message(host, why));
  }

  private static String message(String host, String why) {
    return "neither an IP address nor a host name: " + Quoted.of(host) + ": " + why;
  }
}
