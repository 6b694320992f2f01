package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.support.Stress;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** TCP streams on a simulated network, as byte streams. */
class SimulatedStreamTest {
  private static Pair<SocketStream> pair() throws IOException, InterruptedException {
    ListenOptions there = ListenOptions.DEFAULT.withHost("192.0.2.1");
    try (SocketListener listener = Net.openTcpListeners(0, there).get(0)) {
      SocketStream left = Net.openTcpStream("192.0.2.1", listener.port());
      return new Pair<>(left, listener.accept());
    }
  }

  private static Pair<SocketStream> cloggedPair() throws IOException, InterruptedException {
    Pair<SocketStream> pair = pair();
    clog(pair.left());
    clog(pair.right());
    return pair;
  }

  /** Sends until sending waits. */
  private static void clog(SocketStream stream) throws IOException, InterruptedException {
    byte[] piece = new byte[4096];
    while (!CancelScope.moveOnAfter(Duration.ofSeconds(1)).run(() -> stream.sendAll(piece))) {}
  }

  @Test
  @DisplayName("IO-SS11 simulated TCP streams keep the contract")
  void battery() throws Exception {
    long first = Stress.seed(SimulatedStreamTest.class, 1);
    for (long seed = first; seed < first + Stress.rounds(3, 200); seed++) {
      Simulation.run(
          seed,
          sim -> {
            StreamConformance.checkHalfCloseableStream(
                SimulatedStreamTest::pair, SimulatedStreamTest::cloggedPair);
            sim.network().trace().assertNothingOpen();
          });
    }
  }

  @Test
  @DisplayName("IO-SS11 simulated TCP streams keep the contract, with jitter and tiny buffers")
  void batteryWithLatency() throws Exception {
    Simulation.run(
        4,
        sim -> {
          sim.network().setLatency(Duration.ofNanos(1), Duration.ofNanos(20_000));
          sim.network().setBufferBytes(1000);
          StreamConformance.checkHalfCloseableStream(
              SimulatedStreamTest::pair, SimulatedStreamTest::cloggedPair);
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("IO-R8 what had arrived before a reset comes first, then Broken")
  void resetBehindBytes() throws Exception {
    Simulation.run(
        1,
        sim -> {
          Pair<SocketStream> pair = pair();
          pair.right().sendAll(new byte[] {1, 2});
          pair.left().sendAll(new byte[] {3});
          sim.sleep(ofMillis(1));
          pair.right().close(); // with an unread byte
          assertArrayEquals(new byte[] {1, 2}, pair.left().receiveSome());
          assertThrows(BrokenResourceException.class, () -> pair.left().receiveSome());
          assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(new byte[1]));
          pair.left().close();
        });
  }

  @Test
  @DisplayName(
      "IO-SS7 a close behind read bytes sends the end, and answers later bytes with a reset")
  void closeThenBytes() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(ofMillis(10));
          Pair<SocketStream> pair = pair();
          pair.right().close();
          assertEquals(0, pair.left().receiveSome().length);
          pair.left().sendAll(new byte[] {1}); // the other side cannot know yet
          sim.sleep(ofMillis(20));
          assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(new byte[] {1}));
          pair.left().close();
        });
  }

  @Test
  @DisplayName("KIT-R10 a sender waits when the buffer is full, and for the news of room to arrive")
  void backPressure() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(ofMillis(10));
          sim.network().setBufferBytes(1000);
          Pair<SocketStream> pair = pair();
          Duration start = sim.now();
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofMillis(100));
                    assertEquals(1000, pair.right().receiveSome(5000).length);
                    assertEquals(500, pair.right().receiveSome(5000).length);
                    assertEquals(1000, pair.right().receiveSome(5000).length);
                    pair.right().close();
                  });
          pair.left().sendAll(new byte[1500]);
          assertEquals(ofMillis(110), sim.now().minus(start));
          sim.sleep(ofMillis(100));
          CancelScope tooMuch = CancelScope.moveOnAfter(ofMillis(5));
          assertTrue(tooMuch.run(() -> pair.left().sendAll(new byte[5000])));
          pair.left().close();
        });
  }

  @Test
  @DisplayName("KIT-R7 jitter is a matter of the seed, and keeps the order of a connection")
  void jitter() throws Exception {
    assertEquals(arrival(1), arrival(1));
    assertTrue(!arrival(1).equals(arrival(2)));
  }

  private static Duration arrival(long seed) throws Exception {
    Duration[] end = new Duration[1];
    Simulation.run(
        seed,
        sim -> {
          sim.network().setLatency(ofMillis(1), ofMillis(50));
          Pair<SocketStream> pair = pair();
          for (byte i = 0; i < 20; i++) {
            pair.left().sendAll(new byte[] {i});
          }
          pair.left().close();
          byte expected = 0;
          for (byte[] some = pair.right().receiveSome();
              some.length > 0;
              some = pair.right().receiveSome()) {
            for (byte b : some) {
              assertEquals(expected++, b);
            }
          }
          assertEquals(20, expected);
          end[0] = sim.now();
        });
    return end[0];
  }

  @Test
  @DisplayName("IO-SS4 options are kept; unknown ones are refused")
  void options() throws Exception {
    Simulation.run(
        1,
        sim -> {
          Pair<SocketStream> pair = pair();
          assertEquals(true, pair.right().getOption(StandardSocketOptions.TCP_NODELAY));
          pair.left().setOption(StandardSocketOptions.SO_SNDBUF, 77);
          assertEquals(77, pair.left().getOption(StandardSocketOptions.SO_SNDBUF));
          assertThrows(
              UnsupportedOperationException.class,
              () -> pair.left().getOption(StandardSocketOptions.IP_MULTICAST_LOOP));
          pair.left().close();
          pair.right().close();
        });
  }
}
