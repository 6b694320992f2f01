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

  /**
   * A name as DNS has it for addresses, of which a network's are a domain (RFC 1035), but with the
   * eight groups of an IPv6 address: by nibbles (RFC 3596) a /20 would be as deep as one host.
   */
  static String reverseName(InetAddress address) {
    byte[] bytes = address.getAddress();
    StringBuilder name = new StringBuilder();
    if (bytes.length == 4) {
      for (int i = 3; i >= 0; i--) {
        name.append(bytes[i] & 0xff).append('.');
      }
      return name.append("in-addr.arpa").toString();
    }
    for (int i = 14; i >= 0; i -= 2) {
      int group = ((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff);
      name.append(Integer.toHexString(group)).append('.');
    }
    return name.append("ip6.arpa").toString();
  }
}
