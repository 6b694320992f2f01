package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.internal.net.StreamCore;
import dev.tercet.internal.nio.NioSocket;
import dev.tercet.internal.nio.SocketPairs;
import dev.tercet.internal.wait.Parking;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops with real sockets, and with real time where nothing else will do. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopRealSocketTest {
  private static Thread start(IoAction body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (ClosedResourceException closed) {
                // How all of these end.
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void awaitWaiters(LoopGroup group, int count) {
    while (group.loops().stream().mapToInt(loop -> loop.waitersAndChannels()[0]).sum() < count) {
      Thread.onSpinWait();
    }
  }

  private static void receiveForEver(StreamCore stream) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    while (true) {
      if (stream.receive(buffer.clear()) == 0) {
        Parking.await(stream.socket().readable());
      }
    }
  }

  private static void sendForEver(StreamCore stream) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
    while (true) {
      if (stream.send(buffer.clear()) == 0) {
        Parking.await(stream.socket().writable());
      }
    }
  }

  /** A loop in some state in which it has nothing to do. */
  private record Quiet(String state, LoopGroup group, List<NioSocket> sockets) {
    Quiet(String state) {
      this(state, LoopGroup.open("quiet", 1), new ArrayList<>());
    }

    SocketPairs.Pair pair() throws IOException {
      SocketPairs.Pair pair = SocketPairs.open(group);
      sockets.add(pair.left());
      sockets.add(pair.right());
      return pair;
    }

    long turns() {
      return group.next().counters().turns();
    }
  }

  @Test
  @DisplayName(
      "IO-K16 IO-C7 a blocked reader, a blocked writer, a cancelled reader with bytes unread, one"
          + " whose peer is gone, a connected socket and an idle loop: few turns in 2 s")
  void boundedTurns() throws Exception {
    List<Quiet> all = new ArrayList<>();

    Quiet idle = new Quiet("idle");
    idle.group.next().post(() -> {});
    all.add(idle);

    Quiet reader = new Quiet("blocked reader");
    StreamCore read = new StreamCore(reader.pair().left());
    start(() -> receiveForEver(read));
    awaitWaiters(reader.group, 1);
    all.add(reader);

    Quiet writer = new Quiet("blocked writer");
    StreamCore written = new StreamCore(writer.pair().left());
    start(() -> sendForEver(written));
    awaitWaiters(writer.group, 1);
    all.add(writer);

    for (boolean closePeer : new boolean[] {false, true}) {
      Quiet given = new Quiet(closePeer ? "nobody waits, peer gone" : "nobody waits, bytes unread");
      SocketPairs.Pair pair = given.pair();
      Thread waiting =
          new Thread(
              () ->
                  assertThrows(
                      InterruptedException.class, () -> Parking.await(pair.left().readable())));
      waiting.start();
      awaitWaiters(given.group, 1);
      waiting.interrupt();
      waiting.join();
      pair.right().write(ByteBuffer.allocate(1));
      if (closePeer) {
        pair.right().close();
      }
      all.add(given);
    }

    Quiet connected = new Quiet("connected");
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      NioSocket socket = NioSocket.open(connected.group, StandardProtocolFamily.INET);
      connected.sockets.add(socket);
      boolean done = socket.startConnect(server.getLocalAddress());
      while (!done) {
        Parking.await(socket.writable());
        done = socket.finishConnect(server.getLocalAddress());
      }
      all.add(connected);

      // A machine that is busy may need some seconds until they are quiet; who spins never is.
      List<String> busy = busyFor2Seconds(all);
      for (int round = 0; round < 5 && !busy.isEmpty(); round++) {
        busy = busyFor2Seconds(all);
      }
      assertEquals(List.of(), busy);
    } finally {
      for (Quiet quiet : all) {
        quiet.sockets.forEach(NioSocket::close);
        quiet.group.close();
      }
    }
  }

  private static List<String> busyFor2Seconds(List<Quiet> all) throws InterruptedException {
    List<Long> before = all.stream().map(Quiet::turns).toList();
    Thread.sleep(2000);
    List<String> busy = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      long turns = all.get(i).turns() - before.get(i);
      if (turns > 5) {
        busy.add(all.get(i).state + ": " + turns + " turns");
      }
    }
    return busy;
  }

  @Test
  @DisplayName(
      "IO-S5 IO-R6 IO-K16 the close of a loop ends readers, writers and acceptors parked in it with"
          + " Closed, its threads end, and no descriptor is left")
  void closeOfTheLoop() throws Exception {
    int before = Descriptors.count();
    for (int round = 0; round < 20; round++) {
      EventLoop loop = EventLoop.open("live", 2);
      SocketListener listener =
          Net.openTcpListeners(
                  0, ListenOptions.DEFAULT.withHost("127.0.0.1").withNetwork(loop.network()))
              .get(0);
      SocketStream client = Net.openTcpStream("127.0.0.1", listener.port(), ConnectOptions.DEFAULT);
      SocketStream server = listener.accept();
      List<FutureTask<ClosedResourceException>> ends = new ArrayList<>();
      List<IoAction> waits =
          List.of(
              () -> server.receiveSome(1),
              () -> {
                while (true) {
                  server.sendAll(ByteBuffer.allocateDirect(1 << 20));
                }
              },
              listener::accept);
      for (IoAction wait : waits) {
        var end = new FutureTask<>(() -> assertThrows(ClosedResourceException.class, wait::run));
        ends.add(end);
        new Thread(end).start();
      }
      while (loop.statistics().waiters() < 3) {
        Thread.onSpinWait();
      }
      loop.close();
      for (FutureTask<ClosedResourceException> end : ends) {
        end.get(30, TimeUnit.SECONDS);
      }
      // A close after the loop's end waits for nothing.
      client.close();
      server.close();
      listener.close();
      assertThrows(ClosedResourceException.class, () -> server.receiveSome(1));
      assertEquals(0, loop.statistics().channels());
      assertThrows(ConnectException.class, () -> SocketChannel.open(listener.localAddress()));
    }
    Descriptors.assertNoneLeft(before, 20 * 3);
  }

  @Test
  @DisplayName("IO-K16 IO-K17 the first wait on a closed loop ends with Closed; none is opened")
  void newChannelOfAClosedLoop() throws Exception {
    LoopGroup group = LoopGroup.open("gone", 1);
    NioSocket[] sockets = new NioSocket[4];
    NioSocket[] peers = new NioSocket[4];
    for (int i = 0; i < 4; i++) {
      SocketPairs.Pair pair = SocketPairs.open(group);
      sockets[i] = pair.left();
      peers[i] = pair.right();
    }
    group.next().post(() -> {});
    group.close();
    assertThrows(ClosedResourceException.class, () -> SocketPairs.open(group));
    for (int i = 0; i < 4; i++) {
      StreamCore stream = new StreamCore(sockets[i]);
      assertThrows(
          ClosedResourceException.class,
          i % 2 == 0 ? () -> receiveForEver(stream) : () -> sendForEver(stream));
      assertTrue(sockets[i].isClosed());
      assertTrue(sockets[i].released().isOpen());
      peers[i].close();
    }
  }

  @Test
  @DisplayName(
      "IO-SL10 IO-SS8 when close returns, the port is free, a hundred times, also in a"
          + " thread that is interrupted or out of time")
  void portIsFree() throws Exception {
    int port = 0;
    for (int round = 0; round < 100; round++) {
      SocketListener listener =
          Net.openTcpListeners(port, ListenOptions.DEFAULT.withHost("127.0.0.1")).get(0);
      port = listener.port();
      Thread acceptor = start(listener::accept);
      while (!isParked(acceptor)) {
        Thread.onSpinWait();
      }
      if (round % 3 == 1) {
        Thread.currentThread().interrupt();
        listener.close();
        assertTrue(Thread.interrupted());
      } else if (round % 3 == 2) {
        dev.tercet.blocking.CancelScope.moveOnAfter(Duration.ZERO).run(listener::close);
      } else {
        listener.close();
      }
      try (ServerSocketChannel other = ServerSocketChannel.open()) {
        other.setOption(java.net.StandardSocketOptions.SO_REUSEADDR, true);
        other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
      acceptor.join();
    }
  }

  @Test
  @DisplayName(
      "IO-K16 a loop whose group is through while it runs a task ends too, and does not sleep")
  void groupIsThroughDuringATask() throws Exception {
    LoopGroup group = LoopGroup.open("both", 2);
    SelectorLoop first = group.loops().get(0);
    SelectorLoop second = group.loops().get(1);
    CountDownLatch release = new CountDownLatch(1);
    first.post(() -> {});
    second.post(() -> awaitUnchecked(release));
    Thread closer = start(group::close);
    while (!first.isClosing()) {
      Thread.onSpinWait();
    }
    Thread.sleep(100); // until the first waits for the second; if it does not yet, the test is kind
    first.post(
        () -> {
          release.countDown();
          try {
            // Now the task that tells the first one is behind this one in its queue.
            assertTrue(second.awaitTermination(30, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    closer.join(30_000);
    assertFalse(closer.isAlive(), first + " has not ended");
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING;
  }

  @Test
  @DisplayName("IO-SS8 a close sends its end at once, even if the loop is busy")
  void closeOnABusyLoop() throws Exception {
    LoopGroup group = LoopGroup.open("busy", 1);
    SocketPairs.Pair pair = SocketPairs.open(group);
    Thread reader = start(() -> receiveForEver(new StreamCore(pair.left())));
    awaitWaiters(group, 1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    group
        .next()
        .post(
            () -> {
              held.countDown();
              awaitUnchecked(go);
            });
    held.await();
    pair.left().close();
    ByteBuffer buffer = ByteBuffer.allocate(1);
    int n;
    while ((n = pair.right().read(buffer)) == 0) {
      Thread.onSpinWait();
    }
    assertEquals(-1, n);
    reader.join(30_000);
    assertFalse(reader.isAlive(), "the close woke the reader, without the loop");
    assertFalse(pair.left().released().isOpen());
    go.countDown();
    Parking.awaitUninterruptibly(pair.left().released());
    pair.right().close();
    group.close();
  }
}
