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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsReplacement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One address, one association: who gives way to whom, and what the loser sees. */
class DtlsReplacementTest {
  @Test
  @DisplayName("DTLS-K14 DTLS-F4 a client gives up in the handshake and dials again from its port")
  void clientStartsAnew() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          SimulatedNetwork network = sim.network();
          List<String> handlers = new ArrayList<>();
          AtomicBoolean isMute = new AtomicBoolean(true);
          network.setRouter(
              packet -> {
                // Challenges pass; the server's flight is lost at first.
                boolean isLost =
                    isMute.get() && packet.source().equals(local(server)) && packet.size() > 60;
                if (!isLost) {
                  network.deliverPacket(packet);
                }
              });
          serve(
              sim,
              server,
              channel -> {
                try {
                  channel.doHandshake();
                  handlers.add("established");
                  DtlsPlay.echo(channel);
                } catch (BrokenResourceException e) {
                  handlers.add(String.valueOf(e.getMessage()));
                }
              });
          DtlsChannel first = dial(client, server);
          assertTrue(CancelScope.moveOnAfter(Duration.ofMillis(500)).run(first::doHandshake));
          isMute.set(false);
          DtlsChannel second = dial(client, server);
          assertEquals("hello", ask(second, "hello"));
          assertEquals(Duration.ofMillis(500), sim.now());
          assertThrows(BrokenResourceException.class, first::doHandshake);
          assertEquals(2, handlers.size());
          assertEquals(
              "replaced by a new association with 192.0.2.2:" + local(client).getPort(),
              handlers.stream().filter(text -> !text.equals("established")).findFirst().get());
        });
  }

  @Test
  @DisplayName("DTLS-K15 DTLS-D2 two endpoints swap their roles: what was there before is Broken")
  void swapClientServer() throws Exception {
    Simulation.run(
        1,
        sim -> {
          List<String> broken = new ArrayList<>();
          try (DtlsEndpoint a = endpoint("192.0.2.1", 4433);
              DtlsEndpoint b = endpoint("192.0.2.2", 4433)) {
            for (DtlsEndpoint each : List.of(a, b)) {
              serve(
                  sim,
                  each,
                  channel -> {
                    try {
                      DtlsPlay.echo(channel);
                    } catch (BrokenResourceException e) {
                      broken.add(each == a ? "a's handler" : "b's handler");
                    }
                  });
            }
            DtlsChannel there = dial(b, a);
            assertEquals("one", ask(there, "one"));
            DtlsChannel back = dial(a, b);
            assertEquals("two", ask(back, "two"));
            assertThrows(BrokenResourceException.class, () -> there.send(bytes("x")));
            assertThrows(BrokenResourceException.class, there::receive);
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(List.of("a's handler"), broken);
            assertEquals("three", ask(back, "three"));
          }
        });
  }

  @ParameterizedTest
  @EnumSource(DtlsReplacement.class)
  @DisplayName(
      "DTLS-F1 DTLS-L4 a client that has crashed: its old handler ends with the handshake, or the cookie")
  void clientCrashed(DtlsReplacement rule) throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.setLatency(Duration.ofMillis(100));
          List<String> ends = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433)) {
            sim.nursery()
                .start(
                    status -> {
                      var unused =
                          server.serve(
                              SERVER.withReplacement(rule),
                              channel -> {
                                try {
                                  DtlsPlay.echo(channel);
                                } catch (BrokenResourceException e) {
                                  ends.add(sim.now() + "");
                                }
                              },
                              LENIENT,
                              status);
                    });
            DtlsEndpoint before = endpoint("192.0.2.2", 1000);
            assertEquals("one", ask(dial(before, server), "one"));
            before.close();
            assertEquals(Duration.ofMillis(800), sim.now());
            try (DtlsEndpoint after = endpoint("192.0.2.2", 1000)) {
              assertEquals("two", ask(dial(after, server), "two"));
              assertEquals(Duration.ofMillis(1600), sim.now());
              // The cookie comes back after three flights, and the client's Finished after five.
              assertEquals(List.of(rule == DtlsReplacement.AT_COOKIE ? "PT1.1S" : "PT1.3S"), ends);
              assertEquals(1, server.statistics().established());
              assertEquals(1, server.statistics().replaced());
            }
          }
        });
  }

  @Test
  @DisplayName("DTLS-K26 DTLS-F3 a second dial breaks the handshake that goes on, at once")
  void replacedWhileHandshaking() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.setRouter(packet -> {});
          try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            var nowhere = DtlsPlay.address("192.0.2.1", 4433);
            DtlsChannel first = client.connect(nowhere, NAME, CLIENT);
            sim.nursery()
                .startSoon(
                    () -> {
                      sim.sleep(Duration.ofMillis(1500));
                      client.connect(nowhere, NAME, CLIENT);
                    });
            BrokenResourceException e =
                assertThrows(BrokenResourceException.class, first::doHandshake);
            Message.contains(e, "replaced");
            assertEquals(Duration.ofMillis(1500), sim.now());
            assertThrows(BrokenResourceException.class, first::receive);
            assertThrows(BrokenResourceException.class, () -> first.send(bytes("x")));
          }
        });
  }

  @Test
  @DisplayName("DTLS-K27 replaced before its handshake starts: Broken, and not one packet is sent")
  void replacedBeforeHandshake() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            var nowhere = DtlsPlay.address("192.0.2.1", 4433);
            DtlsChannel first = client.connect(nowhere, NAME, CLIENT);
            DtlsChannel second = client.connect(nowhere, NAME, CLIENT);
            assertThrows(BrokenResourceException.class, first::doHandshake);
            sim.sleep(Duration.ofSeconds(10));
            assertEquals(0, client.statistics().datagramsOut());
            // DTLS-F5: closing the first does not touch the second.
            first.close();
            assertTrue(CancelScope.moveOnAfter(Duration.ofMillis(1)).run(second::doHandshake));
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-F2 what was received before the replacement can be taken, and then it is Broken")
  void queuedMessagesFirst() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel first = dial(client, server);
          first.send(bytes("kept"));
          sim.sleep(Duration.ofSeconds(1));
          dial(client, server);
          assertEquals("kept", text(first.receive()));
          assertThrows(BrokenResourceException.class, first::receive);
        });
  }
}
