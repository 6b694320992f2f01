package dev.tercet.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ListenerSocket;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.Sockets;
import dev.tercet.blocking.Sockets.Ends;
import dev.tercet.blocking.StreamSocket;
import dev.tercet.support.Stress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing an event loop whose channels are in use, by threads. */
@Timeout(60)
class EventLoopCloseRealSocketTest {
  private static final EventLoop SHARED = EventLoop.shared();

  @BeforeAll
  static void startSharedLoop() throws Exception {
    Sockets.startSharedLoop();
  }

  private static Void receive(SocketStream stream) throws Exception {
    while (stream.receiveSome(ByteBuffer.allocate(1000)) != -1) {}
    return null;
  }

  private static Void send(SocketStream stream) throws Exception {
    while (true) {
      stream.sendAll(ByteBuffer.allocate(1_000_000));
    }
  }

  private static boolean isRunning(String name) {
    return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().startsWith(name));
  }

  @ParameterizedTest(name = "of {0} threads")
  @ValueSource(ints = {1, 3})
  @DisplayName(
      "IO-S5 IO-R6 IO-K16 closing a loop ends blocked readers, writers and acceptors with Closed;"
          + " its threads end, its ports are free, no descriptor is left")
  void liveChannels(int threads) throws Exception {
    int before = Sockets.descriptors();
    EventLoop loop = EventLoop.open("closing-live", threads);
    List<FutureTask<Class<?>>> ends = new ArrayList<>();
    List<Ends> connections = new ArrayList<>();
    List<ListenerSocket> listeners = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Ends connection = i % 2 == 0 ? Sockets.tcp(loop, SHARED) : Sockets.unix(loop, SHARED);
      connections.add(connection);
      SocketStream left = connection.left();
      ends.add(Sockets.inThread(() -> Sockets.failureOf(() -> receive(left))));
      ends.add(Sockets.inThread(() -> Sockets.failureOf(() -> send(left))));
      ListenerSocket listener = Sockets.listener(loop);
      listeners.add(listener);
      ends.add(Sockets.inThread(() -> Sockets.failureOf(listener::accept)));
    }
    Sockets.await("12 wait", () -> loop.statistics().waiters() == 12);

    loop.close();

    assertFalse(isRunning("closing-live"), "a thread of the loop is left");
    for (FutureTask<Class<?>> end : ends) {
      assertEquals(ClosedResourceException.class, end.get(30, TimeUnit.SECONDS));
    }
    for (ListenerSocket listener : listeners) {
      try (ListenerSocket next =
          ListenerSocket.open(StandardProtocolFamily.INET, SHARED.network())) {
        next.bind(Objects.requireNonNull(listener.localAddress()), 1);
      }
      listener.close(); // at once, and not for ever
    }
    for (Ends connection : connections) {
      assertThrows(ClosedResourceException.class, () -> connection.left().receiveSome(1));
      assertThrows(
          ClosedResourceException.class, () -> connection.left().sendAll(ByteBuffer.allocate(1)));
      connection.left().close();
      connection.right().close();
    }
    LoopStatistics after = loop.statistics();
    assertEquals(0, after.waiters() + after.channels() + after.queued(), after.toString());
    Sockets.awaitDescriptors(before);
  }

  @Test
  @DisplayName(
      "IO-U1 a Unix listener whose loop is closed still removes its file when it is closed")
  void unixFile(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("s");
    EventLoop loop = EventLoop.open("closing-unix");
    ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.UNIX, loop.network());
    listener.bind(UnixDomainSocketAddress.of(path), 8);
    FutureTask<Class<?>> end = Sockets.inThread(() -> Sockets.failureOf(listener::accept));
    Sockets.await("the acceptor waits", () -> loop.statistics().waiters() == 1);
    loop.close();
    assertEquals(ClosedResourceException.class, end.get(30, TimeUnit.SECONDS));
    listener.close();
    assertFalse(Files.exists(path), "the file is left");
  }

  @Test
  @DisplayName("IO-K16 what waits on a closed loop gets Closed, and never hangs")
  void newChannels() throws Exception {
    EventLoop neverStarted = EventLoop.open("closed-before-it-began");
    EventLoop started = EventLoop.open("closed-before-use");
    started.executor().submit(() -> {}).get();
    try (ListenerSocket open = Sockets.listener(SHARED)) {
      for (EventLoop loop : List.of(neverStarted, started)) {
        SocketStream idle = Sockets.tcp(loop, SHARED).left(); // connected; nobody has waited for it
        ListenerSocket listener = Sockets.listener(loop);
        StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET, loop.network());
        loop.close();
        assertThrows(ClosedResourceException.class, () -> idle.receiveSome(1));
        assertThrows(ClosedResourceException.class, listener::accept);
        listener.close();
        assertThrows(
            ClosedResourceException.class,
            () -> {
              socket.connect(Objects.requireNonNull(open.localAddress()));
              socket.receive(ByteBuffer.allocate(1));
            });
        socket.close();
        open.accept().close();
      }
    }
    assertFalse(isRunning("closed-before"), "a closed loop has a thread");
  }

  @Test
  @DisplayName(
      "IO-S5 IO-R6 closing a loop under load, 30 times: everybody ends with Closed, or with what the"
          + " other end makes of its own close; no descriptor is left")
  void underLoad() throws Exception {
    long seed = Stress.seed(EventLoopCloseRealSocketTest.class);
    Random random = new Random(seed);
    int before = Sockets.descriptors();
    for (int round = 0; round < 30; round++) {
      EventLoop loop = EventLoop.open("closing-busy", 1 + round % 2);
      List<FutureTask<Class<?>>> ends = new ArrayList<>();
      List<Ends> connections = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Ends connection = i % 2 == 0 ? Sockets.tcp(loop, loop) : Sockets.unix(loop, loop);
        connections.add(connection);
        for (SocketStream stream : List.of(connection.left(), connection.right())) {
          ends.add(Sockets.inThread(() -> Sockets.failureOf(() -> receive(stream))));
          ends.add(Sockets.inThread(() -> Sockets.failureOf(() -> send(stream))));
        }
      }
      Ends first = connections.get(0);
      Sockets.await("bytes flow", () -> first.right().bytesReceived() > 0);
      LockSupport.parkNanos(random.nextInt(3_000_000));
      loop.close();
      for (FutureTask<Class<?>> end : ends) {
        Class<?> what = end.get(30, TimeUnit.SECONDS);
        assertTrue(
            what == ClosedResourceException.class
                || what == BrokenResourceException.class
                || what == Void.class,
            what + ", seed " + seed);
      }
      connections.forEach(Ends::close);
    }
    Sockets.awaitDescriptors(before);
  }

  @Test
  @DisplayName(
      "IO-SS8 channels that are closed while their loop closes give back port and descriptor")
  void bothClose() throws Exception {
    int before = Sockets.descriptors();
    for (int round = 0; round < 100; round++) {
      EventLoop loop = EventLoop.open("closing-twice");
      ListenerSocket listener = Sockets.listener(loop);
      FutureTask<Class<?>> end = Sockets.inThread(() -> Sockets.failureOf(listener::accept));
      Sockets.await("the acceptor waits", () -> loop.statistics().waiters() == 1);
      CyclicBarrier barrier = new CyclicBarrier(2);
      FutureTask<Boolean> closer =
          Sockets.inThread(
              () -> {
                barrier.await();
                listener.close();
                // The promise of close: the port is free now.
                try (ListenerSocket next =
                    ListenerSocket.open(StandardProtocolFamily.INET, SHARED.network())) {
                  next.bind(Objects.requireNonNull(listener.localAddress()), 1);
                }
                return true;
              });
      barrier.await();
      loop.close();
      assertTrue(closer.get(30, TimeUnit.SECONDS));
      assertEquals(ClosedResourceException.class, end.get(30, TimeUnit.SECONDS));
    }
    Sockets.awaitDescriptors(before);
  }

  @Test
  @DisplayName("IO-S5 when close of a loop returns, its thread is gone, not only out of work")
  void threadIsGone() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      EventLoop loop = EventLoop.open("closing-thread");
      Thread thread = loop.executor().submit(Thread::currentThread).get(30, TimeUnit.SECONDS);
      loop.close();
      assertFalse(thread.isAlive(), "alive after close, in round " + round);
    }
  }

  @Test
  @DisplayName("loop: two loops that close each other, each on its own thread, both end")
  void closeEachOther() throws Exception {
    for (int round = 0; round < 20; round++) {
      EventLoop one = EventLoop.open("closing-one");
      EventLoop two = EventLoop.open("closing-two");
      CyclicBarrier barrier = new CyclicBarrier(2);
      one.executor()
          .execute(
              () -> {
                meet(barrier);
                two.close();
              });
      two.executor()
          .execute(
              () -> {
                meet(barrier);
                one.close();
              });
      assertTrue(one.executor().awaitTermination(30, TimeUnit.SECONDS), "one is stuck");
      assertTrue(two.executor().awaitTermination(30, TimeUnit.SECONDS), "two is stuck");
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("loop: statistics and toString can be read while it closes")
  void statisticsDuringClose() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    EventLoop[] current = {EventLoop.open("closing-watched")};
    Future<Integer> watcher =
        Sockets.inThread(
            () -> {
              int longest = 0;
              while (!stop.get()) {
                longest = Math.max(longest, current[0].toString().length());
                longest = Math.max(longest, current[0].statistics().channels());
              }
              return longest;
            });
    for (int round = 0; round < 300; round++) {
      EventLoop loop = current[0];
      loop.executor().submit(() -> {}).get();
      loop.close();
      current[0] = EventLoop.open("closing-watched");
    }
    stop.set(true);
    assertTrue(watcher.get(30, TimeUnit.SECONDS) > 0);
  }

  @Test
  @DisplayName("IO-K16 a channel that somebody else closes ends the next wait with Closed")
  void closedBehindOurBack() throws Exception {
    for (boolean armed : new boolean[] {false, true}) {
      try (java.nio.channels.ServerSocketChannel server =
          java.nio.channels.ServerSocketChannel.open()) {
        server.bind(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0));
        java.nio.channels.SocketChannel channel =
            java.nio.channels.SocketChannel.open(server.getLocalAddress());
        SocketStream stream = SocketStream.wrap(StreamSocket.fromChannel(channel));
        if (armed) {
          stream.waitSendAllMightNotBlock(); // the cell has been used: interest is on
        }
        channel.close();
        assertThrows(ClosedResourceException.class, stream::waitSendAllMightNotBlock);
        assertThrows(ClosedResourceException.class, () -> stream.receiveSome(1));
        stream.close();
      }
    }
  }
}
