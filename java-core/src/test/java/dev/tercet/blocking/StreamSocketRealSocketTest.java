package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.eventually;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.RealSockets.Body;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.internal.names.IpLiteral;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The low level: stream sockets and listeners as the system has them. */
@Timeout(60)
class StreamSocketRealSocketTest {
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

  private static ListenerSocket listener() throws Exception {
    ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.INET);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    return listener;
  }

  private static SocketAddress address(ListenerSocket listener) {
    return requireNonNull(listener.localAddress());
  }

  private static StreamSocket connected(ListenerSocket listener) throws Exception {
    StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET);
    socket.connect(address(listener));
    return socket;
  }

  @Test
  @DisplayName("IO-K13 isReadable: bytes, the end and a reset; it takes nothing")
  void readable() throws Exception {
    try (ListenerSocket listener = listener();
        StreamSocket socket = connected(listener)) {
      StreamSocket peer = listener.accept();
      assertFalse(socket.isReadable());
      peer.send(bytes("x"));
      eventually("the byte has not come", socket::isReadable);
      assertTrue(socket.isReadable());
      assertEquals(1, socket.receive(ByteBuffer.allocate(10)));
      assertFalse(socket.isReadable());
      peer.setOption(StandardSocketOptions.SO_LINGER, 0);
      peer.close();
      eventually("the reset has not come", socket::isReadable);
      assertThrows(java.io.IOException.class, () -> socket.receive(ByteBuffer.allocate(10)));
    }
    try (ListenerSocket listener = listener();
        StreamSocket socket = connected(listener)) {
      listener.accept().close();
      eventually("the end has not come", socket::isReadable);
      assertEquals(-1, socket.receive(ByteBuffer.allocate(10)));
    }
  }

  @Test
  @DisplayName("IO-K13 isReadable disturbs nobody who waits, and a closed socket says Closed")
  void readableBesideWaiter() throws Exception {
    SocketPair pair = StreamSocket.openPair();
    StreamSocket left = pair.left();
    StreamSocket right = pair.right();
    Other receiver = beside(() -> assertEquals(1, right.receive(ByteBuffer.allocate(10))));
    for (int i = 0; i < 20; i++) {
      assertFalse(right.isReadable());
    }
    left.send(bytes("x"));
    assertNull(receiver.end());
    Other second = beside(() -> right.receive(ByteBuffer.allocate(10)));
    assertFalse(right.isReadable());
    right.close();
    assertInstanceOf(ClosedResourceException.class, second.end());
    assertThrows(ClosedResourceException.class, right::isReadable);
    left.close();
  }

  @Test
  @DisplayName("IO-K3 IO-K15 shutdown and didShutdownWrite, on a pair of both directions")
  void shutdown() throws Exception {
    for (How how : How.values()) {
      SocketPair pair = StreamSocket.openPair();
      StreamSocket left = pair.left();
      StreamSocket right = pair.right();
      assertFalse(left.didShutdownWrite());
      left.shutdown(how);
      assertEquals(how != How.READ, left.didShutdownWrite(), how::toString);
      if (how == How.READ) {
        assertEquals(1, left.send(bytes("x")));
        assertEquals(1, right.receive(ByteBuffer.allocate(10)));
      } else {
        assertEquals(-1, right.receive(ByteBuffer.allocate(10)));
        assertThrows(ClosedResourceException.class, () -> left.send(bytes("x")));
      }
      if (how == How.WRITE) {
        assertEquals(1, right.send(bytes("y")));
        assertEquals(1, left.receive(ByteBuffer.allocate(10)));
      } else {
        assertEquals(-1, left.receive(ByteBuffer.allocate(10)));
      }
      left.close();
      assertEquals(how != How.READ, left.didShutdownWrite(), how::toString);
      right.close();
    }
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET)) {
      assertThrows(IllegalStateException.class, () -> socket.shutdown(How.WRITE));
      assertFalse(socket.didShutdownWrite());
    }
  }

  @Test
  @DisplayName("IO-K13 bytes are gathered and scattered in order")
  void gatherScatter() throws Exception {
    SocketPair pair = StreamSocket.openPair();
    assertEquals(6, pair.left().send(bytes("ab"), bytes(""), bytes("cdef")));
    ByteBuffer first = ByteBuffer.allocate(1);
    ByteBuffer second = ByteBuffer.allocate(3);
    ByteBuffer third = ByteBuffer.allocate(10);
    assertEquals(6, pair.right().receive(first, second, third));
    assertEquals(bytes("a"), first.flip());
    assertEquals(bytes("bcd"), second.flip());
    assertEquals(bytes("ef"), third.flip());
    pair.left().close();
    pair.right().close();
  }

  @Test
  @DisplayName("IO-K4 after our own close everything is Closed, a second close is fine")
  void closed() throws Exception {
    SocketPair pair = StreamSocket.openPair();
    StreamSocket socket = pair.left();
    ListenerSocket listener = listener();
    socket.close();
    listener.close();
    for (Body operation :
        List.<Body>of(
            () -> socket.send(bytes("x")),
            () -> socket.receive(ByteBuffer.allocate(1)),
            socket::waitWritable,
            socket::isReadable,
            () -> socket.shutdown(How.BOTH),
            () -> socket.bind(new InetSocketAddress(0)),
            () -> socket.getOption(StandardSocketOptions.SO_SNDBUF),
            () -> socket.setOption(StandardSocketOptions.SO_SNDBUF, 1),
            listener::accept,
            () -> listener.bind(new InetSocketAddress(0), 1),
            () -> listener.getOption(StandardSocketOptions.SO_RCVBUF))) {
      assertThrows(ClosedResourceException.class, operation::run);
    }
    socket.close();
    socket.closeForcefully();
    listener.close();
    pair.right().close();
  }

  @Test
  @DisplayName("IO-K5 a refused connect names the address and closes the socket")
  void refused() throws Exception {
    InetSocketAddress nobody;
    try (ListenerSocket listener = listener()) {
      nobody = (InetSocketAddress) address(listener);
    }
    StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET);
    assertEquals(
        "Error connecting to 127.0.0.1:" + nobody.getPort() + ": Connection refused",
        assertThrows(ConnectException.class, () -> socket.connect(nobody)).getMessage());
    assertThrows(ClosedResourceException.class, () -> socket.connect(nobody));
    assertThrows(ClosedResourceException.class, () -> socket.send(bytes("x")));

    StreamSocket interrupted = StreamSocket.open(StandardProtocolFamily.INET);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> interrupted.connect(nobody));
    assertThrows(
        ClosedResourceException.class,
        () -> interrupted.getOption(StandardSocketOptions.TCP_NODELAY));
  }

  @Test
  @DisplayName("IO-K14 bind: taken, not ours, twice; a local address is where we connect from")
  void bind() throws Exception {
    try (ListenerSocket listener = listener();
        StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET);
        ListenerSocket second = ListenerSocket.open(StandardProtocolFamily.INET)) {
      assertEquals(
          "cannot bind to 203.0.113.1:0: Cannot assign requested address",
          assertThrows(
                  BindException.class,
                  () -> socket.bind(new InetSocketAddress(ip("203.0.113.1"), 0)))
              .getMessage());
      assertThrows(BindException.class, () -> second.bind(address(listener), 1));
      socket.bind(new InetSocketAddress(ip("127.0.0.2"), 0));
      assertThrows(
          AlreadyBoundException.class,
          () -> socket.bind(new InetSocketAddress(ip("127.0.0.2"), 0)));
      socket.connect(address(listener));
      try (StreamSocket peer = listener.accept()) {
        assertEquals(socket.localAddress(), peer.remoteAddress());
      }
    }
  }

  @Test
  @DisplayName("IO-K1 IO-K2 modern defaults: no delay, and a port is free for the next listener")
  void defaults() throws Exception {
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET6);
        ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.INET6)) {
      assertEquals(true, socket.getOption(StandardSocketOptions.TCP_NODELAY));
      assertEquals(true, listener.getOption(StandardSocketOptions.SO_REUSEADDR));
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, false);
      assertEquals(false, listener.getOption(StandardSocketOptions.SO_REUSEADDR));
    }
  }

  @Test
  @DisplayName("IO-K1 a listener is made of a channel, as System.inheritedChannel gives one")
  void listenerFromChannel() throws Exception {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try (ListenerSocket listener = ListenerSocket.fromChannel(channel)) {
      assertEquals(channel.getLocalAddress(), listener.localAddress());
      try (StreamSocket client = connected(listener);
          StreamSocket peer = listener.accept()) {
        client.send(bytes("x"));
        assertEquals(1, peer.receive(ByteBuffer.allocate(10)));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> ListenerSocket.fromChannel(channel));
    try (ServerSocketChannel other = ServerSocketChannel.open();
        Selector selector = Selector.open()) {
      other.configureBlocking(false);
      other.register(selector, 0);
      assertThrows(IllegalArgumentException.class, () -> ListenerSocket.fromChannel(other));
      assertTrue(other.isOpen());
    }
  }

  @Test
  @DisplayName("IO-K1 IO-U5 a Unix listener from a channel: the socket file is not ours to remove")
  void unixListenerFromChannel() throws Exception {
    RealSockets.inDirectory(
        directory -> {
          Path path = directory.resolve("s");
          ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
          channel.bind(UnixDomainSocketAddress.of(path));
          try (ListenerSocket listener = ListenerSocket.fromChannel(channel);
              StreamSocket client = StreamSocket.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(path));
            listener.accept().close();
            assertEquals(-1, client.receive(ByteBuffer.allocate(1)));
          }
          assertTrue(Files.exists(path));
        });
  }
}
