package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.SocketListener;
import dev.tercet.support.Needs;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server and {@code openssl s_client}. */
@Timeout(120)
class OpensslClientRealSocketTest {
  private static final TlsServerConfig WITHOUT_X25519 =
      PeerFiles.SERVING.withConfigurer(
          (engine, parameters) -> parameters.setAlgorithmConstraints(new WithoutGroup("x25519")));

  @BeforeAll
  static void needsPrograms() {
    Needs.programs("openssl");
  }

  private static List<String> client(SocketListener listener, TlsVersion version) {
    return List.of(
        "openssl",
        "s_client",
        "-connect",
        "127.0.0.1:" + listener.port(),
        version == TlsVersion.TLS_1_2 ? "-tls1_2" : "-tls1_3",
        "-CAfile",
        PeerFiles.CA_PEM,
        "-verify_return_error",
        "-verify_hostname",
        PeerFiles.NAME);
  }

  /** Ends when its stdin does, and takes no commands. */
  private static List<String> quiet(SocketListener listener, TlsVersion version) {
    return PeerProgram.plus(client(listener, version), "-quiet", "-no_ign_eof");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N4 TLS-N6 TLS-G1 TLS-H1 ALPN, certificates of both, and its end, then ours")
  void facts(TlsVersion version) throws Exception {
    TlsServerConfig config =
        PeerFiles.SERVING
            .withAlpn("http/1.1", "h2")
            .withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(
                PeerProgram.plus(quiet(listener, version), "-alpn", "h2,http/1.1"),
                "-cert",
                PeerFiles.CLIENT_PEM,
                "-key",
                PeerFiles.CLIENT_PEM);
        OurTls server = OurTls.accept(listener, config)) {
      server.assertMeetsAndEnds(client, version);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-H1 TLS-B14 our close_notify comes first, right behind the handshake, and is clean")
  void weEnd(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.handshake();
      server.tls.close();
      assertEquals(0, client.exitCode());
      // Without close_notify OpenSSL says: unexpected eof while reading.
      assertEquals(0, client.count("error:"), () -> "" + client);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H11 an end of ours without close_notify is noticed by the client")
  void weCut(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.assertTalks(client);
      server.tls.closeForcefully();
      assertNotEquals(0, client.exitCode());
      client.await("unexpected eof while reading");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G2 one that is killed is a truncation")
  void killed(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.assertTalks(client);
      client.kill();
      server.assertTruncated();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B13 TLS-J8 it comes again with the session, whose ticket came with our data")
  void resumption(TlsVersion version) throws Exception {
    String session = PeerFiles.FOLDER.resolve("session-" + version).toString();
    try (SocketListener listener = OurTls.listen()) {
      for (String option : List.of("-sess_out", "-sess_in")) {
        try (PeerProgram client = PeerProgram.start(quiet(listener, version), option, session);
            OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
          assertEquals(option.equals("-sess_in"), server.handshake().sessionReused());
          server.assertTalks(client);
          client.endInput();
          server.assertEnded();
          server.tls.close();
          assertEquals(0, client.exitCode());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "K"})
  @DisplayName("TLS-L2 TLS-L3 a KeyUpdate, and one that asks for ours, which comes with our data")
  void keyUpdate(String key) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(client(listener, TlsVersion.TLS_1_3), "-msg");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.assertTalks(client);
      server.assertTalksOverKeyUpdates(client, key, ", KeyUpdate", key.equals("K") ? 2 : 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-N3 a client whose key share is not what we want is asked for another")
  void helloRetryRequest(boolean retries) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(
                client(listener, TlsVersion.TLS_1_3), "-msg", "-groups", "X25519:P-256");
        OurTls server = OurTls.accept(listener, retries ? WITHOUT_X25519 : PeerFiles.SERVING)) {
      server.assertTalks(client);
      assertEquals(retries, server.wire.retried());
      assertEquals(retries ? 2 : 1, client.count(", ClientHello"));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-F4 bulk both ways at once, in fragments of 512 bytes, as both want it")
  void fragments(TlsVersion version) throws Exception {
    TlsServerConfig config =
        PeerFiles.SERVING.withConfigurer(
            (engine, parameters) -> parameters.setMaximumPacketSize(OurTls.RECORD_OF_512));
    assertFragments(version, config, "-max_send_frag", "512", "-split_send_frag", "512");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-F4 the same, as the client asks for it in the handshake")
  void negotiatedFragments(TlsVersion version) throws Exception {
    assertFragments(version, PeerFiles.SERVING, "-maxfraglen", "512");
  }

  private static void assertFragments(TlsVersion version, TlsServerConfig config, String... options)
      throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version), options);
        OurTls server = OurTls.accept(listener, config)) {
      client.sayMeanwhile(OurTls.bulk());
      server.exchangeBulk();
      client.awaitBulk();
      assertTrue(server.wire.longestReceived() <= OurTls.RECORD_OF_512);
      assertTrue(server.wire.longestSent() <= OurTls.RECORD_OF_512);
      client.endInput();
      server.assertEnded();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N2 TLS-N7 our certificate is the one for the name that the client sends")
  void serverName(TlsVersion version) throws Exception {
    TlsServerConfig other = TlsServerConfig.of(PeerFiles.OTHER.identity());
    Map<String, TlsServerConfig> all =
        Map.of("server.test", PeerFiles.SERVING, "other.test", other);
    for (String name : List.of("server.test", "other.test", "nobody.test")) {
      try (SocketListener listener = OurTls.listen();
          PeerProgram client =
              PeerProgram.start(
                  quiet(listener, version), "-servername", name, "-verify_hostname", name);
          OurTls server =
              OurTls.accept(listener, hello -> all.get(String.valueOf(hello.serverName())))) {
        if (all.containsKey(name)) {
          server.assertTalks(client);
        } else {
          assertThrows(BrokenResourceException.class, server::handshake);
          client.await("SSL alert number 112");
          assertNotEquals(0, client.exitCode());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N5 a client that wants only what we do not speak is told so by its alert")
  void noCommonProtocol(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version), "-alpn", "h2");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING.withAlpn("http/1.1"))) {
      assertThrows(BrokenResourceException.class, server::handshake);
      client.await("SSL alert number 120");
      assertNotEquals(0, client.exitCode());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G8 one that does not believe us: the alert has a name, where it can be read")
  void refusesUs(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(quiet(listener, version), "-verify_hostname", "elsewhere.test");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      BrokenResourceException refused =
          assertThrows(BrokenResourceException.class, server::handshake);
      assertNotEquals(0, client.exitCode());
      // In 1.3 it is not encrypted yet, and the JDK's engine tries to decrypt it.
      assertTrue(
          version == TlsVersion.TLS_1_3
              || refused.reason().endsWith("the peer sent the alert bad_certificate"),
          refused.reason());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N6 a client without a certificate, where one is needed, is refused by name")
  void noCertificate(TlsVersion version) throws Exception {
    TlsServerConfig config =
        PeerFiles.SERVING.withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(quiet(listener, version));
        OurTls server = OurTls.accept(listener, config)) {
      assertThrows(BrokenResourceException.class, server::handshake);
      assertNotEquals(0, client.exitCode());
      client.await("SSL alert number ");
    }
  }

  @Test
  @DisplayName("TLS-K6 a renegotiation that a client wants is refused")
  void renegotiation() throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(client(listener, TlsVersion.TLS_1_2), "-msg");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.assertTalks(client);
      client.say("R\n");
      BrokenResourceException refused = assertThrows(BrokenResourceException.class, server::hear);
      assertTrue(refused.reason().contains("renegotiat"), refused.reason());
    }
  }
}
