package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.eventually;
import static dev.tercet.blocking.RealSockets.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The blocking listeners and connects, over TCP. */
@Timeout(60)
class ListenAndConnectRealSocketTest {
  private static final ListenOptions V4 = ListenOptions.DEFAULT.withHost("127.0.0.1");

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  private static Network network(String... addresses) throws IOException {
    List<InetAddress> list = new ArrayList<>();
    for (String address : addresses) {
      list.add(InetAddress.getByName(address));
    }
    return withResolver(Resolver.fixed(Map.of("test.example", list)));
  }

  private static Network withResolver(Resolver resolver) {
    return EventLoop.shared().network().withResolver(resolver);
  }

  private static ConnectOptions on(Network network) {
    return ConnectOptions.DEFAULT.withNetwork(network);
  }

  private static SocketListener listen(int port) throws IOException, InterruptedException {
    return Net.openTcpListeners(port, V4).get(0);
  }

  private static long synSent(int port) throws IOException {
    long count = 0;
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        count +=
            Files.readAllLines(Path.of(table)).stream()
                .skip(1)
                .map(line -> line.trim().split(" +"))
                .filter(f -> f[2].endsWith(String.format(":%04X", port)) && f[3].equals("02"))
                .count();
      }
    }
    return count;
  }

  // ------------------------------------------------------------------------- listening

  @Test
  @DisplayName("IO-E7 IO-TL1 IO-TL7 IO-HE1 bad ports, hosts and backlogs are told before anything")
  void arguments() throws Exception {
    int before = RealSockets.open();
    for (int port : new int[] {-1, 65_536, 70_000}) {
      assertThrows(IllegalArgumentException.class, () -> Net.openTcpListeners(port));
      assertThrows(IllegalArgumentException.class, () -> Net.serveTcp(port, stream -> {}));
      assertThrows(IllegalArgumentException.class, () -> Net.openTcpStream("127.0.0.1", port));
    }
    assertThrows(IllegalArgumentException.class, () -> Net.openTcpStream("127.0.0.1", 0));
    for (String host : List.of("", " ")) {
      assertThrows(IllegalArgumentException.class, () -> ListenOptions.DEFAULT.withHost(host));
      assertThrows(IllegalArgumentException.class, () -> Net.openTcpStream(host, 80));
      assertThrows(
          IllegalArgumentException.class, () -> ConnectOptions.DEFAULT.withLocalAddress(host));
    }
    for (int backlog : new int[] {0, -1}) {
      assertThrows(IllegalArgumentException.class, () -> V4.withBacklog(backlog));
    }
    try (ListenerSocket socket = ListenerSocket.open(StandardProtocolFamily.INET)) {
      InetSocketAddress any = new InetSocketAddress(0);
      assertThrows(IllegalArgumentException.class, () -> socket.bind(any, 0));
      assertThrows(IllegalArgumentException.class, () -> SocketListener.wrap(socket));
      assertThrows(IllegalStateException.class, socket::accept);
    }
    assertEquals(before, RealSockets.open());
  }

  @Test
  @DisplayName("IO-TL3 IO-SL2 IO-SS2 no host is one listener for IPv4 and IPv6")
  void dualStack() throws Exception {
    try (SocketListener listener = Net.openTcpListeners(0).get(0)) {
      for (String host : List.of("127.0.0.1", "::1")) {
        try (SocketStream client = Net.openTcpStream(host, listener.port());
            SocketStream server = listener.accept()) {
          assertEquals(client.localAddress(), server.remoteAddress());
          assertEquals(client.remoteAddress(), server.localAddress());
          InetAddress peer = ((InetSocketAddress) server.remoteAddress()).getAddress();
          assertEquals(host.equals("127.0.0.1"), peer instanceof Inet4Address);
          assertEquals(true, server.getOption(StandardSocketOptions.TCP_NODELAY));
        }
      }
    }
  }

  @Test
  @DisplayName("IO-TL8 IO-TL11 a listener per address, each once; if one fails none is left")
  void severalAddresses() throws Exception {
    int before = RealSockets.open();
    ListenOptions named = ListenOptions.DEFAULT.withHost("test.example");
    List<SocketListener> listeners =
        Net.openTcpListeners(0, named.withNetwork(network("127.0.0.1", "::1", "127.0.0.1")));
    assertEquals(2, listeners.size());
    listeners.forEach(SocketListener::close);
    // An address that this machine does not have is skipped, but not the only one.
    listeners =
        Net.openTcpListeners(0, named.withNetwork(network("198.51.100.1", "127.0.0.1", "::1")));
    assertEquals(2, listeners.size());
    listeners.forEach(SocketListener::close);
    BindException e =
        assertThrows(
            BindException.class,
            () ->
                Net.openTcpListeners(0, named.withNetwork(network("198.51.100.1", "203.0.113.1"))));
    assertTrue(String.valueOf(e.getMessage()).contains("203.0.113.1"), e.getMessage());
    try (SocketListener taken =
        Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost("::1")).get(0)) {
      BindException inUse =
          assertThrows(
              BindException.class,
              () ->
                  Net.openTcpListeners(
                      taken.port(), named.withNetwork(network("127.0.0.1", "::1"))));
      assertTrue(String.valueOf(inUse.getMessage()).contains("[::1]"), inUse.getMessage());
    }
    assertEquals(before, RealSockets.open());
  }

  @Test
  @DisplayName("IO-TL5 IO-TL6 IO-TL10 options before bind; a taken port names itself; rebinding")
  void rebind() throws Exception {
    ListenOptions small = V4.withSocketOption(StandardSocketOptions.SO_RCVBUF, 8192);
    int port;
    try (SocketListener first = Net.openTcpListeners(0, small).get(0)) {
      port = first.port();
      assertEquals(true, first.socket().getOption(StandardSocketOptions.SO_REUSEADDR));
      Integer buffer = first.socket().getOption(StandardSocketOptions.SO_RCVBUF);
      assertTrue(buffer != null && buffer <= 16_384, "" + buffer);
      BindException e = assertThrows(BindException.class, () -> listen(port));
      assertTrue(String.valueOf(e.getMessage()).contains("127.0.0.1:" + port), e.getMessage());
    }
    SocketListener second = listen(port);
    try (SocketStream client = Net.openTcpStream("127.0.0.1", port);
        SocketStream standing = second.accept()) {
      SocketStream other = Net.openTcpStream("127.0.0.1", port);
      second.accept().close();
      assertNull(text(other));
      other.close();
      second.close();
      try (SocketListener third = listen(port)) {
        client.sendAll(bytes("still"));
        assertEquals("still", text(standing));
        assertEquals(port, third.port());
      }
    }
    ListenOptions shared = V4.withSocketOption(StandardSocketOptions.SO_REUSEPORT, true);
    try (SocketListener one = Net.openTcpListeners(0, shared).get(0)) {
      Net.openTcpListeners(one.port(), shared).get(0).close();
    }
  }

  @Test
  @DisplayName(
      "IO-SL4 IO-SL5 IO-L1 IO-C2 IO-C6 accept: Busy, Closed, interrupts; no connection is lost")
  void accept() throws Exception {
    SocketListener listener = listen(0);
    for (int i = 0; i < 20; i++) {
      Other accepting = beside(listener::accept);
      assertThrows(BusyResourceException.class, listener::accept);
      accepting.interrupt();
      assertInstanceOf(InterruptedException.class, accepting.end());
    }
    try (SocketStream client = Net.openTcpStream("127.0.0.1", listener.port())) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, listener::accept);
      CancelScope.moveOnAfter(Duration.ZERO)
          .run(() -> assertThrows(CancelledException.class, listener::accept));
      try (SocketStream server = listener.accept()) {
        assertEquals(client.localAddress(), server.remoteAddress());
      }
    }
    Other accepting = beside(listener::accept);
    listener.close();
    assertInstanceOf(ClosedResourceException.class, accepting.end());
    assertThrows(ClosedResourceException.class, listener::accept);
    listener.close();
    SocketListener underfoot = listen(0);
    underfoot.socket().closeForcefully();
    assertThrows(ClosedResourceException.class, underfoot::accept);
  }

  @Test
  @DisplayName("IO-SL10 IO-SL11 the port is free when close returns, 300 times; the queue is reset")
  void portIsFree() throws Exception {
    int port = 0;
    for (int i = 0; i < 300; i++) {
      SocketListener listener = listen(port);
      port = listener.port();
      CancelScope.moveOnAfter(Duration.ofNanos(1000)).run(listener::accept);
      if (i % 50 == 0) {
        Other accepting = beside(() -> listener.accept().close());
        SocketStream accepted = Net.openTcpStream("127.0.0.1", port);
        assertNull(accepting.end());
        accepted.close();
        SocketStream queued = Net.openTcpStream("127.0.0.1", port);
        listener.close();
        assertThrows(BrokenResourceException.class, () -> text(queued));
        queued.close();
      }
      listener.close();
    }
    int last = port;
    assertThrows(ConnectFailedException.class, () -> Net.openTcpStream("127.0.0.1", last));
  }

  @Test
  @DisplayName("IO-SL8 a client that resets before it is accepted is accepted, then Broken")
  void resetInQueue() throws Exception {
    try (SocketListener listener = listen(0)) {
      try (SocketStream client = Net.openTcpStream("127.0.0.1", listener.port())) {
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      try (SocketStream server = listener.accept()) {
        assertThrows(BrokenResourceException.class, () -> text(server));
      }
    }
  }

  // ------------------------------------------------------------------------- connecting

  @Test
  @DisplayName(
      "IO-E6 IO-HE11 IO-HE17 all attempts fail: one suppressed per address, each named, and a report")
  void allFail() throws Exception {
    int port = RealSockets.CLOSED_PORT;
    AtomicReference<@Nullable ConnectReport> told = new AtomicReference<>();
    ConnectFailedException e =
        assertThrows(
            ConnectFailedException.class,
            () ->
                Net.openTcpStream(
                    "test.example",
                    port,
                    on(network("127.0.0.1", "::1", "127.0.0.2")).withOnReport(told::set)));
    assertEquals(
        "all attempts to connect to test.example:" + port + " failed: Connection refused",
        e.getMessage());
    // In the order of the attempts: RFC 6724 prefers IPv6. Each with the time it took.
    assertEquals(
        List.of(
            "Error connecting to [::1]:" + port + ": Connection refused",
            "Error connecting to 127.0.0.1:" + port + ": Connection refused",
            "Error connecting to 127.0.0.2:" + port + ": Connection refused"),
        List.of(e.getSuppressed()).stream()
            .map(
                one ->
                    String.valueOf(one.getMessage()).replaceFirst(" \\(after [0-9.]+ ms\\)$", ""))
            .toList());
    for (Throwable one : e.getSuppressed()) {
      assertInstanceOf(ConnectException.class, one);
      assertInstanceOf(ConnectException.class, one.getCause());
      assertTrue(String.valueOf(one.getMessage()).endsWith(" ms)"), one.getMessage());
    }
    assertSame(told.get(), e.report());
  }

  @Test
  @DisplayName(
      "IO-X1 the next address is tried, the report tells of all; a literal is not looked up")
  void nextAddress() throws Exception {
    try (SocketListener listener = listen(0)) {
      List<ConnectReport> reports = new ArrayList<>();
      ConnectOptions options =
          on(network("127.0.0.1", "::1", "127.0.0.3"))
              .withOnReport(reports::add)
              .withSocketOption(StandardSocketOptions.SO_KEEPALIVE, true);
      try (SocketStream stream = Net.openTcpStream("test.example", listener.port(), options)) {
        assertEquals(listener.localAddress(), stream.remoteAddress());
        assertEquals(true, stream.getOption(StandardSocketOptions.SO_KEEPALIVE));
      }
      assertEquals(
          List.of(Outcome.FAILED, Outcome.WON, Outcome.NOT_STARTED),
          reports.get(0).attempts().stream().map(attempt -> attempt.outcome()).toList());
      Network refusing =
          withResolver(
              (host, family) -> {
                throw new AssertionError("asked for " + host);
              });
      Net.openTcpStream("127.0.0.1", listener.port(), on(refusing).withLocalAddress("127.0.0.1"))
          .close();
      assertThrows(
          IllegalStateException.class,
          () ->
              Net.openTcpStream(
                  "127.0.0.1",
                  listener.port(),
                  ConnectOptions.DEFAULT.withOnReport(
                      report -> {
                        throw new IllegalStateException("report");
                      })));
    }
  }

  @Test
  @DisplayName("IO-E5 IO-E6 a lookup error comes out as it is; no addresses are an unknown host")
  void lookupErrors() throws Exception {
    IOException failure = new IOException("on fire");
    Resolver failing = (host, family) -> CompletableFuture.failedFuture(failure);
    assertSame(
        failure,
        assertThrows(
            IOException.class,
            () -> Net.openTcpStream("test.example", 80, on(withResolver(failing)))));
    assertThrows(
        UnknownHostException.class, () -> Net.openTcpStream("test.example", 80, on(network())));
    Resolver cancelled =
        (host, family) -> CompletableFuture.failedFuture(new CancellationException());
    assertThrows(
        IOException.class,
        () -> Net.openTcpStream("test.example", 80, on(withResolver(cancelled))));
    Resolver never = (host, family) -> new CompletableFuture<>();
    Other looking = beside(() -> Net.openTcpStream("test.example", 80, on(withResolver(never))));
    looking.interrupt();
    assertInstanceOf(InterruptedException.class, looking.end());
    ListenOptions slow =
        ListenOptions.DEFAULT.withHost("test.example").withNetwork(withResolver(never));
    assertTrue(
        CancelScope.moveOnAfter(Duration.ofMillis(10)).run(() -> Net.openTcpListeners(0, slow)));
  }

  @Test
  @DisplayName(
      "IO-HE15 IO-HE16 the local address is used and seen; of the other family it is refused")
  void localAddress() throws Exception {
    try (SocketListener listener = Net.openTcpListeners(0).get(0)) {
      try (SocketStream client =
              Net.openTcpStream(
                  "127.0.0.1",
                  listener.port(),
                  ConnectOptions.DEFAULT.withLocalAddress("127.0.0.2"));
          SocketStream server = listener.accept()) {
        assertEquals(client.localAddress(), server.remoteAddress());
        assertEquals(
            "127.0.0.2", ((InetSocketAddress) client.localAddress()).getAddress().getHostAddress());
      }
      for (String[] pair : new String[][] {{"0.0.0.0", "::1"}, {"::", "127.0.0.1"}}) {
        ConnectFailedException e =
            assertThrows(
                ConnectFailedException.class,
                () ->
                    Net.openTcpStream(
                        pair[1],
                        listener.port(),
                        ConnectOptions.DEFAULT.withLocalAddress(pair[0])));
        Throwable one = e.getSuppressed()[0];
        assertInstanceOf(SocketException.class, one);
        assertTrue(
            String.valueOf(one.getMessage())
                .startsWith("local address " + pair[0] + " is incompatible with remote address"));
      }
    }
  }

  @Test
  @DisplayName("IO-HE14 IO-C3 an interrupted or expired connect leaves no socket and no SYN")
  void cancelledConnect() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = full.getLocalPort();
      List<SocketStream> queued =
          List.of(Net.openTcpStream("127.0.0.1", port), Net.openTcpStream("127.0.0.1", port));
      for (int i = 0; i < 10; i++) {
        Other connecting = beside(() -> Net.openTcpStream("127.0.0.1", port));
        eventually("no SYN is out", () -> synSent(port) == 1);
        connecting.interrupt();
        assertInstanceOf(InterruptedException.class, connecting.end());
        assertEquals(0, synSent(port));
        assertTrue(
            CancelScope.moveOnAfter(Duration.ofMillis(i))
                .run(() -> Net.openTcpStream("127.0.0.1", port)));
        assertEquals(0, synSent(port));
      }
      StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET);
      Other connecting = beside(() -> socket.connect(full.getLocalSocketAddress()));
      socket.close();
      assertInstanceOf(ClosedResourceException.class, connecting.end());
      assertEquals(0, synSent(port));
      queued.forEach(SocketStream::close);
    }
  }
}
