package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.support.Needs;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our client and nginx as a web server, our server and nginx as a proxy in front of it. It listens
 * on Unix-domain sockets, which need no free port.
 */
@Timeout(120)
class NginxRealSocketTest {
  private static final Path SOCKET = PeerFiles.FOLDER.resolve("nginx.socket");

  @BeforeAll
  static void needsPrograms() {
    Needs.programs("nginx");
  }

  /** Takes connections when this returns. */
  private static PeerProgram nginx(String server) throws IOException, InterruptedException {
    String folder = PeerFiles.FOLDER.toString();
    String configuration =
        """
        daemon off; master_process off; pid FOLDER/nginx.pid; error_log stderr notice;
        events { worker_connections 64; }
        http {
          access_log off; client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
          fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
          server { SERVER }
        }
        """;
    String path =
        PeerFiles.write(
            "nginx.conf", configuration.replace("SERVER", server).replace("FOLDER", folder));
    java.nio.file.Files.deleteIfExists(SOCKET);
    String there = Path.of("/usr/sbin/nginx").toFile().canExecute() ? "/usr/sbin/nginx" : "nginx";
    PeerProgram started =
        PeerProgram.start(List.of(there, "-p", folder, "-e", "stderr", "-c", path));
    // It says so after it has begun to listen.
    started.await("getrlimit(RLIMIT_NOFILE)");
    return started;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N6 TLS-S3 TLS-G1 a file by HTTPS, kept alive, ended cleanly, and resumed")
  void server(TlsVersion version) throws Exception {
    byte[] file = OurTls.bulk();
    PeerFiles.write("page", new String(file, StandardCharsets.US_ASCII));
    String options =
        """
        listen unix:SOCKET ssl; root FOLDER; ssl_certificate SERVER_PEM; ssl_buffer_size 4k;
        ssl_certificate_key SERVER_PEM; ssl_client_certificate CA_PEM; ssl_verify_client on;
        ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:one:1m; ssl_session_tickets on;
        """;
    TlsConfig config = PeerFiles.CONNECTING.withVersions(version).withAlpn("http/1.1");
    try (PeerProgram server =
        nginx(
            options
                .replace("SOCKET", SOCKET.toString())
                .replace("SERVER_PEM", PeerFiles.SERVER_PEM)
                .replace("CA_PEM", PeerFiles.CA_PEM))) {
      for (boolean second : new boolean[] {false, true}) {
        try (OurTls client = OurTls.connect(SOCKET, config)) {
          TlsInfo info = client.tls.info();
          assertEquals("http/1.1", info.alpn());
          assertEquals(second, info.sessionReused());
          for (String connection : List.of("keep-alive", "close")) {
            String head = "GET /page HTTP/1.1\r\nHost: server.test\r\nConnection: " + connection;
            client.say(head + "\r\n\r\n");
            assertTrue(client.hearHead().startsWith("HTTP/1.1 200"));
            assertArrayEquals(file, client.receive(file.length));
          }
          client.assertEnded();
        }
      }
      assertEquals(0, server.count("[error]"));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-N2 TLS-N6 TLS-J8 nginx in front of our server, by name, with a certificate, and again")
  void proxy(TlsVersion version) throws Exception {
    byte[] bulk = OurTls.bulk();
    String options =
        """
        listen unix:SOCKET;
        location / {
          proxy_pass https://127.0.0.1:PORT; proxy_ssl_protocols VERSION; proxy_ssl_name server.test;
          proxy_ssl_verify on; proxy_ssl_trusted_certificate CA_PEM; proxy_ssl_server_name on;
          proxy_ssl_certificate CLIENT_PEM; proxy_ssl_certificate_key CLIENT_PEM;
        }
        """;
    TlsServerConfig config =
        PeerFiles.SERVING.withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    try (SocketListener listener = OurTls.listen();
        PeerProgram nginx =
            nginx(
                options
                    .replace("SOCKET", SOCKET.toString())
                    .replace("PORT", Integer.toString(listener.port()))
                    .replace("VERSION", version.protocolName())
                    .replace("CA_PEM", PeerFiles.CA_PEM)
                    .replace("CLIENT_PEM", PeerFiles.CLIENT_PEM))) {
      for (boolean second : new boolean[] {false, true}) {
        try (SocketStream browser = Net.openUnixSocket(SOCKET)) {
          browser.sendAll(
              ByteBuffer.wrap("GET /page HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
          try (OurTls server =
              OurTls.accept(
                  listener, hello -> PeerFiles.NAME.equals(hello.serverName()) ? config : null)) {
            TlsInfo info = server.handshake();
            assertEquals(version.protocolName(), info.version());
            assertEquals("CN=client.test", OurTls.leafName(info));
            assertEquals(second, info.sessionReused());
            assertTrue(server.hearHead().startsWith("GET /page HTTP/1.0\n"));
            server.say("HTTP/1.0 200 OK\r\n\r\n").send(bulk);
          }
          BufferedReceiveStream page = BufferedReceiveStream.wrap(browser);
          while (!Objects.requireNonNull(page.receiveLine(1000)).isEmpty()) {}
          assertArrayEquals(bulk, page.receiveExactly(bulk.length));
        }
      }
      assertEquals(0, nginx.count("[error]"));
    }
  }
}
