package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.SocketListener;
import dev.tercet.support.Needs;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our client and {@code gnutls-serv}, our server and {@code gnutls-cli}. */
@Timeout(120)
class GnutlsRealSocketTest {
  /** Where the server listens in its own network. */
  private static final String PORT = "443";

  @BeforeAll
  static void needsPrograms() {
    Needs.programs("gnutls-cli", "gnutls-serv", "socat", "unshare", "nsenter", "ip");
  }

  private static String only(TlsVersion version) {
    return "NORMAL:-VERS-ALL:+VERS-TLS" + OurTls.wordFor(version);
  }

  /** One that can have no other address than all of them, so it has a network of its own. */
  private static PeerProgram server(TlsVersion version, String... more)
      throws IOException, InterruptedException {
    try (PeerProgram probe = PeerProgram.start(List.of("unshare", "-rn", "true"))) {
      Needs.needed(probe.exitCode() == 0, "no network namespace can be made here");
    }
    List<String> own =
        List.of("unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");
    List<String> command =
        PeerProgram.plus(own, "gnutls-serv", "--echo", "-p", PORT, "--priority", only(version));
    List<String> pem =
        PeerProgram.plus(
            command, "--x509certfile", PeerFiles.SERVER_PEM, "--x509keyfile", PeerFiles.SERVER_PEM);
    return PeerProgram.start(pem, more);
  }

  /** The way into that network: a Unix-domain socket is the same in all of them. */
  private static PeerProgram bridge(PeerProgram server, Path path) throws Exception {
    assertTrue(server.await("listening on IPv4 ").endsWith("done"));
    PeerProgram bridge =
        PeerProgram.start(
            List.of("nsenter", "-t", Long.toString(server.pid()), "-U", "-n"),
            "--preserve-credentials",
            "socat",
            "-d",
            "-d",
            "-t60",
            "UNIX-LISTEN:" + path + ",fork",
            "TCP:127.0.0.1:" + PORT);
    bridge.await("listening on");
    return bridge;
  }

