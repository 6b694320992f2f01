package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.support.Needs;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client and {@code openssl s_server}. */
@Timeout(120)
class OpensslServerRealSocketTest {
  private static final List<String> COMMAND =
      List.of("openssl", "s_server", "-accept", "127.0.0.1:0");
  private static final List<String> SERVER =
      PeerProgram.plus(COMMAND, "-cert", PeerFiles.SERVER_PEM, "-key", PeerFiles.SERVER_PEM);

  /** It sends lines back, reversed, and a line CLOSE ends the connection. */
  private static final List<String> ECHO = PeerProgram.plus(SERVER, "-rev");

  @BeforeAll
  static void needsPrograms() {
    Needs.programs("openssl");
  }

  private static int port(PeerProgram server) throws InterruptedException {
    String address = server.await("ACCEPT ");
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1).trim());
  }

  private static TlsConfig speaking(TlsVersion version) {
    return PeerFiles.CONNECTING.withVersions(version);
  }

  private static void assertEchoes(OurTls client) throws IOException, InterruptedException {
    assertEquals("olleh", client.say("hello\n").hear());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-N4 TLS-N6 TLS-G1 TLS-S1 ALPN, certificates of both sides, and ends that are said")
  void facts(TlsVersion version) throws Exception {
    List<String> asking = PeerProgram.plus(ECHO, "-Verify", "1", "-verify_return_error");
    try (PeerProgram server =
        PeerProgram.start(asking, "-CAfile", PeerFiles.CA_PEM, "-alpn", "h2,http/1.1")) {
      int port = port(server);
      try (OurTls client = OurTls.connect(port, speaking(version).withAlpn("http/1.1"))) {
        TlsInfo info = client.tls.info();
        assertEquals(version.protocolName(), info.version());
        assertEquals("http/1.1", info.alpn());
        assertEquals("CN=server.test", OurTls.leafName(info));
        assertEquals(1, info.localCertificates().size());
        assertEchoes(client);
        if (version == TlsVersion.TLS_1_3) {
          client.tls.sendEof();
        } else {
          client.say("CLOSE\n");
        }
        client.assertEnded();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-M1 the name is sent, and the server has a certificate for it, and another")
  void serverName(TlsVersion version) throws Exception {
    List<String> other = List.of("-rev", "-cert", PeerFiles.OTHER_PEM, "-key", PeerFiles.OTHER_PEM);
    List<String> mine = List.of("-cert2", PeerFiles.SERVER_PEM, "-key2", PeerFiles.SERVER_PEM);
    List<String> both = PeerProgram.plus(COMMAND, other.toArray(String[]::new));
    List<String> named = PeerProgram.plus(both, mine.toArray(String[]::new));
    try (PeerProgram server = PeerProgram.start(named, "-servername", PeerFiles.NAME)) {
      try (OurTls client = OurTls.connect(port(server), speaking(version))) {
        assertEquals("CN=server.test", OurTls.leafName(client.tls.info()));
        assertEchoes(client);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-S3 TLS-J8 the second connection resumes the session of the first")
  void resumption(TlsVersion version) throws Exception {
    try (PeerProgram server = PeerProgram.start(ECHO)) {
      assertResumes(port(server), speaking(version), true);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10})
  @DisplayName("TLS-L1 any number of tickets comes before the data, and one is enough to resume")
  void tickets(int count) throws Exception {
    try (PeerProgram server =
        PeerProgram.start(ECHO, "-num_tickets", Integer.toString(count), "-msg")) {
      assertResumes(port(server), speaking(TlsVersion.TLS_1_3), count > 0);
      // Each connection gets its tickets, or with one resumed, one for that.
      assertTrue(server.count("NewSessionTicket") >= count);
    }
  }

  @Test
  @DisplayName("TLS-L9 more than 32 tickets in a row are refused; the server gets close_notify")
  void tooManyTickets() throws Exception {
    try (PeerProgram server = PeerProgram.start(ECHO, "-num_tickets", "64", "-msg")) {
      try (OurTls client = OurTls.connect(port(server), speaking(TlsVersion.TLS_1_3))) {
        BrokenResourceException e = assertThrows(BrokenResourceException.class, client::hear);
        assertTrue(e.reason().contains("more than 32 records in a row without data"), e.reason());
        server.await("close_notify");
      }
    }
  }

  private static void assertResumes(int port, TlsConfig config, boolean resumes)
      throws IOException, InterruptedException {
    for (boolean second : new boolean[] {false, true}) {
      try (OurTls client = OurTls.connect(port, config)) {
        assertEquals(second && resumes, client.tls.info().sessionReused());
        assertEchoes(client);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-O1 TLS-O2 through a tunnel of socat's TLS, with both close_notify alerts")
  void throughTls(TlsVersion version) throws Exception {
    Needs.programs("socat");
    String number = OurTls.wordFor(version);
    try (PeerProgram server = PeerProgram.start(ECHO);
        PeerProgram tunnel =
            PeerProgram.start(
                List.of("socat", "-d", "-d", "-t60"),
                "OPENSSL-LISTEN:0,bind=127.0.0.1,verify=0,cert="
                    + PeerFiles.SERVER_PEM
                    + (",openssl-min-proto-version=TLS" + number)
                    + (",openssl-max-proto-version=TLS" + number),
                "TCP:127.0.0.1:" + port(server))) {
      String listening = tunnel.await("listening on ");
      int port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
      try (OurTls outer = OurTls.connect(port, PeerFiles.CONNECTING)) {
        assertEquals(version.protocolName(), outer.tls.info().version());
        try (OurTls inner = OurTls.connect(outer.tls, speaking(version))) {
          assertEchoes(inner);
          inner.say("CLOSE\n").assertEnded();
        }
      }
      assertEquals(0, tunnel.exitCode(), tunnel::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "K"})
  @DisplayName("TLS-L2 TLS-L3 a KeyUpdate, and one that asks for ours, which comes with our data")
  void keyUpdate(String key) throws Exception {
    try (PeerProgram server = PeerProgram.start(SERVER, "-msg")) {
      try (OurTls client = OurTls.connect(port(server), speaking(TlsVersion.TLS_1_3))) {
        server.say("before\n");
        assertEquals("before", client.hear());
        client.assertTalksOverKeyUpdates(server, key, ", KeyUpdate", key.equals("K") ? 2 : 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"-groups P-521,true", "-stateless,true", "-groups X25519,false"})
  @DisplayName("TLS-B2 a server that wants another ClientHello, for its group or for its cookie")
  void helloRetryRequest(String options, boolean retries) throws Exception {
    try (PeerProgram server = PeerProgram.start(PeerProgram.plus(SERVER, options.split(" ", -1)))) {
      try (OurTls client = OurTls.connect(port(server), speaking(TlsVersion.TLS_1_3))) {
        assertEquals(retries, client.wire.retried());
        server.say("before\n");
        assertEquals("before", client.hear());
        client.say("after\n");
        server.await("after");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-F4 the handshake and bulk both ways at once, in fragments of 512 bytes")
  void fragments(TlsVersion version) throws Exception {
    TlsConfig config =
        speaking(version)
            .withConfigurer(
                (engine, parameters) -> parameters.setMaximumPacketSize(OurTls.RECORD_OF_512));
    try (PeerProgram server =
        PeerProgram.start(SERVER, "-max_send_frag", "512", "-split_send_frag", "512")) {
      try (OurTls client = OurTls.connect(port(server), config)) {
        server.sayMeanwhile(OurTls.bulk());
        client.exchangeBulk();
        server.awaitBulk();
        assertTrue(client.wire.longestReceived() <= OurTls.RECORD_OF_512, client.wire::toString);
        assertTrue(client.wire.longestSent() <= OurTls.RECORD_OF_512, client.wire::toString);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-H1 TLS-H11 our end with close_notify is one for the server, and without is none")
  void weEnd(TlsVersion version) throws Exception {
    try (PeerProgram server = PeerProgram.start(SERVER)) {
      int port = port(server);
      try (OurTls client = OurTls.connect(port, speaking(version))) {
        server.say("the beginning\n");
        assertEquals("the beginning", client.hear());
        client.say("the end\n").tls.close();
        server.await("the end");
        server.await("DONE");
        assertEquals(0, server.count("ERROR"));
      }
      try (OurTls client = OurTls.connect(port, speaking(version))) {
        server.say("the beginning\n");
        assertEquals("the beginning", client.hear());
        client.tls.closeForcefully();
        server.await("unexpected eof while reading");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G2 TLS-G3 one that is killed: truncation, or an end in HTTP's manner")
  void killed(TlsVersion version) throws Exception {
    for (boolean https : new boolean[] {false, true}) {
      try (PeerProgram server = PeerProgram.start(SERVER)) {
        TlsConfig config = speaking(version).withHttpsCompatible(https);
        try (OurTls client = OurTls.connect(port(server), config)) {
          server.say("before\n");
          assertEquals("before", client.hear());
          server.kill();
          if (https) {
            assertNull(client.hear());
          } else {
            client.assertTruncated();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B15 a server that asks in vain for our certificate says so, in 1.3 afterwards")
  void noCertificate(TlsVersion version) throws Exception {
    try (PeerProgram server =
        PeerProgram.start(
            ECHO, "-Verify", "1", "-verify_return_error", "-CAfile", PeerFiles.CA_PEM)) {
      int port = port(server);
      TlsConfig config = speaking(version).withIdentity(null);
      BrokenResourceException refused =
          assertThrows(
              BrokenResourceException.class,
              () -> {
                try (OurTls client = OurTls.connect(port, config)) {
                  assertEquals(TlsVersion.TLS_1_3, version);
                  client.hear();
                }
              });
      String alert = version == TlsVersion.TLS_1_3 ? "certificate_required" : "handshake_failure";
      assertTrue(refused.reason().endsWith("the peer sent the alert " + alert), refused.reason());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-M4 TLS-B19 a server of another name, or of nobody we trust, is told so")
  void weRefuse(TlsVersion version) throws Exception {
    List<String> other = List.of("-cert", PeerFiles.OTHER_PEM, "-key", PeerFiles.OTHER_PEM);
    try (PeerProgram server =
        PeerProgram.start(PeerProgram.plus(COMMAND, other.toArray(String[]::new)))) {
      int port = port(server);
      for (TlsConfig config : List.of(speaking(version), TlsConfig.DEFAULT.withVersions(version))) {
        BrokenResourceException refused =
            assertThrows(BrokenResourceException.class, () -> OurTls.connect(port, config));
        assertInstanceOf(SSLException.class, refused.getCause());
      }
      // Certificate unknown.
      server.await(2, "SSL alert number 46");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N5 a server that does not speak what we want says so by its alert")
  void noCommonProtocol(TlsVersion version) throws Exception {
    try (PeerProgram server = PeerProgram.start(ECHO, "-alpn", "h2")) {
      int port = port(server);
      TlsConfig config = speaking(version).withAlpn("http/1.1");
      BrokenResourceException refused =
          assertThrows(BrokenResourceException.class, () -> OurTls.connect(port, config));
      assertEquals(
          "no_application_protocol",
          assertInstanceOf(TlsAlertException.class, refused.getCause()).alert());
    }
  }

  @Test
  @DisplayName("TLS-K1 a renegotiation that the server wants is refused")
  void renegotiation() throws Exception {
    try (PeerProgram server = PeerProgram.start(SERVER, "-msg")) {
      try (OurTls client = OurTls.connect(port(server), speaking(TlsVersion.TLS_1_2))) {
        server.say("before\n");
        assertEquals("before", client.hear());
        server.say("r\n").await("HelloRequest");
        BrokenResourceException refused = assertThrows(BrokenResourceException.class, client::hear);
        assertTrue(refused.reason().contains("renegotiation, which is not"), refused.reason());
        server.await("close_notify");
        assertEquals(1, server.count(", ClientHello"));
      }
    }
  }
}
