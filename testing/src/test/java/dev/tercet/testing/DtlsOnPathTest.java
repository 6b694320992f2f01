package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.address;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.bytes;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.support.Stress;
import dev.tercet.testing.internal.SplitMix64;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody on the way who sees every packet, is faster than it, and puts in what he likes; the
 * network loses, doubles and delays beside that.
 *
 * <p>What he puts in may not end a handshake that could be told from what is true: by its lengths,
 * its keys, its number, its address. A part of the handshake in clear with another content cannot
 * be told; there the promise is less (see {@link #poisoned}).
 */
class DtlsOnPathTest {
  private static final long SEED = Stress.seed(DtlsOnPathTest.class, 1);
  private static final int MESSAGES = 20;
  private static final int HANDSHAKE = 22;

  /** What becomes of a packet. */
  @FunctionalInterface
  private interface Attack {
    void on(Packet genuine, Wire wire);
  }

  /** Which side's packets the attacker makes more of. */
  private enum Victim {
    SERVER,
    CLIENT
  }

  /** A bad network, and an attacker's way into it. */
  private static final class Wire {
    final SimulatedNetwork network;
    final SplitMix64 random;
    final List<Packet> seen = new ArrayList<>();

    Wire(SimulatedNetwork network, long seed) {
      this.network = network;
      this.random = new SplitMix64(seed);
    }

    /** Faster than the true one, and never lost. */
    void put(Packet forged) {
      network.deliverPacket(forged);
    }

    void put(Packet like, byte[] payload) {
      put(like.withPayload(payload));
    }

    /** Of 100 packets 20 are lost, 10 doubled, and 10 up to two seconds late. */
    void pass(Packet genuine) {
      int fate = random.nextInt(0, 9);
      if (fate < 2) {
        return;
      }
      if (fate == 2) {
        network.deliverPacket(genuine);
      }
      network.deliverPacket(genuine, Duration.ofMillis(fate == 3 ? random.nextInt(0, 2000) : 1));
    }
  }

  // ------------------------------------------------------------------------- what can be told

  /** What is to be counted at the victim, so that nobody passes because nothing was done. */
  @FunctionalInterface
  private interface Counted {
    long in(DtlsEndpointStatistics statistics);
  }

  static Stream<Arguments> attacks() {
    Counted malformed = counted -> counted.malformed();
    Counted forged = counted -> counted.channels().forged();
    Counted replayed = counted -> counted.channels().replayed();
    Counted empty = counted -> counted.malformed() + counted.unknownAddress();
    return Stream.of(
            row("a copy with a damaged record header", DtlsOnPathTest::damagedHeader, malformed),
            row("a damaged copy of what is sealed", DtlsOnPathTest::damagedSealed, forged),
            row("alerts, clear and as if sealed", DtlsOnPathTest::alerts, forged),
            row("alerts of a later epoch", DtlsOnPathTest::alerts, malformed),
            row("each packet again, at once and later", DtlsOnPathTest::replays, replayed),
            row("each hello from everywhere", DtlsOnPathTest::hellosFromEverywhere, null),
            row("nothing in a datagram", (packet, wire) -> wire.put(packet, new byte[0]), empty),
            row("parts that lie about lengths", DtlsOnPathTest::lyingParts, malformed),
            row("the longest datagrams", DtlsOnPathTest::longest, malformed))
        .flatMap(
            row ->
                Stream.of(Victim.values())
                    .map(victim -> Arguments.of(row.get()[0], victim, row.get()[1])));
  }

  private static Arguments row(String name, Attack attack, @Nullable Counted counted) {
    return Arguments.of(Named.of(name, attack), counted);
  }

  /** In type, version, epoch, number or length of its first record. */
  private static void damagedHeader(Packet genuine, Wire wire) {
    for (int i = 0; i < 3; i++) {
      byte[] damaged = genuine.payload();
      damaged[wire.random.nextInt(0, 12)] ^= (byte) (1 << wire.random.nextInt(0, 7));
      wire.put(genuine, damaged);
    }
  }

  private static void damagedSealed(Packet genuine, Wire wire) {
    byte[] payload = genuine.payload();
    int sealedAt = 0;
    while (sealedAt < payload.length && payload[sealedAt + 4] == 0) {
      sealedAt += 13 + ByteBuffer.wrap(payload).getShort(sealedAt + 11);
    }
    if (sealedAt < payload.length) {
      for (int i = 0; i < 3; i++) {
        byte[] damaged = Arrays.copyOfRange(payload, sealedAt, payload.length);
        damaged[wire.random.nextInt(13, damaged.length - 1)] ^=
            (byte) (1 << wire.random.nextInt(0, 7));
        wire.put(genuine, damaged);
      }
    }
  }

  private static void alerts(Packet genuine, Wire wire) {
    for (int epoch = 0; epoch < 3; epoch++) {
      wire.put(genuine, record(21, epoch, new byte[] {2, 40}));
      wire.put(genuine, record(21, epoch, new byte[] {1, 0}));
      // As long as a sealed one is.
      wire.put(genuine, record(21, epoch, new byte[8 + 2 + 16]));
    }
  }

  private static void replays(Packet genuine, Wire wire) {
    wire.seen.add(genuine);
    wire.network.deliverPacket(genuine, Duration.ofMillis(wire.random.nextInt(0, 5000)));
    wire.network.deliverPacket(
        wire.seen.get(wire.random.nextInt(0, wire.seen.size() - 1)), Duration.ofSeconds(3));
  }

  private static void hellosFromEverywhere(Packet genuine, Wire wire) {
    byte[] payload = genuine.payload();
    if (genuine.destination().getPort() == 4433 && payload[0] == HANDSHAKE && payload[13] == 1) {
      for (int i = 0; i < 10; i++) {
        wire.put(genuine.withSource(address("203.0.113." + (1 + i), 7)));
      }
      wire.put(genuine);
    }
  }

  /** Of the messages that come next in truth, and of others. */
  private static void lyingParts(Packet genuine, Wire wire) {
    for (int number = 0; number < 20; number++) {
      // Longer than a message may be; behind its end; around its end.
      wire.put(genuine, part(11, 0xFF_FFFF, number, 0, 100));
      wire.put(genuine, part(11, 0xFF_FFFF, number, 0xFF_FFF0, 10));
      wire.put(genuine, part(11, 500, number, 500, 1));
      wire.put(genuine, part(11, 500, number, 0xFF_FFFF, 100));
      wire.put(genuine, part(11, 40, number, 20, 100));
      wire.put(genuine, part(11, 33_000, number, 0, 1000));
    }
    wire.put(genuine, part(11, 500, 0xFFFF, 0, 500));
  }

  private static void longest(Packet genuine, Wire wire) {
    byte[] noise = new byte[65_507];
    for (int i = 0; i < noise.length; i += 8) {
      noise[i] = (byte) wire.random.nextInt(0, 255);
    }
    wire.put(genuine, noise);
    // Thousands of records that are read one by one.
    ByteBuffer many = ByteBuffer.allocate(65_507);
    while (many.remaining() > 30) {
      many.put(record(21, 0, new byte[] {2, 40})).put(record(20, 0, new byte[] {1}));
    }
    wire.put(genuine, Arrays.copyOf(many.array(), many.position()));
    byte[] one = record(23, 1, new byte[16_384 + 2048]);
    wire.put(genuine, one);
  }

  private static byte[] record(int type, int epoch, byte[] content) {
    return ByteBuffer.allocate(13 + content.length)
        .put((byte) type)
        .putShort((short) 0xFEFD)
        .putLong((long) epoch << 48 | 1000)
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  private static byte[] part(int type, int messageBytes, int number, int offset, int length) {
    ByteBuffer part = ByteBuffer.allocate(12 + length);
    part.putInt(type << 24 | messageBytes).putShort((short) number);
    part.put((byte) (offset >>> 16)).putShort((short) offset);
    part.put((byte) 0).putShort((short) length);
    return record(HANDSHAKE, 0, part.array());
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("attacks")
  @DisplayName(
      "DTLS-D10 DTLS-I5 DTLS-J2 DTLS-L3 put in before each packet: the handshake ends well, and"
          + " each message comes once")
  void harmless(Attack attack, Victim victim, @Nullable Counted counted) throws Exception {
    Simulation.run(
        SEED,
        sim -> {
          Wire wire = new Wire(sim.network(), SEED);
          List<String> atServer = new ArrayList<>();
          List<String> atClient = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 5000)) {
            attackWith(attack, victim, wire);
            serveNoting(sim, server, SERVER.withHandshakeTimeout(null), atServer);
            DtlsChannel channel =
                client.connect(local(server), NAME, CLIENT.withHandshakeTimeout(null));
            channel.doHandshake();
            sim.nursery()
                .startSoon(
                    () -> {
                      try {
                        while (true) {
                          atClient.add(text(channel.receive()));
                        }
                      } catch (ClosedResourceException e) {
                        // The end of the test.
                      }
                    });
            for (int i = 0; i < MESSAGES; i++) {
              channel.send(bytes("message " + i));
              sim.sleep(Duration.ofMillis(100));
            }
            // What is late is there, and what comes now gets through in the end.
            sim.sleep(Duration.ofSeconds(6));
            for (int i = MESSAGES; !atClient.contains("re: message " + (i - 1)) || i < 30; i++) {
              assertTrue(i < 200, "nothing gets through");
              channel.send(bytes("message " + i));
              sim.sleep(Duration.ofSeconds(1));
            }
            assertOnce(atServer, "message ");
            assertOnce(atClient, "re: message ");
            DtlsEndpointStatistics statistics = server.statistics();
            assertEquals(1, statistics.accepted(), statistics::toString);
            assertEquals(1, statistics.established(), statistics::toString);
            assertEquals(0, statistics.halfOpen(), statistics::toString);
            assertEquals(1, client.statistics().established());
            if (counted != null) {
              boolean isServer = victim == Victim.SERVER;
              assertTrue(counted.in(isServer ? statistics : client.statistics()) > 0);
            } else if (victim == Victim.SERVER) {
              // Ten strangers, with and without a cookie, and a challenge for each.
              assertTrue(statistics.challenged() > 20, statistics::toString);
              assertTrue(statistics.badCookies() >= 10, statistics::toString);
            }
          }
        });
  }

  private static void attackWith(Attack attack, Victim victim, Wire wire) {
    wire.network.setRouter(
        packet -> {
          boolean toServer = packet.destination().getPort() == 4433;
          if (toServer == (victim == Victim.SERVER)) {
            attack.on(packet, wire);
          }
          wire.pass(packet);
        });
  }

  private static void serveNoting(
      Simulation sim, DtlsEndpoint server, DtlsServerConfig config, List<String> got)
      throws IOException, InterruptedException {
    DtlsEndpoint unused =
        sim.nursery()
            .start(
                status -> {
                  var unusedReport =
                      server.serve(
                          config,
                          channel ->
                              channel.forEach(
                                  message -> {
                                    got.add(text(message));
                                    channel.send(bytes("re: " + text(message)));
                                  }),
                          LENIENT,
                          status);
                });
  }

  private static void assertOnce(List<String> got, String prefix) {
    assertEquals(got.size(), new HashSet<>(got).size(), () -> "twice: " + got);
    for (String each : got) {
      assertTrue(each.matches(prefix + "[0-9]+"), each);
    }
  }

  // ------------------------------------------------------------------------- what cannot be told

  static Stream<Arguments> poisons() {
    List<Named<Attack>> attacks =
        List.of(
            Named.of("a copy with a bit flipped anywhere", DtlsOnPathTest::flipped),
            Named.of("parts that overlap the true ones and disagree", DtlsOnPathTest::overlapping));
    return attacks.stream()
        .flatMap(attack -> Stream.of(Victim.values()).map(victim -> Arguments.of(attack, victim)));
  }

  private static void flipped(Packet genuine, Wire wire) {
    byte[] flipped = genuine.payload();
    flipped[wire.random.nextInt(0, flipped.length - 1)] ^= (byte) (1 << wire.random.nextInt(0, 7));
    wire.put(genuine, flipped);
  }

  /** The last half of the first message with other bytes. */
  private static void overlapping(Packet genuine, Wire wire) {
    byte[] payload = genuine.payload();
    int messageBytes = payload.length > 25 ? ByteBuffer.wrap(payload).getShort(15) : 0;
    if (payload[0] == HANDSHAKE && payload[4] == 0 && payload[13] != 1 && messageBytes > 1) {
      int half = messageBytes / 2;
      int number = ByteBuffer.wrap(payload).getShort(17);
      wire.put(genuine, part(payload[13], messageBytes, number, half, messageBytes - half));
    }
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("poisons")
  @DisplayName(
      "DTLS-D10 DTLS-J2 what cannot be told from the truth ends in time: well, or with a cause; the"
          + " next try is well")
  void poisoned(Attack attack, Victim victim) throws Exception {
    for (long seed = SEED; seed < SEED + Stress.rounds(1, 20); seed++) {
      Wire[] wire = new Wire[1];
      long each = seed;
      Simulation.run(
          seed,
          sim -> {
            wire[0] = new Wire(sim.network(), each);
            List<String> atServer = new ArrayList<>();
            try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
                DtlsEndpoint client = endpoint("192.0.2.2", 5000)) {
              InetSocketAddress to = local(server);
              attackWith(attack, victim, wire[0]);
              serveNoting(sim, server, SERVER, atServer);
              DtlsChannel channel =
                  client.connect(to, NAME, CLIENT.withHandshakeTimeout(Duration.ofSeconds(30)));
              try {
                channel.doHandshake();
                channel.send(bytes("message 1"));
              } catch (BrokenResourceException e) {
                assertTrue(e.getMessage() != null && e.getCause() != null, e::toString);
                assertTrue(sim.now().compareTo(Duration.ofSeconds(30)) <= 0);
              }
              // The attacker goes away; what he has begun runs into its limit.
              sim.network().setRouter(sim.network()::deliverPacket);
              sim.sleep(Duration.ofSeconds(70));
              assertEquals(0, server.statistics().halfOpen());
              assertOnce(atServer, "message ");
              assertTrue(
                  !CancelScope.moveOnAfter(Duration.ofSeconds(30))
                      .run(
                          () ->
                              assertEquals(
                                  "re: message 2", ask(dial(client, server), "message 2"))));
            }
          });
    }
  }
}
