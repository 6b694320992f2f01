package dev.tercet.testing;

import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.AddressText;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.internal.connect.Connect;
import dev.tercet.internal.connect.DialPlan;
import dev.tercet.internal.connect.Establishing;
import dev.tercet.internal.connect.TcpEstablishing;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation.Need;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.connect.RaceSettings;
import dev.tercet.testing.simulation.ConnectAnswer;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A race through more than a TCP connect: an attempt counts when the peer has said something. */
class RaceThroughTest {
  /** A connect, and then one byte from the peer. */
  private static final class Greeted implements Establishing<NonBlockingSocket> {
    private final Establishing<NonBlockingSocket> tcp;
    private boolean isConnected;

    Greeted(Establishing<NonBlockingSocket> tcp) {
      this.tcp = tcp;
    }

    @Override
    public @Nullable WaitPlace advance(long nowNanos) throws IOException {
      if (!isConnected) {
        WaitPlace place = tcp.advance(nowNanos);
        if (place != null) {
          return place;
        }
        isConnected = true;
      }
      NonBlockingSocket socket = tcp.result();
      int n = socket.read(ByteBuffer.allocate(1));
      if (n < 0) {
        throw new EOFException("no greeting");
      }
      return n > 0 ? null : socket.readable();
    }

    @Override
    public NonBlockingSocket result() {
      return tcp.result();
    }

    @Override
    public void close() {
      tcp.close();
    }

    @Override
    public Latch released() {
      return tcp.released();
    }
  }

  private final List<ConnectReport> reports = new ArrayList<>();

  private Connect<NonBlockingSocket, NonBlockingSocket> connect(SimulatedNetwork simulated) {
    NetworkProvider network = NetworkProvider.from(simulated);
    DialPlan plan = DialPlan.of("test.example", 80, RaceSettings.DEFAULT, null, Map.of());
    return Connect.start(
        network,
        plan,
        (target, local) -> new Greeted(TcpEstablishing.open(network, Map.of(), target, local)),
        reports::add,
        socket -> socket);
  }

  private static NonBlockingSocket drive(Connect<?, NonBlockingSocket> connect)
      throws IOException, InterruptedException {
    driveTo(connect, Need.DONE);
    return connect.result();
  }

  /** Meets needs up to one, which is left to the caller. */
  private static void driveTo(Connect<?, ?> connect, Need last)
      throws IOException, InterruptedException {
    while (true) {
      try {
        Need need = connect.next();
        if (need == last) {
          return;
        }
        switch (need) {
          case WAIT -> Parking.await(connect.place());
          case WITHIN -> {
            Duration limit = Objects.requireNonNull(connect.limit());
            connect.ended(!Parking.await(connect.place(), limit.toNanos()));
          }
          case RELEASE -> connect.closing().forEach(Parking::awaitUninterruptibly);
          default -> throw new IllegalStateException("a connect needs more than to wait");
        }
      } catch (IOException e) {
        if (!connect.failed(e)) {
          throw e;
        }
      }
    }
  }

  private static void prepare(SimulatedNetwork network) {
    network.names().set("test.example", "192.0.2.1", "192.0.2.2");
    network.onConnect("192.0.2.1", ConnectAnswer.accept().after(ofMillis(10)));
    network.onConnect("192.0.2.2", ConnectAnswer.accept().after(ofMillis(10)));
  }

  @Test
  @DisplayName("IO-HV12 an attempt that is connected but not greeted gives way to the next")
  void silentPeer() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          prepare(network);
          Connect<?, NonBlockingSocket> connect = connect(network);
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofMillis(300));
                    network.peers().get(1).send(new byte[] {1});
                  });
          NonBlockingSocket winner = drive(connect);
          assertEquals("192.0.2.2:80", AddressText.of(winner.remoteAddress()));
          assertEquals(ofMillis(300), sim.now());
          assertEquals(1, network.trace().openSockets().size());
          winner.close();
          network.trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("IO-HV12 a failure after the connect expedites the next attempt, and is told")
  void failsLater() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          prepare(network);
          Connect<?, NonBlockingSocket> connect = connect(network);
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofMillis(50));
                    network.peers().get(0).close();
                    sim.sleep(ofMillis(50));
                    network.peers().get(1).close();
                  });
          ConnectFailedException e =
              assertThrows(ConnectFailedException.class, () -> drive(connect));
          assertEquals(2, e.getSuppressed().length);
          assertEquals(ofMillis(50), e.report().attempts().get(1).started());
          assertEquals(ofMillis(100), sim.now());
          network.trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("IO-HE14 a cancellation after the race closes the winner, and is reported once")
  void cancelledAfterTheRace() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          prepare(network);
          Connect<?, NonBlockingSocket> connect = connect(network);
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofMillis(50));
                    network.peers().get(0).send(new byte[] {1});
                  });
          driveTo(connect, Need.RELEASE);
          assertEquals(List.of(), connect.closing());
          assertEquals(1, network.trace().openSockets().size());
          connect.cancelled(new CancellationException());
          connect.closing().forEach(Parking::awaitUninterruptibly);
          network.trace().assertNothingOpen();
          assertEquals(1, reports.size());
        });
  }
}
