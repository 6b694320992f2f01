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
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsTrust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoint and channel of the blocking API, in virtual time. */
class DtlsEndpointTest {
  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
  @DisplayName(
      "DTLS-K1 DTLS-D9 DTLS-E5 DTLS-E9 DTLS-G2 handshake, echo twice, no empty message, and MTUs")
  void smoke(String literal) throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(Duration.ofMillis(10));
          try (DtlsEndpoint server = endpoint(literal, 4433);
              DtlsEndpoint client = endpoint(literal, 0)) {
            serve(sim, server, DtlsPlay::echo);
            DtlsChannel channel = dial(client, server);
            assertThrows(NeedHandshakeException.class, channel::getCleartextMtu);
            assertThrows(NeedHandshakeException.class, channel::info);
            channel.doHandshake();
            assertEquals(Duration.ofMillis(60), sim.now());
            assertEquals("hello", ask(channel, "hello"));
            assertEquals("again", ask(channel, "again"));
            assertThrows(IllegalArgumentException.class, () -> channel.send(new byte[0]));
            Message.contains(
                assertThrows(IllegalArgumentException.class, () -> channel.send(new byte[16_385])),
                "16385 bytes is longer than a record of DTLS, 16384");
            boolean isIpv4 = literal.contains(".");
            int first = channel.getCleartextMtu();
            assertEquals((isIpv4 ? 1472 : 1452) - 37, first);
            channel.setCiphertextMtu(1100);
            assertEquals(1100 - 37, channel.getCleartextMtu());
            channel.setCiphertextMtu(isIpv4 ? 1472 : 1452);
            assertEquals(first, channel.getCleartextMtu());
            assertEquals("DTLSv1.2", channel.info().version());
            assertSame(client, channel.endpoint());
            assertEquals(local(server), channel.peerAddress());
          }
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName(
      "DTLS-K3 DTLS-D4 the first message does the handshake; DTLS-D1 connect sends nothing")
  void implicitHandshake() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          sim.sleep(Duration.ofSeconds(10));
          assertEquals(0, client.statistics().datagramsOut());
          assertEquals("hello", ask(channel, "hello"));
        });
  }

  @Test
  @DisplayName(
      "DTLS-K4 DTLS-D5 DTLS-G8 both sides send and receive at once: there is one handshake")
  void fullDuplex() throws Exception {
    Simulation.run(
        3,
        sim -> {
          sim.network().setLatency(Duration.ofMillis(5));
          List<String> got = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            serve(
                sim,
                server,
                channel -> {
                  sim.nursery().startSoon(() -> channel.send(bytes("from server")));
                  got.add(text(channel.receive()));
                  sim.sleep(Duration.ofSeconds(1));
                });
            DtlsChannel channel = dial(client, server);
            sim.nursery().startSoon(channel::doHandshake);
            sim.nursery().startSoon(() -> channel.send(bytes("from client")));
            got.add(text(channel.receive()));
            sim.sleep(Duration.ofMillis(500));
            assertEquals(1, server.statistics().accepted());
          }
          assertEquals(List.of("from client", "from server"), got.stream().sorted().toList());
        });
  }

  @Test
  @DisplayName(
      "DTLS-K5 DTLS-I1 DTLS-I2 a closed channel is closed for all; closing twice is nothing")
  void channelClosing() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(Duration.ofSeconds(1));
                    channel.close();
                  });
          assertThrows(ClosedResourceException.class, channel::receive);
          assertEquals(Duration.ofSeconds(1), sim.now());
          assertThrows(ClosedResourceException.class, () -> channel.send(bytes("x")));
          assertThrows(ClosedResourceException.class, channel::doHandshake);
          channel.close();
          channel.closeForcefully();
          // The endpoint is as it was.
          assertEquals("next", ask(dial(client, server), "next"));
        });
  }

  @Test
  @DisplayName("DTLS-K6 DTLS-B1 DTLS-A14 the endpoint's close ends serve, without any error")
  void serveExitsCleanlyOnClose() throws Exception {
    Simulation.run(
        1,
        sim -> {
          AtomicReference<ServeReport> report = new AtomicReference<>();
          DtlsEndpoint server = endpoint("192.0.2.1", 4433);
          sim.nursery().startSoon(() -> report.set(server.serve(SERVER, DtlsPlay::echo, LENIENT)));
          try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            assertEquals("x", ask(dial(client, server), "x"));
          }
          server.close();
          server.close();
          sim.sleep(Duration.ofSeconds(1));
          assertEquals(new ServeReport(1, 0, 1, 0), report.get());
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("DTLS-K7 DTLS-A4 one client, two servers; afterwards everything is closed")
  void clientMultiplex() throws Exception {
    Simulation.run(
        1,
        sim -> {
          DtlsEndpoint client = endpoint("192.0.2.3", 0);
          try (DtlsEndpoint one = endpoint("192.0.2.1", 4433);
              DtlsEndpoint two = endpoint("192.0.2.2", 4433)) {
            serve(sim, one, channel -> channel.send(bytes("one " + text(channel.receive()))));
            serve(sim, two, channel -> channel.send(bytes("two " + text(channel.receive()))));
            DtlsChannel toOne = dial(client, one);
            DtlsChannel toTwo = dial(client, two);
            toOne.doHandshake();
            toTwo.doHandshake();
            toTwo.send(bytes("b"));
            toOne.send(bytes("a"));
            assertEquals("one a", text(toOne.receive()));
            assertEquals("two b", text(toTwo.receive()));
            client.close();
            assertThrows(ClosedResourceException.class, () -> toOne.send(bytes("x")));
            assertThrows(ClosedResourceException.class, toTwo::receive);
            assertThrows(ClosedResourceException.class, () -> dial(client, one));
            assertThrows(ClosedResourceException.class, () -> client.serve(SERVER, c -> {}));
          }
        });
  }

  @Test
  @DisplayName("DTLS-K9 DTLS-B3 one serves at a time, and after it another one; DTLS-B4 bound only")
  void doubleServe() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            StopSignal stop = new StopSignal();
            ServeOptions options = LENIENT.withStop(stop, Duration.ofSeconds(5));
            List<Duration> ends = new ArrayList<>();
            sim.nursery()
                .startSoon(
                    () -> {
                      ServeReport report = server.serve(SERVER, DtlsPlay::echo, options);
                      assertEquals(1, report.cancelled());
                      ends.add(sim.now());
                    });
            DtlsChannel first = dial(client, server);
            assertEquals("x", ask(first, "x"));
            assertThrows(BusyResourceException.class, () -> server.serve(SERVER, DtlsPlay::echo));
            stop.stop();
            sim.sleep(Duration.ofSeconds(1));
            // Its handler goes on, and so it is still the one that serves.
            assertEquals("y", ask(first, "y"));
            assertThrows(BusyResourceException.class, () -> server.serve(SERVER, DtlsPlay::echo));
            sim.sleep(Duration.ofSeconds(5));
            assertEquals(List.of(Duration.ofSeconds(5)), ends);
            serve(sim, server, DtlsPlay::echo);
            assertEquals("z", ask(dial(client, server), "z"));
          }
          DtlsEndpoint unbound = DtlsEndpoint.wrap(UdpSocket.open(StandardProtocolFamily.INET));
          assertThrows(IllegalStateException.class, () -> unbound.serve(SERVER, DtlsPlay::echo));
          unbound.close();
        });
  }

  @Test
  @DisplayName("DTLS-K10 DTLS-D6 who does not serve does not answer; the wait is the caller's")
  void connectToNonServer() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint silent = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            DtlsChannel channel =
                client.connect(local(silent), NAME, CLIENT.withHandshakeTimeout(null));
            assertTrue(CancelScope.moveOnAfter(Duration.ofSeconds(100)).run(channel::doHandshake));
            assertEquals(Duration.ofSeconds(100), sim.now());
            // DTLS-E2: at 0, 1, 3, 7, 15, 31 and 63 seconds.
            assertEquals(7, client.statistics().datagramsOut());
            assertEquals(0, silent.statistics().datagramsOut());
            // DTLS-L2: with a limit it fails.
            DtlsChannel limited =
                client.connect(
                    local(silent), NAME, CLIENT.withHandshakeTimeout(Duration.ofSeconds(9)));
            assertThrows(BrokenResourceException.class, channel::doHandshake);
            BrokenResourceException e =
                assertThrows(BrokenResourceException.class, limited::doHandshake);
            Message.contains(e, "4 tries");
            assertEquals(Duration.ofSeconds(109), sim.now());
            assertThrows(BrokenResourceException.class, limited::receive);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 20})
  @DisplayName(
      "DTLS-K11 DTLS-A2 DTLS-A3 DTLS-G5 DTLS-G6 the oldest messages are kept, the others counted")
  void incomingBufferOverflow(int size) throws Exception {
    Simulation.run(
        1,
        sim -> {
          DtlsLimits limits = DtlsLimits.DEFAULT.withIncomingPacketsBuffer(size);
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0, limits)) {
            assertEquals(size, client.incomingPacketsBuffer());
            serve(sim, server, DtlsPlay::echo);
            DtlsChannel channel = dial(client, server);
            for (int i = 0; i < size + 15; i++) {
              channel.send(bytes("" + i));
              sim.sleep(Duration.ofMillis(1));
            }
            assertEquals(15, channel.statistics().incomingPacketsDropped());
            for (int i = 0; i < size; i++) {
              assertEquals("" + i, text(channel.receive()));
            }
            assertEquals("more", ask(channel, "more"));
          }
        });
  }

  @Test
  @DisplayName("DTLS-G3 a receive that is cancelled loses nothing; a short buffer loses nothing")
  void nothingIsLost() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          sim.network().setLatency(Duration.ofMillis(500));
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          channel.send(bytes("hello"));
          assertTrue(CancelScope.moveOnAfter(Duration.ofMillis(900)).run(() -> channel.receive()));
          ByteBuffer small = ByteBuffer.allocate(4);
          assertThrows(IllegalArgumentException.class, () -> channel.receive(small));
          assertEquals(0, small.position());
          ByteBuffer into = ByteBuffer.allocate(9);
          assertEquals(5, channel.receive(into));
          assertEquals(5, into.position());
        });
  }

  @Test
  @DisplayName(
      "DTLS-I4 close_notify ends the channel: the end for who receives, Broken for who sends")
  void closeNotify() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(
              sim,
              server,
              channel -> {
                channel.send(bytes("last"));
                channel.close();
              });
          DtlsChannel channel = dial(client, server);
          channel.doHandshake();
          sim.sleep(Duration.ofSeconds(1));
          assertEquals("last", text(channel.receive()));
          assertThrows(EndOfChannelException.class, channel::receive);
          assertThrows(BrokenResourceException.class, () -> channel.send(bytes("x")));
          assertEquals(0, server.statistics().established());
        });
  }

  @Test
  @DisplayName("DTLS-D10 a server that is not believed fails the handshake at once, with the cause")
  void refused() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          List<Throwable> failures = new ArrayList<>();
          sim.nursery()
              .startSoon(
                  () -> {
                    ServeReport unused =
                        server.serve(
                            SERVER,
                            DtlsChannel::doHandshake,
                            ServeOptions.DEFAULT.withOnHandlerError((e, peer) -> failures.add(e)));
                  });
          DtlsChannel channel = client.connect(local(server), "another.test", CLIENT);
          BrokenResourceException e =
              assertThrows(BrokenResourceException.class, channel::doHandshake);
          boolean isNamed = false;
          for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            isNamed |= cause instanceof CertificateException;
          }
          assertTrue(isNamed, () -> "no cause: " + e);
          assertEquals(Duration.ZERO, sim.now());
        });
  }

  @Test
  @DisplayName(
      "DTLS-D3 DTLS-A1 what connect refuses before anything is done; the socket is the endpoint's")
  void connectArguments() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            InetSocketAddress peer = DtlsPlay.address("192.0.2.1", 1);
            assertThrows(
                IllegalArgumentException.class,
                () ->
                    client.connect(
                        InetSocketAddress.createUnresolved("server.test", 1), NAME, CLIENT));
            assertThrows(
                IllegalArgumentException.class,
                () -> client.connect(DtlsPlay.address("192.0.2.1", 0), NAME, CLIENT));
            assertThrows(
                IllegalArgumentException.class,
                () -> client.connect(DtlsPlay.address("2001:db8::1", 1), NAME, CLIENT));
            assertThrows(
                IllegalArgumentException.class,
                () -> client.connect(peer, null, DtlsConfig.DEFAULT));
            DtlsChannel channel = client.connect(peer, NAME, CLIENT);
            assertThrows(IllegalArgumentException.class, () -> channel.doHandshake(Duration.ZERO));
            assertThrows(IllegalArgumentException.class, () -> channel.setCiphertextMtu(63));
            assertThrows(IllegalArgumentException.class, () -> channel.setCiphertextMtu(70_000));
            assertEquals(0, client.statistics().datagramsOut());
            assertThrows(
                BusyResourceException.class,
                () -> client.socket().receiveFrom(ByteBuffer.allocate(10)));
            assertThrows(BusyResourceException.class, () -> DtlsEndpoint.wrap(client.socket()));
          }
        });
  }

  @Test
  @DisplayName("DTLS-D7 a handshake goes on when nobody waits for it any more")
  void handshakeGoesOn() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          sim.network().setLatency(Duration.ofSeconds(2));
          serve(sim, server, DtlsPlay::echo);
          DtlsChannel channel = dial(client, server);
          assertTrue(
              CancelScope.moveOnAfter(Duration.ofSeconds(1))
                  .run(() -> channel.doHandshake(Duration.ofSeconds(60))));
          sim.sleep(Duration.ofSeconds(20));
          assertEquals(1, client.statistics().established());
          channel.doHandshake();
          assertEquals(Duration.ofSeconds(21), sim.now());
          assertEquals(0, channel.statistics().retransmits());
        });
  }

  @Test
  @DisplayName("DTLS-K24 DTLS-A12 a socket that was closed behind the endpoint's back")
  void closedSocket() throws Exception {
    Simulation.run(
        1,
        sim -> {
          DtlsEndpoint endpoint = endpoint("192.0.2.1", 4433);
          DtlsChannel channel = endpoint.connect(DtlsPlay.address("192.0.2.9", 9), NAME, CLIENT);
          endpoint.socket().close();
          assertThrows(ClosedResourceException.class, channel::doHandshake);
          assertThrows(ClosedResourceException.class, () -> endpoint.serve(SERVER, c -> {}));
          endpoint.close();
          DtlsEndpoint serving = endpoint("192.0.2.1", 4433);
          sim.nursery()
              .startSoon(
                  () -> {
                    ServeReport unused = serving.serve(SERVER, DtlsPlay::echo);
                  });
          sim.sleep(Duration.ofSeconds(1));
          serving.socket().close();
          sim.sleep(Duration.ofSeconds(1));
          assertThrows(IOException.class, () -> serving.serve(SERVER, c -> {}));
          sim.network().trace().assertNothingOpen();
        });
  }

  /** Asks an endpoint something whenever it is asked itself. */
  private static X509TrustManager calling(DtlsEndpoint endpoint) {
    return new X509TrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type) {
        Object unused = endpoint.statistics();
      }

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    };
  }

  @Test
  @DisplayName(
      "DTLS-L18 a trust manager that calls an endpoint of a simulation fails and is told why")
  void callBack() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          for (DtlsEndpoint called : List.of(client, server)) {
            DtlsConfig config = CLIENT.withTrust(TlsTrust.of(calling(called)));
            DtlsChannel channel = client.connect(local(server), NAME, config);
            Throwable e = assertThrows(BrokenResourceException.class, channel::doHandshake);
            while (e.getCause() != null) {
              e = e.getCause();
            }
            assertInstanceOf(IllegalStateException.class, e);
            assertTrue(
                String.valueOf(e.getMessage()).contains("from within a handshake"), e::toString);
          }
        });
  }
}
