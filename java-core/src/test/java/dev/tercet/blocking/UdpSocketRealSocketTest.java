package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.eventually;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.Datagram;
import dev.tercet.Resolver;
import dev.tercet.blocking.RealSockets.Body;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.internal.names.IpLiteral;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP on the loopback interface, where nothing is lost that finds room. */
@Timeout(60)
class UdpSocketRealSocketTest {
  private static InetAddress ip(String literal) {
    return requireNonNull(IpLiteral.parse(literal));
  }

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  private static UdpSocket bound() throws Exception {
    return UdpSocket.bind("127.0.0.1", 0);
  }

  private static InetSocketAddress address(UdpSocket socket) {
    return requireNonNull(socket.localAddress());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** One datagram as text. */
  private static String text(UdpSocket socket) throws Exception {
    ByteBuffer into = ByteBuffer.allocate(100);
    int n = socket.receive(into);
    assertEquals(n, into.position());
    return new String(into.array(), 0, n, StandardCharsets.UTF_8);
  }

  /** A port of the loopback interface that nobody has. */
  private static InetSocketAddress nobody() throws Exception {
    try (UdpSocket socket = bound()) {
      return address(socket);
    }
  }

  private static List<Body> operations(UdpSocket socket) {
    return List.of(
        () -> socket.sendTo(bytes("x"), loopback(9)),
        () -> socket.sendTo(bytes(""), loopback(9)),
        () -> socket.send(bytes("x")),
        () -> socket.receiveFrom(ByteBuffer.allocate(1)),
        () -> socket.receive(ByteBuffer.allocate(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  @DisplayName("IO-K12 datagrams arrive whole, one by one, with the address of their sender")
  void wholeWithSource(String host) throws Exception {
    try (UdpSocket left = UdpSocket.bind(host, 0);
        UdpSocket right = UdpSocket.bind(host, 0)) {
      left.sendTo(bytes("one"), address(right));
      left.sendTo(bytes("two"), address(right));
      ByteBuffer into = ByteBuffer.allocate(100).position(10);
      assertEquals(address(left), right.receiveFrom(into));
      assertEquals(13, into.position());
      assertEquals("two", text(right));
      right.sendTo(bytes("back"), address(left));
      assertEquals("back", text(left));
      assertNull(left.remoteAddress());
    }
  }

  @Test
  @DisplayName("IO-K19 a datagram is received whole into an array of its own, an empty one too")
  void intoFreshArray() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      byte[] longest = new byte[65_507];
      longest[65_506] = 1;
      for (byte[] sent : List.of(new byte[] {1, 2, 3}, new byte[0], longest)) {
        left.sendTo(ByteBuffer.wrap(sent), address(right));
        Datagram received = right.receiveFrom();
        assertArrayEquals(sent, received.data());
        assertEquals(address(left), received.source());
      }
      left.sendTo(bytes("x"), address(right));
      assertEquals(
          "Datagram(1 bytes from 127.0.0.1:" + address(left).getPort() + ")",
          right.receiveFrom().toString());
    }
  }

  @Test
  @DisplayName("IO-K12 a datagram that does not fit is cut and reported; the next one is whole")
  void truncation() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      for (ByteBuffer into : List.of(ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4))) {
        assertFalse(right.wasTruncated());
        for (String datagram : List.of("12345", "1234", "123")) {
          left.sendTo(bytes(datagram), address(right));
        }
        assertEquals(4, right.receive(into));
        assertTrue(right.wasTruncated());
        assertEquals('4', into.get(3));
        assertEquals(4, right.receive(into.clear()));
        assertFalse(right.wasTruncated());
        assertEquals(3, right.receive(into.clear()));
        assertFalse(right.wasTruncated());
      }
    }
  }

