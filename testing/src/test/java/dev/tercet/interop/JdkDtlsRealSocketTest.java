package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.StreamHandler;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.certificates.TestKeyType;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS with the JDK's own engine, in both roles, over loopback. */
@Timeout(60)
class JdkDtlsRealSocketTest {
  private static final DtlsConfig CONNECTING = DtlsConfig.DEFAULT.withTrust(PeerFiles.CA.trust());

  private static TestIdentity identity(TestKeyType keyType) {
    return PeerFiles.CA.leaf(PeerFiles.NAME).withKeyType(keyType).issue();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] message) {
    return new String(message, StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------------- the JDK's client

  private interface ClientTest {
    void with(InetSocketAddress server) throws IOException, InterruptedException;
  }

  private static void serve(
      DtlsServerConfig config, StreamHandler<? super DtlsChannel> handler, ClientTest test)
      throws Exception {
    Nursery.run(
        nursery -> {
          DtlsEndpoint endpoint =
              nursery.start(
                  status -> {
                    try (var serving = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
                      var unused = serving.serve(config, handler, ServeOptions.DEFAULT, status);
                    }
                  });
          test.with(Objects.requireNonNull(endpoint.socket().localAddress()));
          nursery.cancelChildren();
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestKeyType.class,
      names = {"EC", "RSA"})
  @DisplayName(
      "DTLS-L1 DTLS-I4 the JDK's client and our server: checked, echoed, its close_notify answered")
  void client(TestKeyType keyType) throws Exception {
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    serve(
        DtlsServerConfig.of(identity(keyType).identity()),
        channel -> {
          try {
            while (true) {
              channel.send(channel.receive());
            }
          } catch (EndOfChannelException e) {
            ends.add("close_notify of " + channel.info().cipherSuite());
          }
        },
        server -> {
          try (JdkDtlsPeer jdk = JdkDtlsPeer.client(server, null)) {
            jdk.handshake();
            assertEquals("DTLSv1.2", jdk.engine().getSession().getProtocol());
            for (int i = 0; i < 3; i++) {
              jdk.send("message " + i);
              assertEquals("message " + i, jdk.receive());
            }
            String suite = jdk.engine().getSession().getCipherSuite();
            assertEquals(keyType.name().equals("EC"), suite.startsWith("TLS_ECDHE_ECDSA"), suite);
            jdk.sendCloseNotify();
            assertNull(jdk.receive());
            assertEquals("close_notify of " + suite, ends.poll(10, TimeUnit.SECONDS));
          }
        });
  }

  @Test
  @DisplayName("DTLS-L13 the JDK's client shows a certificate; without one it is refused")
  void clientCertificate() throws Exception {
    DtlsServerConfig config =
        DtlsServerConfig.of(identity(TestKeyType.EC).identity())
            .withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
    serve(
        config,
        channel -> {
          try {
            channel.doHandshake();
            outcomes.add(channel.info().peerCertificates().get(0));
            channel.send(bytes("welcome"));
          } catch (BrokenResourceException e) {
            outcomes.add("refused");
          }
        },
        server -> {
          try (JdkDtlsPeer jdk = JdkDtlsPeer.client(server, PeerFiles.CLIENT)) {
            jdk.handshake();
            assertEquals("welcome", jdk.receive());
            assertEquals(PeerFiles.CLIENT.chain().get(0), outcomes.poll(10, TimeUnit.SECONDS));
          }
          try (JdkDtlsPeer jdk = JdkDtlsPeer.client(server, null)) {
            assertThrows(Exception.class, jdk::handshake);
            assertEquals("refused", outcomes.poll(10, TimeUnit.SECONDS));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  @DisplayName("DTLS-E2 DTLS-H1 whichever datagram of the handshake is lost, it is done in the end")
  void lossy(int lost) throws Exception {
    serve(
        DtlsServerConfig.of(identity(TestKeyType.EC).identity()),
        channel -> {
          channel.doHandshake(Duration.ofMillis(300));
          channel.forEach(channel::send);
        },
        server -> {
          try (JdkDtlsPeer jdk = JdkDtlsPeer.client(server, null)) {
            jdk.lost = lost;
            jdk.handshake();
            jdk.send("hello");
            assertEquals("hello", jdk.receive());
            assertTrue(jdk.isLost, "there were no so many");
          }
        });
  }

  // ------------------------------------------------------------------------- the JDK's server

  @ParameterizedTest
  @EnumSource(
      value = TestKeyType.class,
      names = {"EC", "RSA"})
  @DisplayName(
      "DTLS-L1 DTLS-L14 our client and the JDK's server: checked, echoed, our close_notify heard")
  void server(TestKeyType keyType) throws Exception {
    try (JdkDtlsPeer jdk = JdkDtlsPeer.server(identity(keyType), false);
        DtlsEndpoint endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  jdk.handshake();
                  for (String text; (text = jdk.receive()) != null; ) {
                    jdk.send(text);
                  }
                  assertThrows(
                      SSLPeerUnverifiedException.class,
                      () -> jdk.engine().getSession().getPeerCertificates());
                });
            DtlsChannel channel = endpoint.connect(jdk.address(), PeerFiles.NAME, CONNECTING);
            channel.doHandshake();
            DtlsInfo info = channel.info();
            assertEquals(identity(keyType).chain().size(), info.peerCertificates().size());
            for (int i = 0; i < 3; i++) {
              channel.send(bytes("message " + i));
              assertEquals("message " + i, text(channel.receive()));
            }
            channel.close();
          });
      assertTrue(jdk.engine().isInboundDone());
    }
  }

  @Test
  @DisplayName("DTLS-L13 the JDK's server wants a certificate, and gets ours")
  void ourCertificate() throws Exception {
    try (JdkDtlsPeer jdk = JdkDtlsPeer.server(identity(TestKeyType.EC), true);
        DtlsEndpoint endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  jdk.handshake();
                  jdk.send(jdk.engine().getSession().getPeerPrincipal().getName());
                });
            DtlsChannel channel =
                endpoint.connect(
                    jdk.address(),
                    PeerFiles.NAME,
                    CONNECTING.withIdentity(PeerFiles.CLIENT.identity()));
            channel.doHandshake();
            assertEquals(
                PeerFiles.CLIENT.chain().get(0).getSubjectX500Principal().getName(),
                text(channel.receive()));
            assertFalse(channel.info().localCertificates().isEmpty());
          });
    }
  }

  @Test
  @DisplayName(
      "DTLS-L2 a server of the JDK's under another name is refused at once, with the names")
  void wrongName() throws Exception {
    try (JdkDtlsPeer jdk = JdkDtlsPeer.server(identity(TestKeyType.EC), false);
        DtlsEndpoint endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0))) {
      Nursery.run(
          nursery -> {
            // The alert is in clear text, and the engine believes it.
            nursery.startSoon(() -> assertThrows(Exception.class, jdk::handshake));
            DtlsChannel channel = endpoint.connect(jdk.address(), "elsewhere.test", CONNECTING);
            BrokenResourceException e =
                assertThrows(BrokenResourceException.class, channel::doHandshake);
            assertTrue(String.valueOf(e.getMessage()).contains("elsewhere.test"), e::getMessage);
          });
    }
  }
}
