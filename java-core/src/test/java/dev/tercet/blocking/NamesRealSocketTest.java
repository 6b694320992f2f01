package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import dev.tercet.NameInfo;
import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The blocking functions that take names. No packet is sent. */
@Timeout(60)
class NamesRealSocketTest {
  private static final List<String> NOT_HOSTS =
      List.of(
          " ",
          "a b",
          "::1%nosuch",
          "0177.0.0.1",
          "127.1",
          "1",
          "1.2.3.256",
          "[::1",
          "[::1]",
          "1::2::3",
          "fa\u00df.de",
          "a..b",
          "a\nb",
          "a".repeat(300),
          "\u00f6".repeat(300));

  /** Knows all names, and writes down who asks for what. */
  private static class Recording implements Resolver {
    final List<String> questions = new CopyOnWriteArrayList<>();
    private final List<InetAddress> answer = new ArrayList<>();

    Recording(String... addresses) throws IOException {
      for (String address : addresses) {
        answer.add(InetAddress.getByName(address));
      }
    }

    @Override
    public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
      questions.add(host + " " + family);
      return CompletableFuture.completedFuture(answer);
    }

    @Override
    public CompletionStage<@Nullable String> reverse(InetAddress address) {
      questions.add(address.getHostAddress());
      return CompletableFuture.completedFuture("named.example");
    }
  }

  private static final Resolver REFUSING =
      (host, family) -> {
        throw new AssertionError("asked for " + host);
      };

  private static Network on(Resolver resolver) {
    return EventLoop.shared().network().withResolver(resolver);
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(address, port);
  }

  @Test
  @DisplayName(
      "IO-K7 IO-X1 getaddrinfo asks the network's resolver, in ASCII, and keeps its order (KIT-N3)")
  void getaddrinfo() throws Exception {
    Recording resolver = new Recording("192.0.2.1", "2001:db8::1", "192.0.2.1");
    assertEquals(
        List.of(at("192.0.2.1", 80), at("2001:db8::1", 80)),
        Net.getaddrinfo("f\u00f6\u00f6.example", 80, on(resolver)));
    assertEquals(List.of("xn--f-1gaa.example ANY"), resolver.questions);
  }

  @Test
  @DisplayName("IO-K7 KIT-N2 getaddrinfo reads a literal without asking; no host is this machine")
  void literals() throws Exception {
    assertEquals(List.of(at("127.0.0.1", 0)), Net.getaddrinfo("127.0.0.1", 0, on(REFUSING)));
    assertEquals(
        List.of(at("192.0.2.1", 65_535)),
        Net.getaddrinfo("::ffff:192.0.2.1", 65_535, on(REFUSING)));
    for (String none : new @Nullable String[] {null, ""}) {
      assertEquals(
          List.of(at("::1", 7), at("127.0.0.1", 7)), Net.getaddrinfo(none, 7, on(REFUSING)));
    }
    assertEquals(List.of(at("::1", 7)), Net.getaddrinfo("::1", 7));
  }

  @Test
  @DisplayName(
      "IO-K8 IO-E7 what is neither a name nor a literal, and bad ports, are refused before anybody is asked")
  void badInput() throws Exception {
    Network network = on(REFUSING);
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET6, network)) {
      for (String host : NOT_HOSTS) {
        refused(() -> Net.getaddrinfo(host, 80, network));
        refused(() -> Net.openTcpStream(host, 80, ConnectOptions.DEFAULT.withNetwork(network)));
        refused(() -> ConnectOptions.DEFAULT.withLocalAddress(host));
        refused(() -> ListenOptions.DEFAULT.withHost(host));
        refused(() -> socket.resolveLocalAddress(host, 80));
        refused(() -> socket.resolveRemoteAddress(host, 80));
      }
      for (int port : new int[] {-1, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        refused(() -> Net.getaddrinfo("test.example", port, network));
        refused(() -> socket.resolveLocalAddress("test.example", port));
        refused(() -> socket.resolveRemoteAddress(null, port));
      }
    }
    for (String protocol : List.of("", " ", "t cp", "tcp\n", "#", "\u00e4")) {
      refused(() -> Net.getprotobyname(protocol));
    }
    refused(() -> Net.getnameinfo(InetSocketAddress.createUnresolved("test.example", 80)));
  }

  private static void refused(org.junit.jupiter.api.function.Executable body) {
    assertThrows(IllegalArgumentException.class, body);
  }

  @Test
  @DisplayName(
      "IO-K6 an IPv4 socket gets IPv4, a dual-stack one IPv6 if there is one; no host is all addresses or this machine")
  void resolveAddresses() throws Exception {
    Recording both = new Recording("192.0.2.1", "2001:db8::1");
    Recording old = new Recording("192.0.2.1");
    try (StreamSocket four = StreamSocket.open(StandardProtocolFamily.INET, on(both));
        StreamSocket six = StreamSocket.open(StandardProtocolFamily.INET6, on(both));
        StreamSocket sixOnOld = StreamSocket.open(StandardProtocolFamily.INET6, on(old))) {
      assertEquals(at("192.0.2.1", 80), four.resolveRemoteAddress("test.example", 80));
      assertEquals(at("2001:db8::1", 0), six.resolveLocalAddress("test.example", 0));
      assertEquals(at("192.0.2.1", 80), sixOnOld.resolveRemoteAddress("test.example", 80));
      assertEquals(List.of("test.example IPV4", "test.example ANY"), both.questions);
      for (String none : new @Nullable String[] {null, ""}) {
        assertEquals(at("0.0.0.0", 80), four.resolveLocalAddress(none, 80));
        assertEquals(at("127.0.0.1", 80), four.resolveRemoteAddress(none, 80));
        assertEquals(at("::", 80), six.resolveLocalAddress(none, 80));
        assertEquals(at("::1", 80), six.resolveRemoteAddress(none, 80));
      }
      for (StreamSocket socket : List.of(four, six)) {
        assertEquals(at("255.255.255.255", 9), socket.resolveRemoteAddress("<broadcast>", 9));
        assertEquals(at("255.255.255.255", 9), socket.resolveLocalAddress("<broadcast>", 9));
        assertEquals(at("192.0.2.7", 9), socket.resolveRemoteAddress("192.0.2.7", 9));
      }
      assertEquals(2, both.questions.size(), "nobody was asked for these");
      refused(() -> four.resolveRemoteAddress("::1", 80));
      assertEquals(at("2001:db8::7", 9), six.resolveRemoteAddress("2001:db8::7", 9));
      assertNull(four.localAddress(), "the socket is not touched");
    }
    Recording onlySix = new Recording("2001:db8::1");
    try (StreamSocket four = StreamSocket.open(StandardProtocolFamily.INET, on(onlySix))) {
      assertThrows(UnknownHostException.class, () -> four.resolveRemoteAddress("test.example", 80));
    }
  }

  @Test
  @DisplayName("IO-K6 a Unix socket has no hosts and ports")
  void unix() throws Exception {
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.UNIX)) {
      assertThrows(
          UnsupportedOperationException.class, () -> socket.resolveLocalAddress("::1", 80));
      assertThrows(
          UnsupportedOperationException.class, () -> socket.resolveRemoteAddress(null, 80));
    }
  }

  @Test
  @DisplayName("IO-X1 KIT-N1 a resolver counts for its network only; two at once do not mix")
  void twoNetworks() throws Exception {
    Network shared = EventLoop.shared().network();
    Resolver systems = shared.resolver();
    Recording one = new Recording("192.0.2.1");
    Recording two = new Recording("192.0.2.2");
    Network first = shared.withResolver(one);
    Network second = first.withResolver(two);
    Other beside =
        RealSockets.beside(
            () -> {
              for (int i = 0; i < 100; i++) {
                assertEquals(
                    List.of(at("192.0.2.2", 1)), Net.getaddrinfo("test.example", 1, second));
              }
            });
    for (int i = 0; i < 100; i++) {
      assertEquals(List.of(at("192.0.2.1", 1)), Net.getaddrinfo("test.example", 1, first));
    }
    assertNull(beside.end());
    assertEquals(100, one.questions.size());
    assertEquals(100, two.questions.size());
    assertSame(systems, shared.resolver());
    assertSame(systems, EventLoop.shared().network().resolver());
    assertSame(one, first.resolver());
  }

  @Test
  @DisplayName("IO-X1 connecting, listening and local addresses ask the network's resolver")
  void highLevelCalls() throws Exception {
    Recording nobody = new Recording();
    ConnectOptions options = ConnectOptions.DEFAULT.withNetwork(on(nobody));
    assertThrows(UnknownHostException.class, () -> Net.openTcpStream("a.example", 80, options));
    assertThrows(
        UnknownHostException.class,
        () -> Net.openTcpStream("127.0.0.1", 80, options.withLocalAddress("b.example")));
    assertThrows(
        UnknownHostException.class,
        () ->
            Net.openTcpListeners(
                0, ListenOptions.DEFAULT.withNetwork(on(nobody)).withHost("c.example")));
    assertEquals(List.of("a.example ANY", "b.example ANY", "c.example ANY"), nobody.questions);
  }

  @Test
  @DisplayName(
      "IO-K10 getnameinfo asks the network's resolver for the host, and the table for the service")
  void getnameinfo() throws Exception {
    Recording resolver = new Recording();
    assertEquals(
        new NameInfo("named.example", "https"),
        Net.getnameinfo(at("192.0.2.1", 443), on(resolver)));
    assertEquals(List.of("192.0.2.1"), resolver.questions);
    // A resolver of one's own that knows no names does not make us ask the real DNS.
    assertEquals("2001:db8::1", Net.getnameinfo(at("2001:db8:0::1", 80), on(REFUSING)).host());
    assertEquals(
        new NameInfo("192.0.2.1", "64999"), Net.getnameinfo(at("192.0.2.1", 64_999), on(REFUSING)));
    IOException failure = new IOException("mine");
    Resolver failing =
        new Recording() {
          @Override
          public CompletionStage<@Nullable String> reverse(InetAddress address) {
            return CompletableFuture.failedFuture(failure);
          }
        };
    assertSame(
        failure,
        assertThrows(IOException.class, () -> Net.getnameinfo(at("192.0.2.1", 80), on(failing))));
  }

  @Test
  @DisplayName("IO-K11 getprotobyname knows tcp and udp, and says which protocol it does not know")
  void getprotobyname() throws Exception {
    assertEquals(6, Net.getprotobyname("tcp"));
    assertEquals(17, Net.getprotobyname("udp"));
    IOException unknown = assertThrows(IOException.class, () -> Net.getprotobyname("nosuch"));
    assertTrue(String.valueOf(unknown.getMessage()).contains("\"nosuch\""));
  }

  @Test
  @DisplayName("IO-C3 a lookup that never ends can be interrupted, or left by a scope")
  void neverAnswered() throws Exception {
    Resolver silent =
        new Recording() {
          @Override
          public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
            return new CompletableFuture<>();
          }

          @Override
          public CompletionStage<@Nullable String> reverse(InetAddress address) {
            return new CompletableFuture<>();
          }
        };
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET6, on(silent))) {
      for (RealSockets.Body body :
          List.<RealSockets.Body>of(
              () -> Net.getaddrinfo("test.example", 80, on(silent)),
              () -> Net.getnameinfo(at("192.0.2.1", 80), on(silent)),
              () -> socket.resolveRemoteAddress("test.example", 80))) {
        Other other = RealSockets.beside(body);
        other.interrupt();
        assertInstanceOf(InterruptedException.class, other.end());
      }
      CancelScope scope = CancelScope.open();
      scope.cancel();
      assertTrue(scope.run(() -> socket.resolveLocalAddress("::1", 80)), "checked on entry");
    }
  }

  @Test
  @DisplayName("on an event loop's thread the functions that wait are refused")
  void onLoop() throws Exception {
    for (RealSockets.Body body :
        List.<RealSockets.Body>of(
            () -> Net.getaddrinfo("::1", 80),
            () -> Net.getnameinfo(at("192.0.2.1", 80)),
            () -> Net.getprotobyname("tcp"))) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      EventLoop.shared()
          .executor()
          .execute(
              () -> {
                try {
                  body.run();
                  thrown.complete(new AssertionError("it was not refused"));
                } catch (Throwable e) {
                  thrown.complete(e);
                }
              });
      assertInstanceOf(IllegalStateException.class, thrown.get());
    }
  }

  @Test
  @DisplayName("IO-K7 the system's resolver knows localhost")
  void system() throws Exception {
    for (InetSocketAddress address : Net.getaddrinfo("localhost", 80)) {
      assertTrue(address.getAddress().isLoopbackAddress());
    }
  }
}
