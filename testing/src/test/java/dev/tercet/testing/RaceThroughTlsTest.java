package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressText;
import dev.tercet.BrokenResourceException;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.simulation.ConnectAnswer;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.RaceThrough;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A race through the handshake, in virtual time. Kotlin's twin is {@code RaceThroughTlsSpec}. */
class RaceThroughTlsTest {
  private static final TestCa CA = TestCa.create();
  private static final TlsConfig TRUSTING = TlsConfig.DEFAULT.withTrust(CA.trust());
  private static final Duration LATENCY = Duration.ofMillis(10);

  private final List<ConnectReport> reports = new ArrayList<>();
  private final ConnectOptions options = ConnectOptions.DEFAULT.withOnReport(reports::add);

  private static void serve(Simulation sim, String address, TlsIdentity identity)
      throws IOException, InterruptedException {
    List<TlsListener<SocketStream>> listeners =
        sim.nursery()
            .start(
                status ->
                    Net.serveTlsOverTcp(
                        443,
                        TlsServerConfig.of(identity),
                        RaceThroughTlsTest::answer,
                        ListenOptions.DEFAULT.withHost(address),
                        ServeOptions.DEFAULT.withOnHandlerError((failure, peer) -> {}),
                        status));
    assertEquals(1, listeners.size());
  }

  /** The first address takes connections and says nothing, the second has our server. */
  private static void silentThenServed(Simulation sim) throws IOException, InterruptedException {
    SimulatedNetwork network = sim.network();
    network.setLatency(LATENCY);
    network.names().set("server.test", "192.0.2.1", "192.0.2.2");
    network.onConnect("192.0.2.1", ConnectAnswer.accept().after(LATENCY));
    serve(sim, "192.0.2.2", CA.issue("server.test"));
  }

  private static void answer(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    try (stream) {
      stream.sendAll(stream.receiveSome(100));
    }
  }

  private TlsStream<SocketStream> open(TlsConfig config) throws IOException, InterruptedException {
    return Net.openTlsOverTcpStream("server.test", 443, config, options, RaceThrough.HANDSHAKE);
  }

  private ConnectAttempt attempt(int number) {
    return reports.get(0).attempts().get(number);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-HV12 an address that connects and then says nothing gives way to the next")
  void silent(TlsVersion version) throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          silentThenServed(sim);
          try (TlsStream<SocketStream> client = open(TRUSTING.withVersions(version))) {
            assertEquals(version.protocolName(), client.info().version());
            assertEquals("192.0.2.2:443", AddressText.of(client.transportStream().remoteAddress()));
            assertEquals(Duration.ofMillis(250), attempt(1).started());
            // A round trip for the connect and one for the handshake of 1.3, two for that of 1.2.
            assertEquals(
                Duration.ofMillis(version == TlsVersion.TLS_1_3 ? 290 : 310), attempt(1).ended());
            assertEquals(ConnectAttempt.Outcome.ABANDONED, attempt(0).outcome());
            assertTrue(network.peers().get(0).received().length > 100, "no hello");
            client.sendAll("hello".getBytes(StandardCharsets.UTF_8));
            assertEquals("hello", new String(client.receiveSome(100), StandardCharsets.UTF_8));
          }
          sim.nursery().cancelChildren();
        });
  }

  @Test
  @DisplayName("IO-HV12 another server's certificate is a failed attempt, and the next is begun")
  void anotherServer() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.setLatency(LATENCY);
          network.names().set("server.test", "192.0.2.1", "192.0.2.2");
          serve(sim, "192.0.2.1", CA.issue("other.test"));
          serve(sim, "192.0.2.2", CA.issue("server.test"));
          try (TlsStream<SocketStream> client = open(TRUSTING)) {
            assertEquals("192.0.2.2:443", AddressText.of(client.transportStream().remoteAddress()));
          }
          assertEquals(Duration.ofMillis(40), attempt(0).ended());
          assertEquals(Duration.ofMillis(40), attempt(1).started());
          assertEquals(ConnectAttempt.Outcome.FAILED, attempt(0).outcome());
          assertInstanceOf(BrokenResourceException.class, attempt(0).error());
          sim.nursery().cancelChildren();
        });
  }

  @Test
  @DisplayName("IO-HV12 when no handshake succeeds, each says why")
  void allFail() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.names().set("server.test", "192.0.2.1", "192.0.2.2");
          serve(sim, "192.0.2.1", CA.issue("other.test"));
          network.onConnect("192.0.2.2", ConnectAnswer.refuse());
          ConnectFailedException failure =
              assertThrows(ConnectFailedException.class, () -> open(TRUSTING));
          assertEquals(2, failure.getSuppressed().length);
          Throwable first = failure.getSuppressed()[0];
          boolean isNamed = false;
          for (Throwable e = first; e != null; e = e.getCause()) {
            isNamed |= e instanceof SSLException;
          }
          assertTrue(isNamed, first.toString());
          sim.nursery().cancelChildren();
        });
  }

  @Test
  @DisplayName("IO-HV12 TLS-B18 a handshake that takes longer than its limit is a failed attempt")
  void limited() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.setLatency(LATENCY);
          network.names().set("server.test", "192.0.2.1");
          network.onConnect("192.0.2.1", ConnectAnswer.accept().after(LATENCY));
          ConnectFailedException failure =
              assertThrows(
                  ConnectFailedException.class,
                  () -> open(TRUSTING.withHandshakeTimeout(Duration.ofSeconds(1))));
          assertInstanceOf(TooSlowException.class, failure.getSuppressed()[0].getCause());
          assertEquals(Duration.ofMillis(1010), attempt(0).ended(), "a second after the connect");
          sim.nursery().cancelChildren();
        });
  }

  @Test
  @DisplayName("IO-HE14 IO-HV12 given up at any millisecond, it leaves nothing open")
  void givenUp() throws Exception {
    for (int millis = 0; millis <= 320; millis += 7) {
      Duration limit = Duration.ofMillis(millis);
      Simulation.run(
          1,
          sim -> {
            silentThenServed(sim);
            boolean isOver = CancelScope.moveOnAfter(limit).run(() -> open(TRUSTING).close());
            assertEquals(limit.toMillis() < 290, isOver, limit.toString());
            sim.nursery().cancelChildren();
          });
    }
  }
}
