package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.clog;
import static dev.tercet.blocking.RealSockets.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.Network;
import dev.tercet.blocking.RealSockets.Body;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.blocking.RealSockets.Pair;
import dev.tercet.internal.thread.VirtualThreads;
import dev.tercet.loop.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a blocking socket stream promises beyond the conformance battery. */
@Timeout(60)
class SocketStreamRealSocketTest {
  enum Kind {
    TCP,
    UNIX;

    Pair pair() throws IOException, InterruptedException {
      return this == TCP ? RealSockets.tcp() : RealSockets.unix();
    }
  }

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  private static List<Body> sends(SocketStream stream) {
    return List.of(
        () -> stream.sendAll(bytes("x")),
        () -> stream.sendAll(ByteBuffer.allocate(0)),
        stream::waitSendAllMightNotBlock,
        () -> stream.socket().send(bytes("x")),
        () -> stream.socket().send(ByteBuffer.allocate(0)),
        () -> stream.socket().waitWritable(),
        stream::sendEof);
  }

  private static List<Body> receives(SocketStream stream) {
    return List.of(
        () -> stream.receiveSome(ByteBuffer.allocate(1)),
        () -> stream.receiveSome(1),
        stream::receiveSome,
        () -> stream.socket().receive(ByteBuffer.allocate(1)));
  }