  @Test
  @DisplayName("IO-K12 the room that was left is not touched by a cut datagram")
  void truncationStaysInside() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      left.sendTo(bytes("12345"), address(right));
      ByteBuffer into = ByteBuffer.wrap("........".getBytes(StandardCharsets.UTF_8));
      right.receive(into.position(2).limit(5));
      assertEquals("..123...", new String(into.array(), StandardCharsets.UTF_8));
    }
  }

  @Test
  @DisplayName("IO-K12 the longest datagram arrives in every kind of buffer; a longer one says so")
  void longest() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      byte[] data = new byte[65_507];
      new java.util.Random(3).nextBytes(data);
      for (ByteBuffer into :
          List.of(
              ByteBuffer.allocate(65_507),
              ByteBuffer.allocateDirect(65_507),
              ByteBuffer.allocateDirect(65_535),
              ByteBuffer.allocate(100_000))) {
        left.sendTo(ByteBuffer.wrap(data), address(right));
        assertEquals(65_507, right.receive(into));
        assertFalse(right.wasTruncated());
        assertEquals(ByteBuffer.wrap(data), into.flip());
      }
      for (int length : List.of(65_508, 65_535, 65_536, 1_000_000)) {
        ByteBuffer tooLong = ByteBuffer.allocate(length);
        assertEquals(
            "cannot send "
                + length
                + " bytes to 127.0.0.1:"
                + address(right).getPort()
                + ": Message too long",
            assertThrows(SocketException.class, () -> left.sendTo(tooLong, address(right)))
                .getMessage());
        assertEquals(0, tooLong.position());
      }
      left.sendTo(bytes("after"), address(right));
      assertEquals("after", text(right));
    }
  }

  @Test
  @DisplayName(
      "IO-K12 an empty datagram is sent and received; on a connected socket it is refused, not lost")
  void empty() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound();
        UdpSocket unbound = UdpSocket.open(StandardProtocolFamily.INET)) {
      left.sendTo(bytes(""), address(right));
      ByteBuffer into = ByteBuffer.allocate(10);
      assertEquals(address(left), right.receiveFrom(into));
      assertEquals(0, into.position());
      unbound.sendTo(bytes(""), address(right));
      assertEquals(address(unbound).getPort(), right.receiveFrom(into).getPort());
      right.connect(address(left));
      left.sendTo(bytes(""), address(right));
      assertEquals(0, right.receive(into));
      for (Body send :
          List.<Body>of(
              () -> right.send(bytes("")), () -> right.sendTo(bytes(""), address(left)))) {
        assertTrue(
            String.valueOf(
                    assertThrows(UnsupportedOperationException.class, send::run).getMessage())
                .contains("NIO"));
      }
      right.send(bytes("x"));
      assertEquals("x", text(left));
    }
  }

  @Test
  @DisplayName("IO-K12 a connected socket hears its peer only, and sends to nobody else")
  void connected() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound();
        UdpSocket stranger = bound()) {
      stranger.sendTo(bytes("before"), address(right));
      right.connect(address(left));
      assertEquals(address(left), right.remoteAddress());
      stranger.sendTo(bytes("after"), address(right));
      left.sendTo(bytes("peer"), address(right));
      assertEquals("peer", text(right));
      assertFalse(right.isReadable());
      right.send(bytes("one"));
      right.sendTo(bytes("two"), address(left));
      assertEquals("one", text(left));
      assertEquals("two", text(left));
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> right.sendTo(bytes("x"), address(stranger)));
      assertTrue(String.valueOf(e.getMessage()).contains(":" + address(left).getPort()));
      assertThrows(IllegalStateException.class, () -> right.connect(address(stranger)));
      assertThrows(IllegalStateException.class, () -> left.send(bytes("x")));
      right.send(bytes("three"));
      assertEquals("three", text(left));
    }
  }

  @Test
  @DisplayName(
      "IO-K12 a closed port is told to one call at a time, waiting or sending; the socket lives on")
  void portUnreachable() throws Exception {
    InetSocketAddress peer = nobody();
    try (UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET)) {
      socket.connect(peer);
      assertEquals("127.0.0.1", address(socket).getAddress().getHostAddress());
      Other receiver = beside(() -> socket.receive(ByteBuffer.allocate(1)));
      socket.send(bytes("x"));
      String text = "nobody receives at 127.0.0.1:" + peer.getPort();
      assertTrue(
          String.valueOf(
                  assertInstanceOf(PortUnreachableException.class, receiver.end()).getMessage())
              .startsWith(text));
      assertFalse(socket.isReadable());

      socket.send(bytes("x"));
      eventually("no error has come", socket::isReadable);
      ByteBuffer data = bytes("x");
      assertTrue(
          String.valueOf(
                  assertThrows(PortUnreachableException.class, () -> socket.send(data))
                      .getMessage())
              .startsWith(text));
      assertEquals(0, data.position());

      try (UdpSocket late = UdpSocket.bind("127.0.0.1", peer.getPort())) {
        socket.send(data);
        ByteBuffer into = ByteBuffer.allocate(1);
        late.sendTo(bytes("y"), late.receiveFrom(into));
        assertEquals("y", text(socket));
      }
    }
  }

  @Test
  @DisplayName("IO-K12 a closed port is not told to a socket that is not connected")
  void unconnectedHearsNothing() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      left.sendTo(bytes("x"), nobody());
      left.sendTo(bytes("x"), address(right));
      right.sendTo(bytes("y"), address(left));
      assertEquals("y", text(left));
    }
  }

  @Test
  @DisplayName("IO-K12 IO-K13 a broadcast needs its option, and the error names it")
  void broadcast() throws Exception {
    InetSocketAddress everybody = new InetSocketAddress(ip("127.255.255.255"), 9);
    try (UdpSocket socket = bound()) {
      assertEquals(false, socket.getOption(StandardSocketOptions.SO_BROADCAST));
      String text =
          String.valueOf(
              assertThrows(BindException.class, () -> socket.sendTo(bytes("x"), everybody))
                  .getMessage());
      assertTrue(text.contains("SO_BROADCAST"), text);
      assertTrue(text.contains("127.255.255.255:9: Permission denied"), text);
      socket.setOption(StandardSocketOptions.SO_BROADCAST, true);
      socket.sendTo(bytes("x"), everybody);
      assertThrows(
          UnsupportedOperationException.class,
          () -> socket.setOption(StandardSocketOptions.TCP_NODELAY, true));
    }
  }

  @Test
  @DisplayName("IO-K12 no host is IPv6 and IPv4 at once; an IPv4 peer keeps its address")
  void dualStack() throws Exception {
    try (UdpSocket all = UdpSocket.bind(null, 0);
        UdpSocket four = bound();
        UdpSocket six = UdpSocket.bind("::1", 0)) {
      int port = address(all).getPort();
      assertTrue(address(all).getAddress().isAnyLocalAddress());
      ByteBuffer into = ByteBuffer.allocate(10);
      four.sendTo(bytes("4"), loopback(port));
      assertEquals(address(four), all.receiveFrom(into));
      all.sendTo(bytes("back"), address(four));
      assertEquals("back", text(four));
      six.sendTo(bytes("6"), new InetSocketAddress(ip("::1"), port));
      assertEquals(address(six), all.receiveFrom(into));
      assertInstanceOf(Inet6Address.class, address(six).getAddress());
    }
  }

  @Test
  @DisplayName("IO-E7 wrong arguments are told before anything is done, before Closed and Busy too")
  void arguments() throws Exception {
    for (int port : List.of(-1, 65_536)) {
      assertThrows(IllegalArgumentException.class, () -> UdpSocket.bind(null, port));
    }
    for (String host : List.of("", " ", "[::1")) {
      assertThrows(IllegalArgumentException.class, () -> UdpSocket.bind(host, 0));
    }
    assertThrows(
        UnsupportedOperationException.class, () -> UdpSocket.open(StandardProtocolFamily.UNIX));
    UdpSocket socket = bound();
    Other receiver = beside(() -> socket.receive(ByteBuffer.allocate(1)));
    InetAddress group = ip("239.1.2.3");
    InetAddress group6 = ip("ff02::1:2");
    NetworkInterface lo = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    List<Body> wrong =
        List.of(
            () -> socket.sendTo(bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)),
            () -> socket.sendTo(bytes("x"), loopback(0)),
            () -> socket.sendTo(bytes("x"), new InetSocketAddress(ip("::1"), 9)),
            () -> socket.sendTo(bytes("x"), UnixDomainSocketAddress.of("/tmp/x")),
            () -> socket.connect(InetSocketAddress.createUnresolved("localhost", 9)),
            () -> socket.connect(new InetSocketAddress(ip("::1"), 9)),
            () -> socket.connect(loopback(0)),
            () -> socket.bind(InetSocketAddress.createUnresolved("localhost", 9)),
            () -> socket.bind(new InetSocketAddress(ip("::1"), 0)),
            () -> socket.receive(ByteBuffer.allocate(0)),
            () -> socket.receiveFrom(ByteBuffer.allocate(1).asReadOnlyBuffer()),
            () -> socket.joinGroup(InetAddress.getLoopbackAddress(), lo),
            () -> socket.joinGroup(group6, lo));
    for (Body call : wrong) {
      assertThrows(IllegalArgumentException.class, call::run);
    }
    assertThrows(IllegalStateException.class, () -> socket.leaveGroup(group, lo));
    socket.close();
    assertInstanceOf(ClosedResourceException.class, receiver.end());
    for (Body call : wrong) {
      assertThrows(IllegalArgumentException.class, call::run);
    }
  }

  @Test
  @DisplayName("IO-K14 a taken port and a foreign address are named; a second bind is a bug")
  void bindErrors() throws Exception {
    try (UdpSocket first = bound();
        UdpSocket second = UdpSocket.open(StandardProtocolFamily.INET)) {
      assertEquals(
          "cannot bind to 127.0.0.1:" + address(first).getPort() + ": Address already in use",
          assertThrows(BindException.class, () -> second.bind(address(first))).getMessage());
      assertThrows(
          BindException.class, () -> UdpSocket.bind("127.0.0.1", address(first).getPort()));
      assertEquals(
          "cannot bind to 203.0.113.1:0: Cannot assign requested address",
          assertThrows(
                  BindException.class,
                  () -> second.bind(new InetSocketAddress(ip("203.0.113.1"), 0)))
              .getMessage());
      assertNull(second.localAddress());
      assertThrows(IllegalStateException.class, () -> second.receive(ByteBuffer.allocate(1)));
      second.bind(loopback(0));
      int port = address(second).getPort();
      assertThrows(IllegalStateException.class, () -> second.bind(loopback(0)));
      first.sendTo(bytes("x"), loopback(port));
      assertEquals("x", text(second));
    }
  }

  @Test
  @DisplayName("IO-X1 IO-K6 a host is asked of the network's resolver, a literal of nobody")
  void hosts() throws Exception {
    Resolver resolver =
        (host, family) ->
            host.equals("here")
                ? CompletableFuture.completedFuture(List.of(InetAddress.getLoopbackAddress()))
                : host.equals("nobody")
                    ? CompletableFuture.completedFuture(List.of())
                    : new CompletableFuture<>();
    try (EventLoop loop = EventLoop.open("hosts")) {
      var network = loop.network().withResolver(resolver);
      try (UdpSocket socket = UdpSocket.bind("here", 0, network)) {
        assertEquals("127.0.0.1", address(socket).getAddress().getHostAddress());
        assertEquals(loopback(9), socket.resolveRemoteAddress("here", 9));
        assertEquals(loopback(9), socket.resolveRemoteAddress(null, 9));
        assertEquals(new InetSocketAddress(ip("0.0.0.0"), 9), socket.resolveLocalAddress(null, 9));
      }
      UdpSocket.bind("127.0.0.1", 0, network).close();
      assertThrows(UnknownHostException.class, () -> UdpSocket.bind("nobody", 0, network));
      Other waiting = beside(() -> UdpSocket.bind("never", 0, network));
      waiting.interrupt();
      assertInstanceOf(InterruptedException.class, waiting.end());
    }
  }

  @Test
  @DisplayName(
      "IO-K16 IO-E3 a second receiver is Busy, the first is not disturbed, nor is a sender")
  void busy() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      Other receiver = beside(() -> assertEquals("for you", text(right)));
      assertThrows(BusyResourceException.class, () -> right.receiveFrom(ByteBuffer.allocate(1)));
      assertThrows(BusyResourceException.class, () -> right.receive(ByteBuffer.allocate(1)));
      assertThrows(BusyResourceException.class, () -> right.connect(address(left)));
      right.sendTo(bytes("sent beside"), address(left));
      assertEquals("sent beside", text(left));
      left.sendTo(bytes("for you"), address(right));
      assertNull(receiver.end());
    }
  }

  @Test
  @DisplayName(
      "IO-K4 IO-K16 IO-A4 a close wakes who waits, with Closed, and so does everything after")
  void close() throws Exception {
    UdpSocket socket = bound();
    InetSocketAddress address = address(socket);
    Other receiver = beside(() -> socket.receive(ByteBuffer.allocate(1)));
    socket.close();
    assertInstanceOf(ClosedResourceException.class, receiver.end());
    for (Body operation : operations(socket)) {
      assertThrows(ClosedResourceException.class, operation::run);
    }
    InetAddress group = ip("239.1.2.3");
    NetworkInterface lo = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    for (Body operation :
        List.<Body>of(
            socket::isReadable,
            () -> socket.bind(loopback(0)),
            () -> socket.connect(loopback(9)),
            () -> socket.joinGroup(group, lo),
            () -> socket.leaveGroup(group, lo),
            () -> socket.getOption(StandardSocketOptions.SO_BROADCAST),
            () -> socket.setOption(StandardSocketOptions.SO_BROADCAST, true))) {
      assertThrows(ClosedResourceException.class, operation::run);
    }
    assertEquals(address, socket.localAddress());
    assertEquals("UdpSocket(127.0.0.1:" + address.getPort() + ", closed)", socket.toString());
    socket.close();
    socket.closeForcefully();
  }

  @Test
  @DisplayName("IO-SL10 the port is free when close returns, 300 times, though somebody waited")
  void portIsFree() throws Exception {
    UdpSocket first = bound();
    int port = address(first).getPort();
    first.close();
    for (int i = 0; i < 300; i++) {
      UdpSocket socket = UdpSocket.bind("127.0.0.1", port);
      CancelScope.moveOnAfter(Duration.ofNanos(10_000))
          .run(() -> socket.receive(ByteBuffer.allocate(1)));
      socket.close();
    }
  }

  @Test
  @DisplayName("IO-C2 IO-C3 IO-C6 IO-C8 an interrupt on entry or in a wait has no effect")
  void interrupted() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      left.sendTo(bytes("waits"), address(right));
      for (Body operation :
          List.<Body>of(
              () -> right.receive(ByteBuffer.allocate(100)),
              () -> right.sendTo(bytes("never"), address(left)),
              () -> UdpSocket.bind("127.0.0.1", 0))) {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, operation::run);
        assertFalse(Thread.interrupted());
      }
      assertEquals("waits", text(right));
      Other receiver = beside(() -> right.receive(ByteBuffer.allocate(100)));
      receiver.interrupt();
      assertInstanceOf(InterruptedException.class, receiver.end());
      left.sendTo(bytes("after"), address(right));
      assertEquals("after", text(right));
      assertFalse(left.isReadable());
    }
  }

  @Test
  @DisplayName("IO-K13 isReadable says what is there, takes nothing, and disturbs nobody who waits")
  void readable() throws Exception {
    try (UdpSocket left = bound();
        UdpSocket right = bound()) {
      assertFalse(right.isReadable());
      left.sendTo(bytes(""), address(right));
      eventually("it has not come", right::isReadable);
      assertTrue(right.isReadable());
      assertEquals("", text(right));
      assertFalse(right.isReadable());
      Other receiver = beside(() -> assertEquals("x", text(right)));
      for (int i = 0; i < 10; i++) {
        assertFalse(right.isReadable());
      }
      left.sendTo(bytes("x"), address(right));
      assertNull(receiver.end());
    }
  }

  @Test
  @DisplayName(
      "IO-K12 a member of a multicast group hears it on the interface it chose, until it leaves")
  void multicast() throws Exception {
    InetAddress group = ip("239.192.41.42");
    NetworkInterface lo = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    // One socket of each family: a dual-stack one can join IPv4 groups too.
    for (StandardProtocolFamily family :
        List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
      try (UdpSocket member = UdpSocket.open(family);
          UdpSocket sender = UdpSocket.open(StandardProtocolFamily.INET)) {
        member.bind(new InetSocketAddress(0));
        int port = address(member).getPort();
        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, lo);
        sender.sendTo(bytes("too early"), new InetSocketAddress(group, port));
        member.joinGroup(group, lo);
        member.joinGroup(group, lo);
        sender.sendTo(bytes("to all"), new InetSocketAddress(group, port));
        assertEquals("to all", text(member));
        member.leaveGroup(group, lo);
        assertThrows(IllegalStateException.class, () -> member.leaveGroup(group, lo));
        sender.sendTo(bytes("too late"), new InetSocketAddress(group, port));
        sender.sendTo(bytes("to you"), loopback(port));
        assertEquals("to you", text(member));
      }
    }
  }

  @Test
  @DisplayName("IO-K1 a channel is taken over as it is, unless somebody else has it")
  void fromChannel() throws Exception {
    try (UdpSocket peer = bound()) {
      DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
      channel.connect(address(peer));
      try (UdpSocket socket = UdpSocket.fromChannel(channel)) {
        assertEquals(channel.getLocalAddress(), socket.localAddress());
        assertEquals(address(peer), socket.remoteAddress());
        socket.send(bytes("x"));
        assertEquals("x", text(peer));
      }
      assertFalse(channel.isOpen());
      assertThrows(IllegalArgumentException.class, () -> UdpSocket.fromChannel(channel));
    }
    try (DatagramChannel channel = DatagramChannel.open();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, 0);
      assertThrows(IllegalArgumentException.class, () -> UdpSocket.fromChannel(channel));
      assertTrue(channel.isOpen());
    }
  }

  @Test
  @DisplayName("IO-K16 a channel that is closed behind our back is Closed, and never hangs")
  void closedBehindOurBack() throws Exception {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.bind(loopback(0));
    UdpSocket socket = UdpSocket.fromChannel(channel);
    channel.close();
    for (Body operation : operations(socket)) {
      assertThrows(ClosedResourceException.class, operation::run);
    }
  }

  @Test
  @DisplayName("IO-C8 a blocking call on a loop's thread is refused; toString tells the addresses")
  void onLoop() throws Exception {
    try (EventLoop loop = EventLoop.open("udp");
        UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET6, loop.network())) {
      assertEquals("UdpSocket(?)", socket.toString());
      loop.executor()
          .submit(
              () ->
                  assertThrows(
                      IllegalStateException.class, () -> socket.sendTo(bytes("x"), loopback(9))))
          .get();
      socket.connect(new InetSocketAddress(ip("::1"), 9));
      assertEquals(
          "UdpSocket([::1]:" + address(socket).getPort() + " -> [::1]:9)", socket.toString());
    }
  }

  @Test
  @DisplayName("a failed bind of a host leaves nothing open")
  void bindLeavesNothing() throws IOException {
    // The check after each test counts.
    assertThrows(BindException.class, () -> UdpSocket.bind("203.0.113.1", 0));
  }
}
