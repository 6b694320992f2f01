package dev.tercet.testing.simulation;

import dev.tercet.AddressFamily;
import dev.tercet.AddressText;
import dev.tercet.internal.names.IpLiteral;
import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link NameTable} answers a lookup.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class NameAnswer {
  /** The answer for one family: addresses, or an error, or neither and never. */
  record Part(List<InetAddress> addresses, @Nullable IOException error, @Nullable Duration after) {}

  private final Part ipv6;
  private final Part ipv4;

  /** For both families together; the order of the addresses is kept. */
  private final @Nullable Part any;

  private NameAnswer(Part ipv6, Part ipv4, @Nullable Part any) {
    this.ipv6 = ipv6;
    this.ipv4 = ipv4;
    this.any = any;
  }

  /**
   * Addresses, at once.
   *
   * @param literals IP addresses, in the order in which they should be tried; none means that the
   *     name has none
   * @return the answer
   */
  public static NameAnswer of(String... literals) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String literal : literals) {
      addresses.add(ip(literal));
    }
    return of(new Part(List.copyOf(addresses), null, Duration.ZERO));
  }

  /**
   * A failure, at once.
   *
   * @param error what the lookup fails with
   * @return the answer
   */
  public static NameAnswer failure(IOException error) {
    return of(new Part(List.of(), error, Duration.ZERO));
  }

  /**
   * No answer, ever.
   *
   * @return the answer
   */
  public static NameAnswer never() {
    return of(new Part(List.of(), null, null));
  }

  /**
   * Different answers for the two families, which may come apart. A lookup for both families
   * together ends with the later answer, IPv6 first. A failure of one family counts only if the
   * other fails too.
   *
   * @param ipv6 of which the IPv6 addresses are taken
   * @param ipv4 of which the IPv4 addresses are taken
   * @return the answer
   */
  public static NameAnswer perFamily(NameAnswer ipv6, NameAnswer ipv4) {
    return new NameAnswer(ipv6.ipv6, ipv4.ipv4, null);
  }

  /**
   * The same answer later.
   *
   * @param delay so much later than it would have come
   * @return a new answer
   */
  public NameAnswer after(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "the delay must not be negative, but is " + Durations.text(delay));
    }
    return new NameAnswer(
        later(ipv6, delay), later(ipv4, delay), any == null ? null : later(any, delay));
  }

  /** What is said to somebody who asks for this family. */
  Part part(AddressFamily family) {
    return switch (family) {
      case IPV6 -> ipv6;
      case IPV4 -> ipv4;
      case ANY -> any == null ? both(ipv6, ipv4) : any;
    };
  }

  static InetAddress ip(String literal) {
    InetAddress address = IpLiteral.parse(literal);
    if (address == null) {
      throw new IllegalArgumentException("not an IP address: " + literal);
    }
    return address;
  }

  private static NameAnswer of(Part part) {
    return new NameAnswer(only(part, false), only(part, true), part);
  }

  private static Part only(Part part, boolean ipv4) {
    return new Part(
        part.addresses.stream().filter(a -> a instanceof Inet4Address == ipv4).toList(),
        part.error,
        part.after);
  }

  private static Part both(Part ipv6, Part ipv4) {
    if (ipv6.after == null || ipv4.after == null) {
      return new Part(List.of(), null, null);
    }
    Duration later = ipv6.after.compareTo(ipv4.after) < 0 ? ipv4.after : ipv6.after;
    List<InetAddress> addresses =
        Stream.concat(ipv6.addresses.stream(), ipv4.addresses.stream()).toList();
    boolean failed = ipv6.error != null && ipv4.error != null;
    return new Part(addresses, failed ? ipv6.error : null, later);
  }

  private static Part later(Part part, Duration delay) {
    return part.after == null ? part : new Part(part.addresses, part.error, part.after.plus(delay));
  }

  @Override
  public String toString() {
    return any == null ? "IPv6 " + text(ipv6) + ", IPv4 " + text(ipv4) : text(any);
  }

  static String text(Part part) {
    if (part.after == null) {
      return "never";
    }
    String what =
        part.error == null
            ? part.addresses.stream().map(AddressText::of).toList().toString()
            : String.valueOf(part.error);
    return part.after.isZero() ? what : what + " after " + Durations.text(part.after);
  }
}
