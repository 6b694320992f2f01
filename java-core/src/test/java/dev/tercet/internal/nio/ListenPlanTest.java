package dev.tercet.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressText;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which listeners are opened, with an opener that opens nothing. */
class ListenPlanTest {
  private final List<String> open = new ArrayList<>();

  private List<String> plan(List<String> hosts, Set<ProtocolFamily> missing) throws IOException {
    return ListenPlan.open(addresses(hosts), 80, opener(missing, null), open::remove);
  }

  private static List<InetAddress> addresses(List<String> literals) throws IOException {
    List<InetAddress> addresses = new ArrayList<>();
    for (String literal : literals) {
      addresses.add(InetAddress.getByName(literal));
    }
    return addresses;
  }

  private ListenPlan.Opener<String> opener(
      Set<ProtocolFamily> missing, @Nullable IOException third) {
    return (family, local) -> {
      if (missing.contains(family)) {
        throw new UnsupportedOperationException("Protocol family not supported");
      }
      // The port is what is wrong, and not the address.
      if (third != null && open.size() == 2 && local.getPort() != 0) {
        throw third;
      }
      open.add(AddressText.of(local));
      return AddressText.of(local);
    };
  }

  @ParameterizedTest
  @DisplayName(
      "IO-TL8 of both families those that this system has are opened; with none it says so")
  @CsvSource({
    "INET+INET6, '', 127.0.0.1:80 [::1]:80",
    "INET+INET6, INET, [::1]:80",
    "INET+INET6, INET6, 127.0.0.1:80",
    "INET+INET6, INET+INET6, none",
    "INET, '', 127.0.0.1:80",
    "INET, INET6, 127.0.0.1:80",
    "INET, INET, none",
    "INET6, '', [::1]:80",
    "INET6, INET6, none"
  })
  void families(String asked, String missing, String expected) throws IOException {
    List<String> hosts = new ArrayList<>();
    if (asked.matches("INET(\\+.*)?")) {
      hosts.add("127.0.0.1");
    }
    if (asked.contains("INET6")) {
      hosts.add("::1");
    }
    Set<ProtocolFamily> absent =
        switch (missing) {
          case "" -> Set.of();
          case "INET" -> Set.of(StandardProtocolFamily.INET);
          case "INET6" -> Set.of(StandardProtocolFamily.INET6);
          default -> Set.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6);
        };
    if (expected.equals("none")) {
      SocketException e = assertThrows(SocketException.class, () -> plan(hosts, absent));
      assertTrue(
          String.valueOf(e.getMessage()).contains("doesn't support any of the kinds of socket"));
      assertEquals(hosts.size(), e.getSuppressed().length);
    } else {
      assertEquals(expected, String.join(" ", plan(hosts, absent)));
    }
  }

  @Test
  @DisplayName("IO-TL3 no host is the IPv6 wildcard, or that of IPv4 where there is no IPv6")
  void wildcard() throws IOException {
    List<ProtocolFamily> tried = new ArrayList<>();
    ListenPlan.Opener<String> noIpv6 =
        (family, local) -> {
          tried.add(family);
          assertTrue(local.getAddress().isAnyLocalAddress());
          if (family == StandardProtocolFamily.INET6) {
            throw new UnsupportedOperationException();
          }
          return "v4";
        };
    assertEquals(List.of("v4"), ListenPlan.open(null, 0, noIpv6, open::remove));
    assertEquals(List.of(StandardProtocolFamily.INET6, StandardProtocolFamily.INET), tried);
    assertEquals(
        List.of("both"), ListenPlan.open(null, 0, (family, local) -> "both", open::remove));
  }

  @Test
  @DisplayName("IO-TL8 any other failure closes what was opened and comes out, naming the address")
  void failure() throws IOException {
    IOException plain = new IOException("plain");
    List<InetAddress> three = addresses(List.of("127.0.0.1", "127.0.0.2", "127.0.0.3"));
    IOException named =
        assertThrows(
            IOException.class,
            () -> ListenPlan.open(three, 80, opener(Set.of(), plain), open::remove));
    assertEquals("cannot listen on 127.0.0.3:80: plain", named.getMessage());
    assertSame(plain, named.getCause());
    assertEquals(List.of(), open);
    BindException taken = new BindException("Address already in use");
    BindException e =
        assertThrows(
            BindException.class,
            () -> ListenPlan.open(three, 80, opener(Set.of(), taken), open::remove));
    assertEquals("cannot listen on 127.0.0.3:80: Address already in use", e.getMessage());
    assertSame(taken, e.getCause());
    assertEquals(List.of(), open);
  }

  @Test
  @DisplayName("IO-TL8 an address that this machine does not have is skipped, but not the last one")
  void notThere() throws IOException {
    for (int port : List.of(0, 80)) {
      BindException absent =
          new BindException("Die angeforderte Adresse kann nicht zugewiesen werden");
      ListenPlan.Opener<String> noLoopback6 =
          (family, local) -> {
            if (family == StandardProtocolFamily.INET6) {
              throw absent;
            }
            return opener(Set.of(), null).open(family, local);
          };
      List<InetAddress> localhost = addresses(List.of("::1", "127.0.0.1"));
      assertEquals(
          List.of("127.0.0.1:" + port),
          ListenPlan.open(localhost, port, noLoopback6, open::remove));
      BindException e =
          assertThrows(
              BindException.class,
              () ->
                  ListenPlan.open(
                      addresses(List.of("::1", "::2")), port, noLoopback6, open::remove));
      assertSame(absent, e.getCause());
    }
  }

  @ParameterizedTest
  @DisplayName("addresses are written as people write them (RFC 5952)")
  @CsvSource({
    "127.0.0.1, 127.0.0.1:7",
    "::1, [::1]:7",
    "::, [::]:7",
    "fe80::1, [fe80::1]:7",
    "2001:db8::, [2001:db8::]:7",
    "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:7",
    "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:7",
    "1:0:0:2:3:0:0:4, [1::2:3:0:0:4]:7"
  })
  void text(String ip, String expected) throws IOException {
    assertEquals(expected, AddressText.of(new InetSocketAddress(InetAddress.getByName(ip), 7)));
  }
}
