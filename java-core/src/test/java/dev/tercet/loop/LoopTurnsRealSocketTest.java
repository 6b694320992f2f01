package dev.tercet.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ListenerSocket;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.Sockets;
import dev.tercet.blocking.Sockets.Ends;
import dev.tercet.blocking.StreamSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A loop has nothing to do while nothing happens. Each state that a channel can rest in gets a loop
 * of its own; then two seconds pass, and the turns are counted.
 */
@Timeout(60)
class LoopTurnsRealSocketTest {
  private static final EventLoop SHARED = EventLoop.shared();

  /** A loop that spins takes tens of thousands. */
  private static final long FEW = 10;

  private final Map<String, EventLoop> loops = new LinkedHashMap<>();
  private final List<Ends> connections = new ArrayList<>();
  private final List<Future<?>> blocked = new ArrayList<>();

  @AfterEach
  void closeAll() {
    connections.forEach(Ends::close);
    loops.values().forEach(EventLoop::close);
  }

  private EventLoop loop(String state) {
    EventLoop loop = EventLoop.open("turns: " + state);
    loops.put(state, loop);
    return loop;
  }

  private SocketStream[] connection(String state, boolean unix) throws Exception {
    EventLoop loop = loop(state + (unix ? ", Unix" : ", TCP"));
    Ends ends = unix ? Sockets.unix(loop, SHARED) : Sockets.tcp(loop, SHARED);
    connections.add(ends);
    return new SocketStream[] {ends.left(), ends.right()};
  }

  /** What is begun in a thread of its own and must not have ended when the turns are counted. */
  private void block(Callable<?> body) {
    blocked.add(Sockets.inThread(body));
  }

  private static void waitInVain(SocketStream stream) throws Exception {
    CancelScope scope = CancelScope.moveOnAfter(Duration.ofMillis(1));
    assertTrue(scope.run(() -> stream.receiveSome(1)), "there was something to receive");
  }

  private static void sendInVain(SocketStream stream) throws Exception {
    CancelScope scope = CancelScope.moveOnAfter(Duration.ofMillis(50));
    assertTrue(scope.run(() -> stream.sendAll(ByteBuffer.allocate(50_000_000))), "there was room");
  }

  private static void reset(SocketStream stream) throws Exception {
    stream.setOption(StandardSocketOptions.SO_LINGER, 0);
    stream.closeForcefully();
  }

