package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressText;
import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectReport;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.support.Stress;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.simulation.ConnectAnswer;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** TLS over TCP, blocking, in virtual time. Kotlin's twin is {@code TlsOverTcpSpec}. */
class TlsOverTcpTest {
  private static final TestCa CA = TestCa.create();
  private static final TlsConfig TRUSTING = TlsConfig.DEFAULT.withTrust(CA.trust());

  @Test
  @DisplayName(
      "TLS-Q1 TLS-Q4 the race is that of openTcpStream, with its options, and no byte is sent in it")
  void race() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.names().set("server.test", "192.0.2.1", "192.0.2.2");
          network.onConnect("192.0.2.1", ConnectAnswer.hang());
          network.onConnect("192.0.2.2", ConnectAnswer.accept().after(Duration.ofMillis(40)));
          List<ConnectReport> reports = new ArrayList<>();
          ConnectOptions options =
              ConnectOptions.DEFAULT
                  .withHappyEyeballsDelay(Duration.ofMillis(700))
                  .withOnReport(reports::add);
          TlsStream<SocketStream> client =
              Net.openTlsOverTcpStream("server.test", 443, TRUSTING, options);
          assertEquals(Duration.ofMillis(740), sim.now());
          assertEquals("192.0.2.2:443", AddressText.of(client.transportStream().remoteAddress()));
          assertEquals(
              List.of(Duration.ZERO, Duration.ofMillis(700)),
              reports.get(0).attempts().stream().map(ConnectAttempt::started).toList());
          assertThrows(NeedHandshakeException.class, client::info);
          assertEquals(0, network.peers().get(0).received().length);
          client.closeForcefully();
          network.trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("TLS-Q5 a connect that is given up leaves nothing")
  void givenUp() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().names().set("server.test", "192.0.2.1");
          sim.network().onConnect("192.0.2.1", ConnectAnswer.hang());
          CancelScope scope = CancelScope.moveOnAfter(Duration.ofSeconds(5));
          assertTrue(scope.run(() -> Net.openTlsOverTcpStream("server.test", 443, TRUSTING)));
          assertEquals(Duration.ofSeconds(5), sim.now());
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("TLS-Q7 TLS over TCP runs on a simulated network, and leaves nothing there")
  void simulated() throws Exception {
    TlsServerConfig config = TlsServerConfig.of(CA.issue("server.test"));
    long first = Stress.seed(TlsOverTcpTest.class, 1);
    for (long seed = first; seed < first + Stress.rounds(5, 200); seed++) {
      Simulation.run(
          seed,
          sim -> {
            SimulatedNetwork network = sim.network();
            network.setLatency(Duration.ofMillis(10));
            network.names().set("server.test", "127.0.0.1");
            List<TlsListener<SocketStream>> listeners =
                sim.nursery()
                    .start(
                        status ->
                            Net.serveTlsOverTcp(
                                443,
                                config,
                                TlsOverTcpTest::answer,
                                ListenOptions.DEFAULT,
                                ServeOptions.DEFAULT,
                                status));
            assertEquals(1, listeners.size());
            try (var client = Net.openTlsOverTcpStream("server.test", 443, TRUSTING)) {
              client.sendAll("hello".getBytes(StandardCharsets.UTF_8));
              assertEquals("hello", new String(client.receiveSome(100), StandardCharsets.UTF_8));
              assertEquals(0, client.receiveSome(100).length);
            }
            sim.nursery().cancelChildren();
          });
    }
  }

  private static void answer(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    try (stream) {
      stream.sendAll(stream.receiveSome(100));
    }
  }
}