  private static void assertEchoes(OurTls client) throws IOException, InterruptedException {
    assertEquals("hello", client.say("hello\n").hear());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N4 TLS-N6 TLS-S3 gnutls-serv: ALPN, our certificate, and a session resumed")
  void server(TlsVersion version) throws Exception {
    Path path = PeerFiles.FOLDER.resolve("gnutls-" + version);
    TlsConfig config = PeerFiles.CONNECTING.withAlpn("h2");
    try (PeerProgram server =
            server(
                version,
                "--alpn",
                "h2",
                "--require-client-cert",
                "--x509cafile",
                PeerFiles.CA_PEM);
        PeerProgram bridge = bridge(server, path)) {
      for (boolean second : new boolean[] {false, true}) {
        try (OurTls client = OurTls.connect(path, config)) {
          TlsInfo info = client.tls.info();
          assertEquals(version.protocolName(), info.version());
          assertEquals("h2", info.alpn());
          assertEquals("CN=server.test", OurTls.leafName(info));
          assertEquals(second, info.sessionReused());
          client.exchangeBulk();
          if (version == TlsVersion.TLS_1_3) {
            client.tls.sendEof();
            client.assertEnded();
          }
        }
      }
      assertEquals(2, bridge.count("accepting connection"));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G2 gnutls-serv that is killed is a truncation, also without tickets")
  void killed(TlsVersion version) throws Exception {
    Path path = PeerFiles.FOLDER.resolve("killed-" + version);
    try (PeerProgram server = server(version, "--disable-client-cert", "--noticket");
        PeerProgram bridge = bridge(server, path);
        OurTls client = OurTls.connect(path, PeerFiles.CONNECTING)) {
      assertEchoes(client);
      server.kill();
      client.assertTruncated();
      assertEquals(1, bridge.count("accepting connection"));
    }
  }

  private static List<String> client(SocketListener listener, String priority) {
    return List.of(
        "gnutls-cli",
        "-p",
        Integer.toString(listener.port()),
        "--x509cafile",
        PeerFiles.CA_PEM,
        "--priority",
        priority,
        "127.0.0.1");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N4 TLS-N6 TLS-H1 gnutls-cli: ALPN, its certificate, its end and then ours")
  void client(TlsVersion version) throws Exception {
    TlsServerConfig config =
        PeerFiles.SERVING
            .withAlpn("h2", "http/1.1")
            .withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(
                PeerProgram.plus(client(listener, only(version)), "--alpn", "http/1.1"),
                "--x509certfile",
                PeerFiles.CLIENT_PEM,
                "--x509keyfile",
                PeerFiles.CLIENT_PEM);
        OurTls server = OurTls.accept(listener, config)) {
      server.assertMeetsAndEnds(client, version);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H1 gnutls-cli takes our end as one")
  void weEnd(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(client(listener, only(version)));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.say("the end\n").tls.close();
      client.await("the end");
      client.await("Peer has closed the GnuTLS connection");
      assertEquals(0, client.exitCode());
      assertEquals(0, client.count("non-properly terminated"));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H11 gnutls-cli notices an end of ours without close_notify")
  void weCut(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(client(listener, only(version)));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      server.say("the beginning\n");
      client.await("the beginning");
      server.tls.closeForcefully();
      assertNotEquals(0, client.exitCode());
      client.await("non-properly terminated");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-F4 gnutls-cli: bulk both ways at once")
  void bulk(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client = PeerProgram.start(client(listener, only(version)));
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      client.sayMeanwhile(OurTls.bulk());
      server.exchangeBulk();
      client.awaitBulk();
    }
  }

  /** It loses what it sends in more than one of them, so it has not much to say. */
  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C1 gnutls-cli wants fragments of 512 bytes, and bulk comes in them")
  void fragments(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(client(listener, only(version)), "--recordsize", "512");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      client.say("hello\n");
      assertEquals("hello", server.hear());
      server.send(OurTls.bulk());
      client.awaitBulk();
      assertTrue(server.wire.longestSent() <= OurTls.RECORD_OF_512, server.wire::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B13 TLS-J8 gnutls-cli comes again with the session, once it has its ticket")
  void resumption(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(client(listener, only(version)), "--resume", "--waitresumption")) {
      try (OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
        assertFalse(server.handshake().sessionReused());
        // In 1.3 its ticket goes out with this. It leaves without reading on, so it may leave by a
        // reset: no word of its own is waited for.
        server.say("hello\n");
      }
      try (OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
        assertTrue(server.handshake().sessionReused());
        server.say("welcome back\n").tls.close();
        client.await("welcome back");
        assertEquals(0, client.exitCode());
      }
    }
  }

  @Test
  @DisplayName("TLS-L3 gnutls-cli updates its keys, and wants us to")
  void keyUpdate() throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(client(listener, only(TlsVersion.TLS_1_3)), "--inline-commands");
        OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
      client.say("before\n");
      assertEquals("before", server.hear());
      server.assertTalksOverKeyUpdates(client, "^rekey^", "Rekey was completed", 1);
    }
  }

  @Test
  @DisplayName("TLS-N3 gnutls-cli is asked for another key share")
  void helloRetryRequest() throws Exception {
    String first = only(TlsVersion.TLS_1_3) + ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP384R1";
    TlsServerConfig config =
        PeerFiles.SERVING.withConfigurer(
            (engine, parameters) -> parameters.setAlgorithmConstraints(new WithoutGroup("x25519")));
    try (SocketListener listener = OurTls.listen();
        PeerProgram client =
            PeerProgram.start(client(listener, first), "--single-key-share", "-d", "4");
        OurTls server = OurTls.accept(listener, config)) {
      client.say("hello\n");
      assertEquals("hello", server.hear());
      client.await("HELLO RETRY REQUEST");
      assertTrue(server.wire.retried());
    }
  }
}
