package dev.tercet.internal.names;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's resolver, which blocks and cannot be interrupted, on {@link ResolverThreads}. The
 * answer is the JDK's, with its cache and in its order; it is asked once for both families (spec
 * IO-K9).
 */
public final class SystemResolver implements Resolver {
  /** The resolver of every real network. */
  public static final Resolver INSTANCE =
      new SystemResolver(
          new ResolverThreads(),
          (host, family) -> List.of(InetAddress.getAllByName(host)),
          SystemResolver::canonicalName);

  private final ResolverThreads threads;
  private final Lookup forward;
  private final Reverse reverse;

  /** A reverse lookup that blocks. */
  @FunctionalInterface
  interface Reverse {
    /** The name, null when there is none. */
    @Nullable String nameOf(InetAddress address) throws IOException;
  }

  /** Equal for equal questions. */
  private record Question(boolean isReverse, String name) {}

  SystemResolver(ResolverThreads threads, Lookup forward, Reverse reverse) {
    this.threads = threads;
    this.forward = forward;
    this.reverse = reverse;
  }

  @Override
  public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
    return threads.run(
        new Question(false, host.toLowerCase(Locale.ROOT)),
        host,
        () -> forward.lookup(host, AddressFamily.ANY),
        all -> all.stream().filter(address -> isOf(family, address)).toList());
  }

  @Override
  public CompletionStage<@Nullable String> reverse(InetAddress address) {
    String name = reverseName(address);
    return threads.<@Nullable String, @Nullable String>run(
        new Question(true, name), name, () -> reverse.nameOf(address), found -> found);
  }

  static boolean isOf(AddressFamily family, InetAddress address) {
    return switch (family) {
      case ANY -> true;
      case IPV4 -> address instanceof Inet4Address;
      case IPV6 -> address instanceof Inet6Address;
    };
  }

  /**
   * The JDK asks for the name, and then whether the name has the address: anybody can call his
   * addresses as he likes. Failures and a name without the address are both no name.
   */
  private static @Nullable String canonicalName(InetAddress address) throws IOException {
    // Without the name that the caller's object may have in it.
    InetAddress bare = InetAddress.getByAddress(address.getAddress());
    String name = bare.getCanonicalHostName();
    return name.equals(bare.getHostAddress()) ? null : name;
  }

  /** The name that DNS asks for, of which a network's names are a domain (RFC 1035, RFC 3596). */
  static String reverseName(InetAddress address) {
    byte[] bytes = address.getAddress();
    StringBuilder name = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes.length == 4) {
        name.append(bytes[i] & 0xff).append('.');
      } else {
        name.append(Integer.toHexString(bytes[i] & 0xf)).append('.');
        name.append(Integer.toHexString((bytes[i] >> 4) & 0xf)).append('.');
      }
    }
    return name.append(bytes.length == 4 ? "in-addr.arpa" : "ip6.arpa").toString();
  }
}