  private static void all(Class<? extends Throwable> type, List<Body> operations) {
    for (Body operation : operations) {
      assertThrows(type, operation::run);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-E1 IO-A4 IO-S6 IO-R6 after our own close everything is Closed")
  void closed(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      pair.right().sendAll(bytes("unread"));
      pair.left().close();
      all(ClosedResourceException.class, sends(pair.left()));
      all(ClosedResourceException.class, receives(pair.left()));
      assertThrows(ClosedResourceException.class, () -> pair.left().socket().shutdown(How.BOTH));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-E7 IO-R3 a wrong argument is told before Closed, Busy and a cancel")
  void arguments(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      List<Body> wrong =
          List.of(
              () -> pair.left().receiveSome(ByteBuffer.allocate(0)),
              () -> pair.left().receiveSome(0),
              () -> pair.left().receiveSome(-1),
              () -> pair.left().socket().receive(ByteBuffer.allocate(0)));
      Other receiver = beside(() -> pair.left().receiveSome(1));
      all(IllegalArgumentException.class, wrong);
      receiver.interrupt();
      assertInstanceOf(InterruptedException.class, receiver.end());
      pair.left().close();
      all(IllegalArgumentException.class, wrong);
      for (Body call : wrong) {
        Thread.currentThread().interrupt();
        assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(Thread.interrupted());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-E3 IO-S3 IO-R4 IO-K16 whoever comes second is told Busy, the first goes on")
  void busy(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      SocketStream left = pair.left();
      clog(left);
      List<Body> firsts =
          List.of(
              left::waitSendAllMightNotBlock,
              () -> left.socket().waitWritable(),
              () -> left.sendAll(ByteBuffer.allocate(1 << 20)));
      for (Body first : firsts) {
        Other waiting = beside(first);
        all(BusyResourceException.class, sends(left));
        assertTrue(waiting.isAlive());
        waiting.interrupt();
        assertInstanceOf(InterruptedException.class, waiting.end());
      }
      Other receiving = beside(() -> assertEquals("hello", text(left)));
      all(BusyResourceException.class, receives(left));
      pair.right().sendAll(bytes("hello"));
      assertNull(receiving.end());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-A4 IO-S5 IO-R6 IO-K16 a close wakes a waiting receiver and a waiting sender")
  void closeWakes(Kind kind) throws Exception {
    for (boolean forcefully : List.of(true, false)) {
      try (Pair pair = kind.pair()) {
        clog(pair.left());
        Other receiving = beside(() -> pair.left().receiveSome(1));
        Other sending =
            beside(
                forcefully
                    ? () -> pair.left().sendAll(ByteBuffer.allocate(1 << 20))
                    : () -> pair.left().waitSendAllMightNotBlock());
        if (forcefully) {
          pair.left().closeForcefully();
        } else {
          pair.left().close();
        }
        assertInstanceOf(ClosedResourceException.class, receiving.end());
        assertInstanceOf(ClosedResourceException.class, sending.end());
      }
    }
  }

  @Test
  @DisplayName("IO-R8 IO-E2 a reset is Broken for ever, never the end; Closed outranks it")
  void reset() throws Exception {
    try (Pair pair = RealSockets.tcp()) {
      SocketStream left = pair.left();
      Other receiving =
          beside(
              () -> {
                while (true) {
                  assertNotNull(text(left), "an end after a reset");
                }
              });
      pair.right().setOption(StandardSocketOptions.SO_LINGER, 0);
      pair.right().close();
      Throwable broken = receiving.end();
      assertInstanceOf(BrokenResourceException.class, broken);
      assertTrue(String.valueOf(broken.getMessage()).startsWith("socket connection with "));
      assertInstanceOf(IOException.class, broken.getCause());
      for (int i = 0; i < 3; i++) {
        for (Body operation :
            List.<Body>of(
                () -> left.receiveSome(1),
                () -> left.receiveSome(ByteBuffer.allocate(1)),
                () -> left.sendAll(bytes("x")),
                () -> left.sendAll(ByteBuffer.allocate(0)),
                left::waitSendAllMightNotBlock,
                left::sendEof)) {
          assertSame(
              broken.getCause(),
              assertThrows(BrokenResourceException.class, operation::run).getCause());
        }
      }
      left.close();
      assertThrows(ClosedResourceException.class, () -> left.receiveSome(1));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "IO-R8 what has arrived before a send failed is received, then Broken, never the end")
  void answerBehindAFailedSend(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      SocketStream left = pair.left();
      pair.right().sendAll(bytes("413 too large"));
      pair.right().close();
      Throwable broken =
          assertThrows(
              BrokenResourceException.class,
              () -> {
                while (true) {
                  left.sendAll(bytes("x"));
                }
              });
      assertEquals("413 too", new String(left.receiveSome(7), StandardCharsets.UTF_8));
      ByteBuffer rest = ByteBuffer.allocate(100);
      assertEquals(6, left.receiveSome(rest));
      assertEquals(" large", new String(rest.array(), 0, 6, StandardCharsets.UTF_8));
      for (Body operation :
          List.<Body>of(
              () -> left.receiveSome(1),
              () -> left.receiveSome(ByteBuffer.allocate(1)),
              () -> left.sendAll(bytes("x")),
              left::waitSendAllMightNotBlock,
              left::sendEof)) {
        assertSame(
            broken.getCause(),
            assertThrows(BrokenResourceException.class, operation::run).getCause());
      }
      left.close();
      assertThrows(ClosedResourceException.class, () -> left.receiveSome(1));
    }
  }

  @Test
  @DisplayName("IO-R8 a receiver that waits while a send fails gets what arrives, too")
  void receiverOfAHalfBrokenStream() throws Exception {
    try (Pair pair = RealSockets.unix()) {
      // The peer reads no more, and goes on writing.
      pair.right().socket().shutdown(How.READ);
      Other receiving = beside(() -> assertEquals("later", text(pair.left())));
      assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(bytes("x")));
      pair.right().sendAll(bytes("later"));
      assertNull(receiving.end());
      pair.right().sendEof();
      assertThrows(BrokenResourceException.class, () -> pair.left().receiveSome());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "IO-R7 asInputStream says whether a read would wait, and reads all members of a gzip")
  void available(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      InputStream input = pair.right().asInputStream();
      assertEquals(0, input.available());
      ByteArrayOutputStream members = new ByteArrayOutputStream();
      int first = 0;
      for (String text : List.of("first ", "second")) {
        try (GZIPOutputStream zip = new GZIPOutputStream(members)) {
          zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        first = first == 0 ? members.size() : first;
      }
      pair.left().sendAll(members.toByteArray());
      pair.left().sendEof();
      assertEquals(1, input.available());
      BufferedReceiveStream buffered = BufferedReceiveStream.wrap(pair.right());
      assertEquals(1, buffered.asInputStream().available());
      assertEquals(1, BufferedStream.wrap(pair.right()).asInputStream().available());
      // A buffer that ends where the first member ends.
      GZIPInputStream unzipped = new GZIPInputStream(input, first);
      assertEquals("first second", new String(unzipped.readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(-1, input.read());
      assertEquals(0, input.available());
      pair.right().closeForcefully();
      assertThrows(ClosedResourceException.class, () -> pair.right().asInputStream().available());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-SS13 a close never waits: a positive SO_LINGER is refused, and switched off")
  void linger(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      for (int seconds : new int[] {1, 3600}) {
        assertThrows(
            UnsupportedOperationException.class,
            () -> pair.left().setOption(StandardSocketOptions.SO_LINGER, seconds));
      }
      pair.left().setOption(StandardSocketOptions.SO_LINGER, -1);
    }
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel channel = SocketChannel.open(server.getLocalAddress());
      channel.setOption(StandardSocketOptions.SO_LINGER, 3600);
      try (StreamSocket taken = StreamSocket.fromChannel(channel)) {
        assertEquals(-1, taken.getOption(StandardSocketOptions.SO_LINGER));
      }
    }
  }

  @Test
  @DisplayName("IO-SL10 a close waits for a turn of the loop, but not for others who hold the loop")
  void heldLoop() throws Exception {
    try (EventLoop loop = EventLoop.open("held");
        ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET, loop.network());
      socket.connect(server.getLocalAddress());
      socket.waitWritable();
      CountDownLatch held = new CountDownLatch(1);
      CountDownLatch closed = new CountDownLatch(1);
      Future<?> holder =
          loop.executor()
              .submit(
                  () -> {
                    held.countDown();
                    closed.await();
                    return true;
                  });
      held.await();
      Thread.currentThread().interrupt();
      socket.close();
      // Deaf to it while it waited, as every close.
      assertTrue(Thread.interrupted());
      closed.countDown();
      holder.get();
    }
  }

  @Test
  @DisplayName(
      "IO-K18 a socket that was connected to itself is refused, unless its port was chosen")
  void selfConnect() throws Exception {
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET)) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketAddress own = Objects.requireNonNull(socket.localAddress());
      ConnectException refused = assertThrows(ConnectException.class, () -> socket.connect(own));
      assertTrue(String.valueOf(refused.getMessage()).startsWith("Error connecting to 127.0.0.1:"));
      assertThrows(ClosedResourceException.class, () -> socket.send(bytes("x")));
      SocketAddress chosen;
      try (ServerSocketChannel server = ServerSocketChannel.open()) {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        chosen = server.getLocalAddress();
      }
      try (StreamSocket deliberate = StreamSocket.open(StandardProtocolFamily.INET)) {
        deliberate.bind(chosen);
        deliberate.connect(chosen);
        assertEquals(deliberate.localAddress(), deliberate.remoteAddress());
      }
    }
  }

  @Test
  @DisplayName("IO-K17 nothing is opened on a loop that was closed")
  void closedLoop() throws Exception {
    EventLoop loop = EventLoop.open("closed");
    Network network = loop.network();
    loop.close();
    for (Body open :
        List.<Body>of(
            () -> StreamSocket.open(StandardProtocolFamily.INET, network),
            () -> ListenerSocket.open(StandardProtocolFamily.INET, network),
            () -> UdpSocket.open(StandardProtocolFamily.INET, network))) {
      ClosedResourceException e = assertThrows(ClosedResourceException.class, open::run);
      assertEquals("event loop closed was closed", e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-S4 IO-SS6 a sender whose peer goes, waiting or not, gets Broken, then always")
  void peerGone(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      Other sending = beside(() -> pair.left().sendAll(ByteBuffer.allocate(50_000_000)));
      pair.right().close();
      assertInstanceOf(BrokenResourceException.class, sending.end());
      assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(bytes("x")));
      assertThrows(BrokenResourceException.class, () -> pair.left().receiveSome());
    }
    try (Pair pair = kind.pair()) {
      clog(pair.left());
      Other waiting = beside(() -> pair.left().waitSendAllMightNotBlock());
      pair.right().close();
      Throwable thrown = waiting.end();
      assertTrue(thrown == null || thrown instanceof BrokenResourceException);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-S1 IO-SS5 10 MB to a late reader arrive from every kind of buffer")
  void bulk(Kind kind) throws Exception {
    byte[] data = new byte[10_000_000];
    new Random(7).nextBytes(data);
    try (Pair pair = kind.pair()) {
      // Else the kernel lets it grow, beyond all of the data: the sender would not have to wait.
      pair.right().setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
      for (ByteBuffer source :
          List.of(
              ByteBuffer.wrap(data.clone()),
              ByteBuffer.allocateDirect(data.length).put(data).flip(),
              ByteBuffer.wrap(data).asReadOnlyBuffer())) {
        Other sending =
            beside(
                () -> {
                  pair.left().sendAll(source);
                  assertEquals(0, source.remaining());
                });
        assertTrue(sending.isAlive());
        ByteBuffer back = ByteBuffer.allocate(data.length);
        while (back.hasRemaining()) {
          pair.right().receiveSome(back);
        }
        assertArrayEquals(data, back.array());
        assertNull(sending.end());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-H1 IO-H2 IO-H4 IO-R2 IO-R9 half-close, twice, after a close, and receiving on")
  void halfClose(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      SocketStream left = pair.left();
      left.sendAll(bytes("all"));
      left.sendEof();
      left.sendEof();
      left.waitSendAllMightNotBlock();
      assertEquals("all", text(pair.right()));
      for (int i = 0; i < 3; i++) {
        assertNull(text(pair.right()));
        assertEquals(0, pair.right().receiveSome(5).length);
      }
      assertEquals(
          "can't send data after sending EOF",
          assertThrows(ClosedResourceException.class, () -> left.sendAll(bytes("x"))).getMessage());
      assertThrows(ClosedResourceException.class, () -> left.sendAll(ByteBuffer.allocate(0)));
      pair.right().sendAll(bytes("back"));
      assertEquals("back", text(left));
      left.close();
      left.sendEof();
      pair.right().close();
      assertThrows(ClosedResourceException.class, () -> pair.right().sendEof());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-H3 IO-C1 IO-C2 an interrupt or an expired scope on entry: nothing is done")
  void cancelOnEntry(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      pair.right().sendAll(bytes("kept"));
      for (int closed = 0; closed < 2; closed++) {
        for (List<Body> operations : List.of(sends(pair.left()), receives(pair.left()))) {
          for (Body operation : operations) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, operation::run);
            assertTrue(!Thread.currentThread().isInterrupted());
            CancelScope.moveOnAfter(Duration.ZERO)
                .run(() -> assertThrows(CancelledException.class, operation::run));
          }
        }
        if (closed == 0) {
          assertEquals("kept", text(pair.left()));
          pair.left().sendAll(bytes("first"));
          assertEquals("first", text(pair.right()));
          pair.left().sendEof();
          pair.left().close();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-C6 IO-C8 an interrupted receive leaves the socket open and loses no byte")
  void interrupt(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      for (int i = 0; i < 50; i++) {
        Other receiving = beside(() -> pair.left().receiveSome());
        receiving.interrupt();
        assertInstanceOf(InterruptedException.class, receiving.end());
        assertTrue(
            CancelScope.moveOnAfter(Duration.ofMillis(1)).run(() -> pair.left().receiveSome()));
      }
      pair.right().sendAll(bytes("here"));
      assertEquals("here", text(pair.left()));
      clog(pair.left());
      Other waiting = beside(() -> pair.left().waitSendAllMightNotBlock());
      waiting.interrupt();
      assertInstanceOf(InterruptedException.class, waiting.end());
      pair.right().sendAll(bytes("still"));
      assertEquals("still", text(pair.left()));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-C1 a long send to a reader that keeps up can be interrupted, and closes after")
  void interruptedSend(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      Other reading =
          beside(
              () -> {
                ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
                while (pair.right().receiveSome(buffer.clear()) != -1) {}
              });
      Other sending =
          beside(
              () -> {
                while (true) {
                  pair.left().sendAll(ByteBuffer.allocate(100_000_000));
                }
              });
      sending.interrupt();
      assertInstanceOf(InterruptedException.class, sending.end());
      pair.left().close();
      assertNull(reading.end());
      assertEquals(pair.left().bytesSent(), pair.right().bytesReceived());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-C4 receives interrupted at random moments lose no byte")
  void noByteLost(Kind kind) throws Exception {
    noByteLost(kind, Thread::new);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-C4 so on a virtual thread, whose receives the loop does for it")
  void noByteLostOnVirtualThread(Kind kind) throws Exception {
    ThreadFactory virtual = VirtualThreads.factory();
    assumeTrue(virtual != null, "no virtual threads here");
    noByteLost(kind, Objects.requireNonNull(virtual));
  }

  private static void noByteLost(Kind kind, ThreadFactory threads) throws Exception {
    byte[] data = new byte[300_000];
    new Random(5).nextBytes(data);
    try (Pair pair = kind.pair()) {
      ByteBuffer back = ByteBuffer.allocate(data.length + 1);
      Other receiving =
          beside(
              threads,
              () -> {
                while (true) {
                  try {
                    if (pair.left().receiveSome(back) == -1) {
                      return;
                    }
                  } catch (InterruptedException again) {
                    // On with it.
                  }
                }
              });
      Other sending =
          beside(
              () -> {
                Random random = new Random(6);
                for (int at = 0; at < data.length; ) {
                  int n = Math.min(1 + random.nextInt(2000), data.length - at);
                  pair.right().sendAll(data, at, n);
                  at += n;
                }
                pair.right().sendEof();
              });
      while (receiving.isAlive()) {
        receiving.interrupt();
        Thread.onSpinWait();
      }
      assertNull(sending.end());
      assertNull(receiving.end());
      assertEquals(ByteBuffer.wrap(data), back.flip());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "IO-A1 IO-A2 IO-A5 close of an interrupted thread keeps the flag; in an expired scope it closes, then throws")
  void closeCancelled(Kind kind) throws Exception {
    try (Pair pair = kind.pair()) {
      Thread.currentThread().interrupt();
      pair.left().close();
      assertTrue(Thread.interrupted());
      assertNull(text(pair.right()));
      CancelScope.moveOnAfter(Duration.ZERO)
          .run(() -> assertThrows(CancelledException.class, () -> pair.right().close()));
      assertThrows(ClosedResourceException.class, () -> pair.right().receiveSome());
      pair.left().close();
      pair.left().closeForcefully();
    }
  }

  @Test
  @DisplayName("IO-SS10 the peer closed before the channel was wrapped: its bytes, then the end")
  void closedBeforeWrap() throws Exception {
    try (SocketListener listener =
        Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost("127.0.0.1")).get(0)) {
      SocketChannel channel = SocketChannel.open(listener.localAddress());
      try (SocketStream peer = listener.accept()) {
        peer.sendAll(bytes("x"));
      }
      try (SocketStream stream = SocketStream.wrap(StreamSocket.fromChannel(channel))) {
        assertEquals("x", text(stream));
        assertNull(text(stream));
        assertNull(text(stream));
      }
    }
  }

  @Test
  @DisplayName("IO-SS1 IO-SS2 IO-SS4 IO-E8 what a stream is made of, and its options")
  void construction() throws Exception {
    try (StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET)) {
      assertThrows(IllegalArgumentException.class, () -> SocketStream.wrap(socket));
      assertThrows(IllegalStateException.class, () -> socket.send(bytes("x")));
      assertThrows(IllegalStateException.class, () -> socket.receive(ByteBuffer.allocate(1)));
      assertThrows(IllegalStateException.class, () -> socket.shutdown(How.WRITE));
      assertThrows(
          IllegalArgumentException.class,
          () -> socket.bind(InetSocketAddress.createUnresolved("localhost", 1)));
    }
    try (SocketChannel channel = SocketChannel.open();
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, 0);
      assertThrows(IllegalArgumentException.class, () -> StreamSocket.fromChannel(channel));
      assertTrue(channel.isOpen());
    }
    try (Pair pair = RealSockets.tcp()) {
      for (SocketStream stream : List.of(pair.left(), pair.right())) {
        assertEquals(true, stream.getOption(StandardSocketOptions.TCP_NODELAY));
        stream.setOption(StandardSocketOptions.TCP_NODELAY, false);
        assertEquals(false, stream.getOption(StandardSocketOptions.TCP_NODELAY));
        SocketAddress local = stream.localAddress();
        SocketAddress remote = stream.remoteAddress();
        stream.close();
        assertThrows(
            ClosedResourceException.class,
            () -> stream.getOption(StandardSocketOptions.TCP_NODELAY));
        assertEquals(
            List.of(local, remote), List.of(stream.localAddress(), stream.remoteAddress()));
      }
    }
    try (Pair pair = RealSockets.unix()) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> pair.left().getOption(StandardSocketOptions.TCP_NODELAY));
    }
  }

  @Test
  @DisplayName("IO-E8 a second connect is a bug of the caller's and does the first no harm")
  void connectTwice() throws Exception {
    try (SocketListener listener =
            Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost("127.0.0.1")).get(0);
        StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET)) {
      socket.connect(listener.localAddress());
      try (SocketStream peer = listener.accept()) {
        assertThrows(
            AlreadyConnectedException.class, () -> socket.connect(listener.localAddress()));
        socket.send(bytes("alive"));
        assertEquals("alive", text(peer));
      }
    }
  }

  @Test
  @DisplayName("IO-C8 a blocking call on a loop's thread is refused, and close does not wait there")
  void onLoop() throws Exception {
    try (EventLoop loop = EventLoop.open("refuses");
        Pair pair = RealSockets.tcp()) {
      for (Body operation :
          List.<Body>of(
              () -> pair.left().receiveSome(1),
              () -> Net.openTcpStream("127.0.0.1", 9),
              () -> Net.serveTcp(0, stream -> {}))) {
        ExecutionException e =
            assertThrows(
                ExecutionException.class,
                () ->
                    loop.executor()
                        .submit(
                            () -> {
                              operation.run();
                              return 0;
                            })
                        .get());
        assertInstanceOf(IllegalStateException.class, e.getCause());
      }
      loop.executor().submit(() -> pair.left().close()).get();
      assertNull(text(pair.right()));
    }
  }
}
