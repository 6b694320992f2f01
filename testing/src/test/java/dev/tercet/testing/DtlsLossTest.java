package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CA;
import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.bytes;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static dev.tercet.testing.DtlsPlay.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.support.Stress;
import dev.tercet.testing.internal.SplitMix64;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.Router;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS on networks that lose, double, delay, damage, and carry only short datagrams. */
class DtlsLossTest {
  /** Of 100 packets 10 are lost, 10 doubled, and 10 up to three seconds late. */
  private static void makeTerrible(SimulatedNetwork network, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    network.setRouter(
        packet -> {
          int fate = random.nextInt(0, 9);
          if (fate == 0) {
            return;
          }
          if (fate == 1) {
            network.deliverPacket(packet);
            network.deliverPacket(packet);
          } else if (fate == 2) {
            network.deliverPacket(packet, Duration.ofMillis(random.nextInt(0, 3000)));
          } else {
            network.deliverPacket(packet);
          }
        });
  }

  @Test
  @DisplayName("DTLS-K2 handshakes and echoes over a terrible network, one after the other")
  void terribleNetwork() throws Exception {
    long seed = Stress.seed(DtlsLossTest.class);
    int handshakes = Stress.rounds(20, 200);
    Simulation.run(
        seed,
        sim -> {
          makeTerrible(sim.network(), seed);
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433)) {
            serve(sim, server, DtlsPlay::echo);
            for (int i = 0; i < handshakes; i++) {
              try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
                DtlsChannel channel =
                    client.connect(local(server), NAME, CLIENT.withHandshakeTimeout(null));
                channel.doHandshake();
                DtlsPlay.askUntilAnswered(channel, "message " + i);
              }
            }
          }
        });
  }

  @Test
  @DisplayName("DTLS-L18 KIT-J7 the same seed gives the same trace, again and again")
  void sameSeedSameTrace() throws Exception {
    long seed = Stress.seed(DtlsLossTest.class);
    List<String> first = terribleTrace(seed);
    for (int run = 1; run < Stress.rounds(10, 100); run++) {
      assertEquals(first, terribleTrace(seed), "seed " + seed + ", run " + run);
    }
    assertNotEquals(first, terribleTrace(seed + 1));
  }

  private static List<String> terribleTrace(long seed) throws Exception {
    List<String> trace = new ArrayList<>();
    DtlsPlay.talk(
        seed,
        (sim, server, client) -> {
          makeTerrible(sim.network(), seed);
          Router inner = sim.network().router();
          sim.network()
              .setRouter(
                  packet -> {
                    trace.add(sim.now() + " " + packet + " " + Arrays.hashCode(packet.payload()));
                    inner.route(packet);
                  });
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          sim.nursery()
              .startSoon(
                  () -> {
                    try {
                      channel.doHandshake();
                    } catch (ClosedResourceException e) {
                      // With this seed its turn comes when the talk is over.
                    }
                  });
          DtlsPlay.askUntilAnswered(channel, "hello");
        });
    return trace;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  @DisplayName("DTLS-K17 a lost first packet costs exactly the initial timeout")
  void initialTimeout(int seconds) throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          AtomicBoolean isFirst = new AtomicBoolean(true);
          network.setRouter(
              packet -> {
                if (!isFirst.getAndSet(false)) {
                  network.deliverPacket(packet);
                }
              });
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          channel.doHandshake(Duration.ofSeconds(seconds));
          assertEquals(Duration.ofSeconds(seconds), sim.now());
          assertEquals(1, channel.statistics().retransmits());
        });
  }

  @Test
  @DisplayName("DTLS-K12 DTLS-C2 DTLS-C3 garbage does not disturb the server")
  void garbage() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          List<byte[]> hellos = new ArrayList<>();
          network.setRouter(
              packet -> {
                if (packet.destination().getPort() == 4433) {
                  hellos.add(packet.payload());
                }
                network.deliverPacket(packet);
              });
          serve(sim, server, DtlsPlay::echo);
          assertEquals("before", ask(dial(client, server), "before"));
          byte[] hello = hellos.get(1);
          List<byte[]> junk = new ArrayList<>();
          junk.add(new byte[0]);
          junk.add(bytes("xxx"));
          junk.add(Arrays.copyOf(hello, hello.length + 1));
          for (int length : new int[] {13, 14, 20, 24, 60, 100, hello.length - 1}) {
            junk.add(Arrays.copyOf(hello, length));
          }
          junk.add(changed(hello, 12, 1)); // the length of the record
          junk.add(changed(hello, 21, 1)); // where the fragment begins
          junk.add(changed(hello, 24, -1)); // how long it is
          junk.add(changed(hello, 3, 1)); // the epoch
          byte[] empty = Arrays.copyOf(hello, 13);
          empty[11] = 0;
          empty[12] = 0;
          junk.add(empty);
          UdpSocket stranger = UdpSocket.open(StandardProtocolFamily.INET);
          for (byte[] each : junk) {
            stranger.sendTo(ByteBuffer.wrap(each), local(server));
          }
          stranger.close();
          sim.sleep(Duration.ofSeconds(1));
          assertEquals(1, server.statistics().accepted());
          assertEquals("after", ask(dial(client, server), "after"));
        });
  }

  private static byte[] changed(byte[] hello, int at, int by) {
    byte[] changed = hello.clone();
    changed[at] += (byte) by;
    return changed;
  }

  @Test
  @DisplayName("DTLS-K13 a second hello with one bit flipped anywhere is made good by the next one")
  void flippedBits() throws Exception {
    int length = helloLength();
    for (int at = 11; at < length; at++) {
      int flipped = at;
      DtlsPlay.talk(
          at,
          (sim, server, client) -> {
            SimulatedNetwork network = sim.network();
            AtomicInteger fromClient = new AtomicInteger();
            network.setRouter(
                packet -> {
                  boolean isSecond =
                      packet.destination().equals(local(server))
                          && fromClient.incrementAndGet() == 2;
                  network.deliverPacket(
                      isSecond
                          ? packet.withPayload(changed(packet.payload(), flipped, 1))
                          : packet);
                });
            serve(sim, server, DtlsPlay::echo);
            DtlsChannel channel = dial(client, server);
            channel.doHandshake();
            assertEquals("x", ask(channel, "x"));
            assertTrue(channel.statistics().retransmits() > 0, "byte " + flipped);
          });
    }
  }

  private static int helloLength() throws Exception {
    AtomicInteger longest = new AtomicInteger();
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          network.setRouter(
              packet -> {
                if (packet.destination().getPort() == 4433 && longest.get() == 0) {
                  longest.set(packet.size() + 32);
                }
                network.deliverPacket(packet);
              });
          serve(sim, server, DtlsPlay::echo);
          dial(client, server).doHandshake();
        });
    return longest.get();
  }

  @Test
  @DisplayName("DTLS-K16 DTLS-E1 after an hour of silence one packet of garbage changes nothing")
  void longSilence() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          AtomicBoolean isBlack = new AtomicBoolean(true);
          network.setRouter(
              packet -> {
                if (!isBlack.get()) {
                  network.deliverPacket(packet);
                }
              });
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel =
              client.connect(local(server), NAME, CLIENT.withHandshakeTimeout(null));
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(Duration.ofMinutes(60));
                    isBlack.set(false);
                    network.deliverPacket(
                        Packet.of(local(server), local(client), bytes("garbage")));
                  });
          channel.doHandshake();
          // 1 + 2 + 4 + 8 + 16 + 32 s, then 60 s each: the next after the hour is at 63 s + 59
          // min.
          assertEquals(Duration.ofSeconds(3603), sim.now());
          assertEquals("x", ask(channel, "x"));
        });
  }

  @Test
  @DisplayName("DTLS-K18 DTLS-E8 DTLS-E14 with an MTU of 300 no datagram is longer, and all works")
  void tinyMtu() throws Exception {
    DtlsServerConfig config = DtlsServerConfig.of(CA.intermediate("tiny").issue(NAME));
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          AtomicInteger longest = new AtomicInteger();
          network.setRouter(
              packet -> {
                longest.accumulateAndGet(packet.size(), Math::max);
                network.deliverPacket(packet);
              });
          DtlsEndpoint unused =
              sim.nursery()
                  .start(
                      status -> {
                        var unusedReport =
                            server.serve(
                                config,
                                channel -> {
                                  channel.setCiphertextMtu(300);
                                  DtlsPlay.echo(channel);
                                },
                                LENIENT,
                                status);
                      });
          DtlsChannel channel = dial(client, server);
          channel.setCiphertextMtu(300);
          assertEquals("hello", ask(channel, "hello"));
          assertEquals(263, channel.getCleartextMtu());
          byte[] full = new byte[channel.getCleartextMtu()];
          channel.send(full);
          assertEquals(full.length, channel.receive().length);
          assertEquals(300, longest.get());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
  @DisplayName("DTLS-K19 DTLS-E6 DTLS-E7 a path of the least MTU is found by falling back")
  void minimumMtu(String literal) throws Exception {
    DtlsServerConfig config =
        DtlsServerConfig.of(CA.intermediate("a").intermediate("b").intermediate("c").issue(NAME));
    int limit = literal.contains(".") ? 548 : 1232;
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          AtomicInteger tooLong = new AtomicInteger();
          network.setRouter(
              packet -> {
                if (packet.size() <= limit) {
                  network.deliverPacket(packet);
                } else {
                  tooLong.incrementAndGet();
                }
              });
          try (DtlsEndpoint server = endpoint(literal, 4433);
              DtlsEndpoint client = endpoint(literal, 0)) {
            DtlsEndpoint unused =
                sim.nursery()
                    .start(
                        status -> {
                          var unusedReport =
                              server.serve(
                                  config,
                                  channel -> {
                                    channel.setCiphertextMtu(9999);
                                    DtlsPlay.echo(channel);
                                  },
                                  LENIENT,
                                  status);
                        });
            DtlsChannel channel = dial(client, server);
            channel.setCiphertextMtu(9999);
            channel.doHandshake();
            assertEquals("x", ask(channel, "x"));
            assertTrue(tooLong.get() >= 2, "the chain was too short for this test");
            assertTrue(channel.getCleartextMtu() > 9000);
            assertEquals(1, server.statistics().channels().mtuFallbacks());
          }
        });
  }

  @Test
  @DisplayName("DTLS-H1 DTLS-H2 the last flight is repeated though nobody receives at the server")
  void lostLastFlight() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          network.setLatency(Duration.ofMillis(10));
          Router open = network.router();
          AtomicInteger fromServer = new AtomicInteger();
          network.setRouter(
              packet -> {
                // The challenge, the server's flight, and then its Finished, which is lost.
                boolean isFinished =
                    packet.source().equals(local(server)) && fromServer.incrementAndGet() == 3;
                if (!isFinished) {
                  open.route(packet);
                }
              });
          serve(
              sim,
              server,
              channel -> {
                channel.doHandshake();
                sim.sleep(Duration.ofSeconds(5));
              });
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          // Six flights of 10 ms, and the client's last one again after a second: one flight
          // more.
          assertEquals(Duration.ofMillis(1060), sim.now());
          assertEquals(1, server.statistics().channels().finalFlightResends());
          assertEquals(0, server.statistics().channels().retransmits());
        });
  }

  @Test
  @DisplayName("DTLS-K25 DTLS-J3 DTLS-C12 a socket that is closed while a challenge is sent")
  void closedWhileChallenging() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          DtlsEndpoint server = endpoint("192.0.2.1", 4433);
          try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            network.setRouter(
                packet -> {
                  if (packet.destination().equals(local(server))) {
                    network.deliverPacket(packet);
                  } else {
                    server.socket().closeForcefully();
                  }
                });
            sim.nursery()
                .startSoon(
                    () -> {
                      var report = server.serve(DtlsPlay.SERVER, DtlsPlay::echo);
                      assertEquals(0, report.accepted());
                    });
            sim.sleep(Duration.ofMillis(1));
            DtlsChannel channel =
                client.connect(
                    local(server), NAME, CLIENT.withHandshakeTimeout(Duration.ofSeconds(3)));
            assertThrows(Exception.class, channel::doHandshake);
            assertThrows(
                ClosedResourceException.class, () -> server.serve(DtlsPlay.SERVER, DtlsPlay::echo));
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-G1 DTLS-G4 lost, doubled and damaged messages: what arrives is whole, and once")
  void messages() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          List<String> got = new ArrayList<>();
          serve(sim, server, channel -> channel.forEach(message -> got.add(text(message))));
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          network.setRouter(
              packet -> {
                byte[] damaged = packet.payload();
                damaged[damaged.length - 1] ^= 1;
                network.deliverPacket(packet.withPayload(damaged));
                network.deliverPacket(packet);
                network.deliverPacket(packet);
              });
          for (int i = 0; i < 20; i++) {
            channel.send(bytes("" + i));
            sim.sleep(Duration.ofMillis(1));
          }
          assertEquals(20, got.size());
          assertEquals(20, server.statistics().channels().forged());
          assertEquals(20, server.statistics().channels().replayed());
        });
  }

  @Test
  @DisplayName(
      "DTLS-K28 DTLS-D8 handshakes to ports where nobody is do not disturb the one that is")
  void closedPorts() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          sim.network().setLatency(Duration.ofMillis(10));
          serve(sim, server, DtlsPlay::echo);
          AtomicInteger failed = new AtomicInteger();
          DtlsConfig brief = CLIENT.withHandshakeTimeout(Duration.ofSeconds(20));
          for (int port = 1; port <= 9; port++) {
            DtlsChannel nowhere = client.connect(DtlsPlay.address("192.0.2.1", port), NAME, brief);
            sim.nursery()
                .startSoon(
                    () -> {
                      try {
                        nowhere.doHandshake();
                      } catch (BrokenResourceException e) {
                        failed.incrementAndGet();
                      }
                    });
          }
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          assertEquals(Duration.ofMillis(60), sim.now());
          assertEquals("x", ask(channel, "x"));
          sim.sleep(Duration.ofSeconds(21));
          assertEquals(9, failed.get());
        });
  }
}
