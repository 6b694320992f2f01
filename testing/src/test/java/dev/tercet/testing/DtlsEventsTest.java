package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.testing.simulation.Router;
import dev.tercet.testing.simulation.Simulation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a flight recording tells of DTLS, and DTLS in a JVM that cannot record. There is one
 * recording for all: in a second one of the same JVM, JDK 17 forgets texts that were in the first.
 */
class DtlsEventsTest {
  private static final String HANDSHAKE = "dev.tercet.DtlsHandshake";
  private static final String END = "dev.tercet.DtlsEnd";
  private static List<RecordedEvent> events = List.of();

  @BeforeAll
  static void record() throws Exception {
    Path file = Files.createTempFile("tercet", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(HANDSHAKE).withThreshold(Duration.ZERO);
      recording.enable(END);
      recording.start();
      DtlsPlay.talk(1, DtlsEventsTest::resumesAfterALoss);
      DtlsPlay.talk(2, DtlsEventsTest::fails);
      DtlsPlay.talk(3, DtlsEventsTest::isReplaced);
      recording.stop();
      recording.dump(file);
      events = RecordingFile.readAllEvents(file);
    } finally {
      Files.delete(file);
    }
  }

  private static void resumesAfterALoss(Simulation sim, DtlsEndpoint server, DtlsEndpoint client)
      throws Exception {
    serve(sim, server, DtlsPlay::echo);
    AtomicInteger packets = new AtomicInteger();
    Router open = sim.network().router();
    sim.network()
        .setRouter(
            packet -> {
              // The first hello is lost.
              if (packets.incrementAndGet() > 1) {
                open.route(packet);
              }
            });
    DtlsChannel first = dial(client, server);
    ask(first, "hello");
    first.close();
    sim.sleep(Duration.ofSeconds(1));
    DtlsChannel second = dial(client, server);
    ask(second, "again");
    second.close();
    sim.sleep(Duration.ofSeconds(1));
  }

  private static void fails(Simulation sim, DtlsEndpoint server, DtlsEndpoint client)
      throws Exception {
    serve(sim, server, DtlsPlay::echo);
    DtlsChannel channel = client.connect(local(server), "wrong.test", CLIENT);
    assertThrows(BrokenResourceException.class, channel::doHandshake);
  }

  private static void isReplaced(Simulation sim, DtlsEndpoint server, DtlsEndpoint client)
      throws Exception {
    serve(sim, server, DtlsPlay::echo);
    DtlsChannel first = dial(client, server);
    ask(first, "hello");
    Router open = sim.network().router();
    sim.network()
        .setRouter(
            packet -> {
              open.route(packet);
              if (packet.source().equals(local(client))) {
                open.route(packet);
              }
            });
    ask(first, "twice");
    sim.network().setRouter(open);
    ask(dial(client, server), "hello");
  }

  /** The fields of all events of a type, in the order of the texts. */
  private static List<String> texts(String type, String... fields) {
    List<String> texts = new ArrayList<>();
    for (RecordedEvent event : events) {
      if (event.getEventType().getName().equals(type)) {
        List<String> values = new ArrayList<>();
        for (String field : fields) {
          values.add(String.valueOf(event.<Object>getValue(field)));
        }
        texts.add(String.join(" ", values));
      }
    }
    return texts.stream().sorted().toList();
  }

  @Test
  @DisplayName(
      "DTLS-L7 a handshake is an event on both sides: role, outcome, suite, resumed, tries")
  void handshakes() {
    String done = " ESTABLISHED DTLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ";
    assertEquals(
        List.of(
            "client" + done + "false 0",
            "client" + done + "false 1",
            "client" + done + "true 0",
            "client" + done + "true 0",
            "client FAILED null null false 0",
            "server CLOSED null null false 0",
            "server" + done + "false 0",
            "server" + done + "false 0",
            "server" + done + "true 0",
            "server" + done + "true 0"),
        texts(HANDSHAKE, "role", "outcome", "version", "cipherSuite", "isResumed", "retransmits"));
  }

  @Test
  @DisplayName("DTLS-L7 it has its peer, a duration, and the error, if there was one")
  void handshakeFacts() {
    for (RecordedEvent event : events) {
      if (event.getEventType().getName().equals(HANDSHAKE)) {
        boolean isClient = event.getString("role").equals("client");
        String peer = event.getString("peer");
        assertTrue(peer.startsWith(isClient ? "192.0.2.1:4433" : "192.0.2.2:"), peer);
        assertTrue(event.getDuration().compareTo(Duration.ZERO) > 0, event::toString);
        String error = event.getString("error");
        assertEquals(event.getString("outcome").equals("FAILED"), error != null);
        assertTrue(error == null || error.contains("wrong.test"), error);
      }
    }
  }

  @Test
  @DisplayName(
      "DTLS-L7 DTLS-F1 the end of what was established is an event: why, and what was lost")
  void ends() {
    assertEquals(
        List.of(
            "client CLOSED 0 0 null",
            "client CLOSED 0 0 null",
            "client CLOSED 0 0 null",
            "client REPLACED 0 0 null",
            "server CLOSED 0 0 null",
            "server PEER_CLOSED 0 0 null",
            "server PEER_CLOSED 0 0 null",
            "server REPLACED 1 0 null"),
        texts(END, "role", "reason", "replayed", "overflowed", "error"));
  }

  /** Talks and says so. */
  static final class Talks {
    public static void main(String[] args) throws Exception {
      DtlsPlay.talk(
          1,
          (sim, server, client) -> {
            serve(sim, server, DtlsPlay::echo);
            System.out.println(ask(dial(client, server), "hello"));
          });
      System.out.println("jdk.jfr " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
    }
  }

  @Test
  @DisplayName("DTLS-L7 without the module jdk.jfr there are no events, and all else is as it was")
  void withoutModule() throws Exception {
    String others =
        ModuleLayer.boot().modules().stream()
            .map(Module::getName)
            .filter(name -> !name.contains("jfr"))
            .collect(Collectors.joining(","));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--limit-modules",
                others,
                "-cp",
                System.getProperty("java.class.path"),
                Talks.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("hello\njdk.jfr false\n", output);
    } finally {
      process.destroyForcibly();
    }
  }
}
