package dev.tercet.internal.names;

import dev.tercet.AddressText;
import dev.tercet.NameInfo;
import dev.tercet.Resolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What is asked for {@code getnameinfo} and {@code getprotobyname}, and what the answers mean. */
public final class NameQuestions {
  private NameQuestions() {}

  /** Checks that an address is one, and not a name (spec IO-K10). */
  public static InetAddress requireNumeric(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      throw new IllegalArgumentException(
          "getnameinfo takes an address, not a name: " + Quoted.of(address.getHostString()));
    }
    return ip;
  }

  /**
   * Asks for the name of a host.
   *
   * @param address of the host, resolved
   * @return null for none
   */
  public static Reply<@Nullable String> hostName(Resolver resolver, InetSocketAddress address) {
    InetAddress ip = requireNumeric(address);
    return Reply.to("looking up the name of " + AddressText.of(ip), () -> resolver.reverse(ip));
  }

  /** Asks for the names of services. */
  public static Reply<NameTable> services() {
    return Reply.to("reading the names of services", SystemTable.SERVICES::table);
  }

  /**
   * Puts the answers together.
   *
   * @param hostName of the host, null when it has none
   * @return names; numbers where there is no name
   */
  public static NameInfo nameInfo(
      InetSocketAddress address, @Nullable String hostName, NameTable services) {
    String service = services.name(address.getPort() + "/tcp");
    return new NameInfo(
        hostName == null || hostName.isEmpty() ? AddressText.of(address.getAddress()) : hostName,
        service == null ? Integer.toString(address.getPort()) : service);
  }

  /**
   * Checks the name of a protocol.
   *
   * @return the same
   * @throws IllegalArgumentException when no line of a table can have it
   */
  public static String requireProtocolName(String name) {
    if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '#')) {
      throw new IllegalArgumentException("no protocol can have the name " + Quoted.of(name));
    }
    return name;
  }

  /** Asks for the numbers of protocols. */
  public static Reply<NameTable> protocols() {
    return Reply.to("reading the numbers of protocols", SystemTable.PROTOCOLS::table);
  }

  /**
   * Looks a protocol up.
   *
   * @throws IOException when there is none
   */
  public static int protocol(NameTable protocols, String name) throws IOException {
    Integer number = protocols.number(name);
    if (number == null) {
      throw new IOException(
          "no protocol is called "
              + Quoted.of(name)
              + " in /etc/protocols or by IANA's usual names");
    }
    return number;
  }
}
