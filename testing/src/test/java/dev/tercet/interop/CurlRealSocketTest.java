package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.support.Needs;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our servers, as seen by curl: a web site, and a proxy that is spoken to over TLS. */
@Timeout(120)
class CurlRealSocketTest {
  private static final TlsServerConfig SITE =
      PeerFiles.SERVING.withAlpn("http/1.1").withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());

  @BeforeAll
  static void needsPrograms() {
    Needs.programs("curl");
  }

  private static List<String> curl(TlsVersion version) {
    List<String> command =
        List.of("curl", "-sS", "--cacert", PeerFiles.CA_PEM, "--cert", PeerFiles.CLIENT_PEM);
    return version == TlsVersion.TLS_1_2
        ? PeerProgram.plus(command, "--tls-max", "1.2")
        : PeerProgram.plus(command, "--tlsv1.3");
  }

  /** A body that is over when the connection is. */
  private static void answer(OurTls server) throws Exception {
    assertTrue(server.hearHead().startsWith("GET /page HTTP/1.1\n"));
    server.say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").send(OurTls.bulk());
  }

  private static void assertBody(PeerProgram curl) throws InterruptedException {
    String bulk = new String(OurTls.bulk(), StandardCharsets.US_ASCII);
    assertEquals(Arrays.asList(bulk.split("\n")), curl.output());
    assertEquals(0, curl.exitCode());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N4 TLS-N6 curl reads a page that ends with the connection")
  void page(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram curl =
            PeerProgram.start(
                curl(version), "--noproxy", "*", "https://127.0.0.1:" + listener.port() + "/page");
        OurTls server = OurTls.accept(listener, SITE)) {
      assertEquals("http/1.1", server.handshake().alpn());
      assertEquals("CN=client.test", OurTls.leafName(server.tls.info()));
      answer(server);
      server.tls.close();
      assertBody(curl);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H11 curl notices that a page was cut when it has a length")
  void cut(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram curl =
            PeerProgram.start(
                curl(version), "--noproxy", "*", "https://127.0.0.1:" + listener.port() + "/page");
        OurTls server = OurTls.accept(listener, SITE)) {
      assertTrue(server.hearHead().startsWith("GET /page HTTP/1.1\n"));
      server.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").say("the beginning\n");
      server.tls.closeForcefully();
      curl.await("the beginning");
      assertEquals(18, curl.exitCode());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H2 curl takes a page that has a length and no close_notify for whole")
  void withoutGoodbye(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram curl =
            PeerProgram.start(
                curl(version), "--noproxy", "*", "https://127.0.0.1:" + listener.port() + "/page");
        OurTls server = OurTls.accept(listener, SITE.withHttpsCompatible(true))) {
      assertTrue(server.hearHead().startsWith("GET /page HTTP/1.1\n"));
      server.say("HTTP/1.1 200 OK\r\nContent-Length: " + OurTls.BULK + "\r\n\r\n");
      server.send(OurTls.bulk()).tls.close();
      assertBody(curl);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-O1 TLS-O2 curl through our HTTPS proxy, which turns out to be the site itself")
  void proxy(TlsVersion version) throws Exception {
    try (SocketListener listener = OurTls.listen();
        PeerProgram curl =
            PeerProgram.start(
                PeerProgram.plus(curl(version), "--proxy-cacert", PeerFiles.CA_PEM),
                "--proxy",
                "https://127.0.0.1:" + listener.port(),
                "https://server.test/page");
        OurTls proxy = OurTls.accept(listener, PeerFiles.SERVING)) {
      assertTrue(proxy.hearHead().startsWith("CONNECT server.test:443 HTTP/1.1\n"));
      proxy.say("HTTP/1.1 200 OK\r\n\r\n");
      try (TlsStream<?> site = TlsStream.wrapServer(proxy.tls, SITE)) {
        BufferedReceiveStream request = BufferedReceiveStream.wrap(site);
        assertEquals("GET /page HTTP/1.1", request.receiveLine(1000));
        assertEquals(version.protocolName(), site.info().version());
        while (!Objects.requireNonNull(request.receiveLine(1000)).isEmpty()) {}
        site.sendAll(
            ByteBuffer.wrap(
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
        site.sendAll(ByteBuffer.wrap(OurTls.bulk()));
      }
      assertBody(curl);
    }
  }
}
