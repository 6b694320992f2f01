package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.bytes;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static dev.tercet.testing.DtlsPlay.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.Router;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a DTLS server does with its peers, the honest ones and the others. */
class DtlsServingTest {
  @Test
  @DisplayName("DTLS-B2 DTLS-B5 serving is told; a handler's failure ends serve and the others")
  void handlerFails() throws Exception {
    Simulation.run(
        1,
        sim -> {
          List<DtlsChannel> channels = new ArrayList<>();
          List<String> outcomes = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0);
              DtlsEndpoint other = endpoint("192.0.2.3", 0)) {
            DtlsEndpoint told =
                sim.nursery()
                    .start(
                        status -> {
                          IOException e =
                              assertThrows(
                                  IOException.class,
                                  () ->
                                      server.serve(
                                          SERVER,
                                          channel -> {
                                            channels.add(channel);
                                            if (text(channel.receive()).equals("fail")) {
                                              throw new IOException("as told");
                                            }
                                            channel.receive();
                                          },
                                          ServeOptions.DEFAULT,
                                          status));
                          outcomes.add(String.valueOf(e.getMessage()));
                        });
            assertSame(server, told);
            dial(other, server).send(bytes("wait"));
            sim.sleep(Duration.ofSeconds(1));
            dial(client, server).send(bytes("fail"));
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(List.of("as told"), outcomes);
            assertEquals(2, channels.size());
            for (DtlsChannel channel : channels) {
              assertThrows(ClosedResourceException.class, channel::receive);
            }
            // Nobody serves: no answer to anybody.
            long before = server.statistics().datagramsOut();
            assertTrue(
                CancelScope.moveOnAfter(Duration.ofSeconds(5))
                    .run(dial(client, server)::doHandshake));
            assertEquals(before, server.statistics().datagramsOut());
          }
        });
  }

  @Test
  @DisplayName("DTLS-B5 onHandlerError is told the peer; maxConnections holds the others back")
  void options() throws Exception {
    Simulation.run(
        1,
        sim -> {
          List<SocketAddress> peers = new ArrayList<>();
          List<String> events = new ArrayList<>();
          ServeOptions options =
              ServeOptions.DEFAULT
                  .withMaxConnections(1)
                  .withOnHandlerError((e, peer) -> peers.add(peer));
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint one = endpoint("192.0.2.2", 7);
              DtlsEndpoint two = endpoint("192.0.2.3", 8)) {
            DtlsEndpoint unused =
                sim.nursery()
                    .start(
                        status -> {
                          ServeReport unusedReport =
                              server.serve(
                                  SERVER,
                                  channel -> {
                                    channel.doHandshake();
                                    events.add("begins");
                                    sim.sleep(Duration.ofSeconds(10));
                                    events.add("ends");
                                    throw new IOException("on purpose");
                                  },
                                  options,
                                  status);
                        });
            sim.nursery().startSoon(dial(one, server)::doHandshake);
            sim.sleep(Duration.ofMillis(1));
            dial(two, server).doHandshake();
            assertTrue(sim.now().compareTo(Duration.ofSeconds(10)) >= 0, sim.now() + "");
            sim.sleep(Duration.ofSeconds(11));
            assertEquals(List.of("begins", "ends", "begins", "ends"), events);
            assertEquals(List.of(local(one), local(two)), peers);
          }
        });
  }

  @Test
  @DisplayName("IO-SV4 a handshake that fails ends its channel and not the server")
  void failedHandshake() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          StopSignal stop = new StopSignal();
          List<ServeReport> reports = new ArrayList<>();
          DtlsEndpoint unused =
              sim.nursery()
                  .start(
                      status ->
                          reports.add(
                              server.serve(
                                  SERVER,
                                  DtlsPlay::echo,
                                  ServeOptions.DEFAULT.withStop(stop, Duration.ofSeconds(1)),
                                  status)));
          DtlsChannel distrusting =
              client.connect(local(server), DtlsPlay.NAME, DtlsConfig.DEFAULT);
          assertThrows(BrokenResourceException.class, distrusting::doHandshake);
          assertEquals("hello", DtlsPlay.ask(dial(client, server), "hello"));
          stop.stop();
          sim.sleep(Duration.ofSeconds(2));
          assertEquals(List.of(new ServeReport(2, 0, 1, 1)), reports);
        });
  }

  @Test
  @DisplayName("DTLS-B10 the handler of a peer that has vanished is cancelled, others go on")
  void idleTimeout() throws Exception {
    Simulation.run(
        1,
        sim -> {
          List<String> ended = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint lively = endpoint("192.0.2.2", 2);
              DtlsEndpoint vanishing = endpoint("192.0.2.3", 3);
              DtlsEndpoint listening = endpoint("192.0.2.4", 4)) {
            ServeOptions options = LENIENT.withIdleTimeout(Duration.ofSeconds(20));
            DtlsEndpoint unused =
                sim.nursery()
                    .start(
                        status -> {
                          ServeReport unusedReport =
                              server.serve(
                                  SERVER,
                                  channel -> {
                                    String peer = channel.peerAddress().getPort() + "";
                                    try {
                                      if (text(channel.receive()).equals("push")) {
                                        while (true) {
                                          channel.send(bytes("news"));
                                          sim.sleep(Duration.ofSeconds(1));
                                        }
                                      }
                                      DtlsPlay.echo(channel);
                                    } finally {
                                      ended.add(peer + " at " + sim.now().toSeconds());
                                    }
                                  },
                                  options,
                                  status);
                        });
            DtlsChannel talk = dial(lively, server);
            talk.send(bytes("echo"));
            dial(vanishing, server).send(bytes("echo"));
            dial(listening, server).send(bytes("push"));
            sim.sleep(Duration.ofMillis(1));
            vanishing.closeForcefully();
            assertEquals(3, server.statistics().established());
            byte[][] seen = {new byte[0]};
            Router open = sim.network().router();
            sim.network()
                .setRouter(
                    packet -> {
                      if (packet.source().equals(local(lively))) {
                        seen[0] = packet.payload();
                      }
                      open.route(packet);
                    });
            for (int i = 0; i < 6; i++) {
              assertEquals("x", ask(talk, "x"));
              sim.sleep(Duration.ofSeconds(10));
            }
            // What is sent to a peer that says nothing does not count.
            assertEquals(2, ended.size(), ended::toString);
            assertTrue(ended.contains("3 at 25"), ended::toString);
            assertTrue(ended.contains("4 at 25"), ended::toString);
            assertEquals(1, server.statistics().established());
            // Neither does what anybody could repeat in a peer's name.
            for (int i = 0; i < 30; i++) {
              sim.network().deliverPacket(Packet.of(local(lively), local(server), seen[0]));
              sim.sleep(Duration.ofSeconds(1));
            }
            assertEquals(3, ended.size(), ended::toString);
            assertEquals(0, server.statistics().established());
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-I4 DTLS-L14 who says no close_notify alerts answers none, and the channel ends all the same")
  void unansweredGoodbye() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          DtlsServerConfig mute = SERVER.withSendCloseNotify(false);
          sim.nursery()
              .start(
                  status -> {
                    var unused = server.serve(mute, DtlsPlay::echo, LENIENT, status);
                  });
          DtlsChannel channel = dial(client, server);
          assertEquals("x", ask(channel, "x"));
          assertEquals(1, server.statistics().established());
          List<String> sent = new ArrayList<>();
          Router open = sim.network().router();
          sim.network()
              .setRouter(
                  packet -> {
                    sent.add(packet.toString());
                    open.route(packet);
                  });
          channel.close();
          sim.sleep(Duration.ofSeconds(1));
          assertEquals(1, sent.size(), sent::toString);
          assertEquals(0, server.statistics().established());
        });
  }

  @Test
  @DisplayName(
      "DTLS-A15 DTLS-I3 closing an endpoint sends nothing; DTLS-L14 closing a channel does, once")
  void closeNotifyOnce() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433)) {
            serve(sim, server, DtlsPlay::echo);
            List<String> sent = new ArrayList<>();
            Router open = sim.network().router();
            sim.network()
                .setRouter(
                    packet -> {
                      sent.add(packet.toString());
                      open.route(packet);
                    });
            for (int round = 0; round < 4; round++) {
              DtlsEndpoint client = endpoint("192.0.2.2", 0);
              DtlsChannel channel =
                  client.connect(
                      local(server), NAME, round == 3 ? CLIENT.withSendCloseNotify(false) : CLIENT);
              assertEquals("x", ask(channel, "x"));
              sent.clear();
              switch (round) {
                case 0 -> client.close();
                case 1 -> channel.closeForcefully();
                default -> channel.close();
              }
              channel.close();
              sim.sleep(Duration.ofSeconds(1));
              // Said, and answered.
              assertEquals(round == 2 ? 2 : 0, sent.size(), "round " + round + sent);
              client.close();
            }
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-H3 DTLS-L5 forged clear records get one answer per half second, and none later")
  void forgedRepeats() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          serve(
              sim,
              server,
              channel -> {
                channel.doHandshake();
                sim.sleep(Duration.ofHours(1));
              });
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          long before = server.statistics().datagramsOut();
          byte[] cipherChange = {20, (byte) 0xFE, (byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1};
          for (int i = 0; i < 100; i++) {
            network.deliverPacket(Packet.of(local(client), local(server), cipherChange));
            sim.sleep(Duration.ofMillis(50));
          }
          // Five seconds.
          assertEquals(10, server.statistics().datagramsOut() - before);
          assertEquals(10, server.statistics().channels().finalFlightResends());
          channel.send(bytes("I am here"));
          sim.sleep(Duration.ofSeconds(1));
          network.deliverPacket(Packet.of(local(client), local(server), cipherChange));
          sim.sleep(Duration.ofSeconds(1));
          assertEquals(10, server.statistics().datagramsOut() - before);
        });
  }

  @Test
  @DisplayName("DTLS-I5 DTLS-D10 DTLS-J2 forged alerts and junk in the handshake do not end it")
  void forgedAlerts() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          byte[] alert = {21, (byte) 0xFE, (byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
          byte[] sealed = {22, (byte) 0xFE, (byte) 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
          network.setRouter(
              packet -> {
                network.deliverPacket(packet.withPayload(alert));
                network.deliverPacket(packet.withPayload(sealed));
                network.deliverPacket(packet.withPayload(bytes("junk")));
                network.deliverPacket(packet);
              });
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          assertEquals(Duration.ZERO, sim.now());
          assertEquals("x", ask(channel, "x"));
        });
  }

  @Test
  @DisplayName("DTLS-G7 junk in the peer's name takes no room from messages")
  void junkTakesNoRoom() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          byte[] junk = new byte[60];
          junk[0] = 23;
          junk[1] = (byte) 0xFE;
          junk[2] = (byte) 0xFD;
          junk[4] = 1;
          junk[12] = 47;
          for (int i = 0; i < 100; i++) {
            junk[10] = (byte) i;
            network.deliverPacket(Packet.of(local(server), local(client), junk));
          }
          assertEquals("x", ask(channel, "x"));
          assertEquals(100, channel.statistics().forged());
          assertEquals(0, channel.statistics().incomingPacketsDropped());
        });
  }

  @Test
  @DisplayName(
      "DTLS-L6 DTLS-L7 with one handshake at a time the second client waits; all is counted")
  void halfOpenLimit() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(Duration.ofMillis(100));
          try (DtlsEndpoint server =
                  endpoint("192.0.2.1", 4433, DtlsLimits.DEFAULT.withMaxHalfOpen(1));
              DtlsEndpoint one = endpoint("192.0.2.2", 0);
              DtlsEndpoint two = endpoint("192.0.2.3", 0)) {
            serve(sim, server, DtlsPlay::echo);
            AtomicInteger done = new AtomicInteger();
            for (DtlsEndpoint client : List.of(one, two)) {
              sim.nursery()
                  .startSoon(
                      () -> {
                        assertEquals("x", ask(dial(client, server), "x"));
                        done.incrementAndGet();
                      });
            }
            sim.sleep(Duration.ofMillis(900));
            assertEquals(1, done.get());
            DtlsEndpointStatistics statistics = server.statistics();
            assertEquals(2, statistics.challenged());
            assertEquals(1, statistics.accepted());
            assertEquals(1, statistics.overLimit());
            assertEquals(1, statistics.established());
            // Its second hello again a second after the first try.
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(2, done.get());
            assertEquals(2, server.statistics().established());
            assertEquals(0, server.statistics().halfOpen());
          }
        });
  }

  @Test
  @DisplayName("DTLS-D7 DTLS-G3 an interrupt ends the wait and nothing else")
  void interrupt() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          sim.network().setLatency(Duration.ofMillis(100));
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          Thread waiting = Thread.currentThread();
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(Duration.ofMillis(50));
                    waiting.interrupt();
                    sim.sleep(Duration.ofMillis(600));
                    waiting.interrupt();
                  });
          assertThrows(InterruptedException.class, channel::doHandshake);
          assertEquals(Duration.ofMillis(50), sim.now());
          assertThrows(InterruptedException.class, channel::receive);
          assertEquals(Duration.ofMillis(650), sim.now());
          Thread.currentThread().interrupt();
          assertThrows(InterruptedException.class, () -> channel.send(bytes("not sent")));
          assertEquals("x", ask(channel, "x"));
          assertEquals(0, channel.statistics().retransmits());
        });
  }

  @Test
  @DisplayName(
      "DTLS-D10 a server that cannot say who it is fails the handler, and the client in time")
  void noIdentity() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          List<Throwable> failures = new ArrayList<>();
          DtlsEndpoint unused =
              sim.nursery()
                  .start(
                      status -> {
                        ServeReport unusedReport =
                            server.serve(
                                DtlsServerConfig.choosing(name -> null),
                                DtlsChannel::doHandshake,
                                ServeOptions.DEFAULT.withOnHandlerError(
                                    (e, peer) -> failures.add(e)),
                                status);
                      });
          DtlsChannel channel =
              client.connect(
                  local(server), NAME, CLIENT.withHandshakeTimeout(Duration.ofSeconds(5)));
          assertThrows(BrokenResourceException.class, channel::doHandshake);
          assertEquals(1, failures.size());
          assertEquals(0, server.statistics().halfOpen());
        });
  }
}
