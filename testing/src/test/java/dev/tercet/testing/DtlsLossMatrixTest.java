package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CA;
import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.bytes;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.support.Stress;
import dev.tercet.testing.internal.SplitMix64;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two clients and a server through their endpoints, on networks that get worse from row to row. */
class DtlsLossMatrixTest {
  private static final int RUNS = Stress.rounds(1, 20);
  private static final long SEED = Stress.seed(DtlsLossMatrixTest.class, 1);

  /** Both sides: a client whose server has given up would ask for ever. */
  private static final DtlsConfig PATIENT = CLIENT.withHandshakeTimeout(null);

  private static final DtlsServerConfig SMALL =
      DtlsServerConfig.of(CA.issue(NAME)).withHandshakeTimeout(null);

  /** A chain of several thousand bytes. */
  private static final DtlsServerConfig LARGE =
      DtlsServerConfig.of(
              CA.intermediate("a")
                  .intermediate("b")
                  .intermediate("c")
                  .intermediate("d")
                  .issue(NAME))
          .withHandshakeTimeout(null);

  /** What a network is like, and what has to go through it. */
  private record Row(int lossPercent, boolean isLarge, int mtu, boolean isShuffling) {}

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int loss : new int[] {0, 10, 30, 50}) {
      for (boolean isLarge : new boolean[] {false, true}) {
        for (int mtu : new int[] {1472, 548}) {
          for (boolean isShuffling : new boolean[] {false, true}) {
            rows.add(new Row(loss, isLarge, mtu, isShuffling));
          }
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("DTLS-K2 DTLS-E2 DTLS-E6 DTLS-G1 every handshake is done, and messages come once")
  void everyHandshakeIsDone(Row row) throws Exception {
    for (long seed = SEED; seed < SEED + RUNS; seed++) {
      long each = seed;
      Simulation.run(seed, sim -> play(sim, row, each));
    }
  }

  private static void play(Simulation sim, Row row, long seed)
      throws IOException, InterruptedException {
    makeBad(sim.network(), row, seed);
    List<String> atServer = new ArrayList<>();
    try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
        DtlsEndpoint one = endpoint("192.0.2.2", 0);
        DtlsEndpoint two = endpoint("192.0.2.3", 0)) {
      DtlsEndpoint unused =
          sim.nursery()
              .start(
                  status -> {
                    var unusedReport =
                        server.serve(
                            row.isLarge ? LARGE : SMALL,
                            channel ->
                                channel.forEach(
                                    message -> {
                                      atServer.add(text(message));
                                      channel.send(message);
                                    }),
                            LENIENT,
                            status);
                  });
      List<String> atClients = new ArrayList<>();
      List<DtlsChannel> channels = new ArrayList<>();
      for (DtlsEndpoint client : List.of(one, two)) {
        DtlsChannel channel = client.connect(local(server), NAME, PATIENT);
        channels.add(channel);
        sim.nursery().startSoon(() -> receiveAll(channel, atClients));
      }
      for (DtlsChannel channel : channels) {
        channel.doHandshake();
      }
      int sent = 0;
      // Until both have had an answer: those of one are odd.
      while (sent < 6 || !hasBoth(atClients)) {
        assertTrue(sent < 400, "nothing gets through");
        channels.get(sent % 2).send(bytes("" + sent));
        sent++;
        sim.sleep(Duration.ofMillis(500));
      }
      sim.sleep(Duration.ofSeconds(4));
      assertOnce(atServer, sent);
      assertOnce(atClients, sent);
      if (row.lossPercent == 0) {
        assertEquals(sent, atServer.size());
        assertEquals(sent, atClients.size());
      }
      assertEquals(2, server.statistics().accepted());
      assertEquals(2, server.statistics().established());
      assertEquals(0, server.statistics().halfOpen());
      assertEquals(0, server.statistics().malformed());
      assertEquals(0, server.statistics().channels().forged());
    }
  }

  private static void receiveAll(DtlsChannel channel, List<String> into)
      throws IOException, InterruptedException {
    try {
      while (true) {
        into.add(text(channel.receive()));
      }
    } catch (ClosedResourceException e) {
      // The end of the play.
    }
  }

  private static boolean hasBoth(List<String> atClients) {
    return atClients.stream().map(each -> Integer.parseInt(each) % 2).distinct().count() == 2;
  }

  private static void assertOnce(List<String> got, int sent) {
    assertEquals(got.size(), new HashSet<>(got).size(), () -> "twice: " + got);
    for (String each : got) {
      assertTrue(Integer.parseInt(each) < sent, each);
    }
  }

  private static void makeBad(SimulatedNetwork network, Row row, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    network.setRouter(
        packet -> {
          if (packet.size() > row.mtu || random.nextInt(0, 99) < row.lossPercent) {
            return;
          }
          boolean isDoubled = row.isShuffling && random.nextInt(0, 9) == 0;
          for (int copies = isDoubled ? 2 : 1; copies > 0; copies--) {
            boolean isLate = row.isShuffling && random.nextInt(0, 4) == 0;
            network.deliverPacket(packet, Duration.ofMillis(isLate ? random.nextInt(0, 3000) : 10));
          }
        });
  }
}