  @Test
  @DisplayName(
      "loop: an idle loop, a blocked reader, writer, acceptor and connector, and channels with events"
          + " that nobody waits for, take at most 10 turns in 2 s each")
  void restingStates() throws Exception {
    loop("idle").executor().submit(() -> {}).get();
    for (boolean unix : new boolean[] {false, true}) {
      SocketStream[] reader = connection("blocked reader", unix);
      block(() -> reader[0].receiveSome(1));

      SocketStream[] writer = connection("blocked writer", unix);
      block(
          () -> {
            writer[0].sendAll(ByteBuffer.allocate(50_000_000));
            return null;
          });

      SocketStream[] both = connection("blocked reader and writer", unix);
      block(() -> both[0].receiveSome(1));
      block(
          () -> {
            both[0].sendAll(ByteBuffer.allocate(50_000_000));
            return null;
          });

      SocketStream[] withData = connection("reader gone, data pending", unix);
      waitInVain(withData[0]);
      withData[1].sendAll(ByteBuffer.allocate(1000));

      SocketStream[] halfRead = connection("data left after a receive", unix);
      waitInVain(halfRead[0]);
      halfRead[1].sendAll(ByteBuffer.allocate(1000));
      assertEquals(1, halfRead[0].receiveSome(1).length);

      SocketStream[] halfClosed = connection("peer half-closed, nobody reads", unix);
      waitInVain(halfClosed[0]);
      halfClosed[1].sendEof();

      SocketStream[] ended = connection("end received", unix);
      waitInVain(ended[0]);
      ended[1].sendEof();
      assertEquals(0, ended[0].receiveSome(1).length);

      SocketStream[] writerEnded = connection("blocked writer, peer half-closed", unix);
      waitInVain(writerEnded[0]);
      block(
          () -> {
            writerEnded[0].sendAll(ByteBuffer.allocate(50_000_000));
            return null;
          });
      writerEnded[1].sendEof();

      SocketStream[] closed = connection("peer closed, nobody reads", unix);
      waitInVain(closed[0]);
      closed[1].close();

      SocketStream[] wasReset = connection("peer reset, nobody reads", unix);
      waitInVain(wasReset[0]);
      sendInVain(wasReset[0]); // bytes that the peer has not read make its close a reset
      reset(wasReset[1]);

      SocketStream[] writable = connection("writer gone, room again", unix);
      sendInVain(writable[0]);
      while (CancelScope.moveOnAfter(Duration.ofMillis(100))
              .run(() -> writable[1].receiveSome(100_000))
          == false) {}

      // Connected, which the left end has waited for if the kernel let it; then nothing.
      connection("connected", unix);
    }

    ListenerSocket acceptor = Sockets.listener(loop("blocked acceptor"));
    block(acceptor::accept);

    ListenerSocket ignored = Sockets.listener(loop("acceptor gone, connections pending"));
    assertTrue(CancelScope.moveOnAfter(Duration.ofMillis(1)).run(ignored::accept));
    StreamSocket client = StreamSocket.open(StandardProtocolFamily.INET, SHARED.network());
    client.connect(java.util.Objects.requireNonNull(ignored.localAddress()));

    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      EventLoop connecting = loop("blocked connectors");
      List<Future<?>> connectors = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        StreamSocket socket = StreamSocket.open(StandardProtocolFamily.INET, connecting.network());
        connectors.add(
            Sockets.inThread(
                () -> {
                  socket.connect(full.getLocalSocketAddress());
                  return null;
                }));
      }
      Sockets.await("a connector waits", () -> connecting.statistics().waiters() > 0);
      countTurns();
      assertTrue(connectors.stream().anyMatch(connector -> !connector.isDone()), "none is blocked");
    }
    client.close();
  }

  /**
   * Two seconds pass, in which nothing may happen. A machine that is busy may need some before what
   * was begun has come to rest; a loop that spins never does.
   */
  private void countTurns() throws InterruptedException {
    Map<String, Long> tooMany = turnsInTwoSeconds();
    for (int i = 0; i < 5 && !tooMany.isEmpty(); i++) {
      tooMany = turnsInTwoSeconds();
    }
    assertEquals(Map.of(), tooMany);
    assertTrue(blocked.stream().noneMatch(Future::isDone), "somebody is not blocked");
  }

  /** The loops that took more than a few. */
  private Map<String, Long> turnsInTwoSeconds() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(500);
    Map<String, Long> before = new LinkedHashMap<>();
    loops.forEach((state, loop) -> before.put(state, loop.statistics().turns()));
    TimeUnit.SECONDS.sleep(2);
    Map<String, Long> tooMany = new LinkedHashMap<>();
    loops.forEach(
        (state, loop) -> {
          long turns =
              loop.statistics().turns() - java.util.Objects.requireNonNull(before.get(state));
          if (turns > FEW) {
            tooMany.put(state, turns);
          }
        });
    return tooMany;
  }

  @Test
  @DisplayName(
      "loop: 1,000 cancelled waits with data pending cost turns for each wait, none in between")
  void cancelledWaits() throws Exception {
    SocketStream[] connection = connection("cancelled waits", false);
    EventLoop loop = loops.values().iterator().next();
    for (int i = 0; i < 1000; i++) {
      CancelScope scope = CancelScope.moveOnAfter(Duration.ofNanos(1000));
      assertTrue(scope.run(() -> connection[0].receiveSome(1)));
    }
    connection[1].sendAll(ByteBuffer.allocate(10));
    countTurns();
    long turns = loop.statistics().turns();
    assertTrue(turns < 100, "armed once, the cell stays so: " + turns + " turns");
    assertEquals(10, connection[0].receiveSome(10).length);
    assertThrows(IllegalArgumentException.class, () -> connection[0].receiveSome(0));
  }
}
