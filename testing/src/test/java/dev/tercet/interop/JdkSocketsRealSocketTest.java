package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.SocketListener;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our streams and the TLS sockets of the JDK, with the client and the server of HTTP on them. */
@Timeout(120)
class JdkSocketsRealSocketTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final SSLContext SERVER = PeerFiles.SERVER.sslContext(PeerFiles.CA);
  private static final SSLContext CLIENT = PeerFiles.CLIENT.sslContext(PeerFiles.CA);

  private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.US_ASCII);

  private static String[] only(TlsVersion version) {
    return new String[] {version.protocolName()};
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-G1 our client and SSLServerSocket: bulk both ways at once, ends said")
  void serverSocket(TlsVersion version) throws Exception {
    byte[] bulk = OurTls.bulk();
    try (SSLServerSocket listener =
        (SSLServerSocket) SERVER.getServerSocketFactory().createServerSocket(0, 1, LOOPBACK)) {
      listener.setEnabledProtocols(only(version));
      listener.setNeedClientAuth(true);
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    assertEquals(
                        "CN=client.test", socket.getSession().getPeerPrincipal().getName());
                    byte[] heard = socket.getInputStream().readNBytes(bulk.length);
                    assertArrayEquals(bulk, heard);
                    socket.getOutputStream().write(heard);
                    socket.shutdownOutput();
                    assertEquals(
                        version == TlsVersion.TLS_1_3 ? 'x' : -1, socket.getInputStream().read());
                  }
                });
            try (OurTls client = OurTls.connect(listener.getLocalPort(), PeerFiles.CONNECTING)) {
              assertEquals(version.protocolName(), client.tls.info().version());
              client.send(bulk);
              assertArrayEquals(bulk, client.receiveAll());
              if (version == TlsVersion.TLS_1_3) {
                client.say("x");
              }
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-G1 TLS-G2 TLS-L3 our server and SSLSocket: new keys, an end with close_notify and without")
  void socket(TlsVersion version) throws Exception {
    for (boolean says : new boolean[] {true, false}) {
      Nursery.run(
          nursery -> {
            try (SocketListener listener = OurTls.listen()) {
              nursery.startSoon(
                  () -> {
                    try (java.net.Socket bare = new java.net.Socket(LOOPBACK, listener.port())) {
                      SSLSocket socket =
                          (SSLSocket)
                              CLIENT
                                  .getSocketFactory()
                                  .createSocket(bare, PeerFiles.NAME, listener.port(), true);
                      socket.setEnabledProtocols(only(version));
                      socket.getOutputStream().write(HELLO);
                      assertEquals('x', socket.getInputStream().read());
                      if (version == TlsVersion.TLS_1_3) {
                        // A KeyUpdate that wants an answer, at this point.
                        socket.startHandshake();
                      }
                      socket.getOutputStream().write(HELLO);
                      assertEquals('y', socket.getInputStream().read());
                      if (says) {
                        socket.shutdownOutput();
                        assertEquals(-1, socket.getInputStream().read());
                      }
                    }
                  });
              try (OurTls server = OurTls.accept(listener, PeerFiles.SERVING)) {
                assertEquals("hello", server.hear());
                assertEquals(version.protocolName(), server.tls.info().version());
                server.say("x");
                assertEquals("hello", server.hear());
                server.say("y");
                if (says) {
                  server.assertEnded();
                } else {
                  server.assertTruncated();
                }
              }
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G3 our client and HttpsServer")
  void httpsServer(TlsVersion version) throws Exception {
    byte[] bulk = OurTls.bulk();
    HttpsServer server = HttpsServer.create(new InetSocketAddress(LOOPBACK, 0), 1);
    server.setHttpsConfigurator(new HttpsConfigurator(SERVER));
    server.createContext(
        "/page",
        exchange -> {
          exchange.sendResponseHeaders(200, bulk.length);
          try (exchange) {
            exchange.getResponseBody().write(bulk);
          }
        });
    server.start();
    try (OurTls client =
        OurTls.connect(server.getAddress().getPort(), PeerFiles.CONNECTING.withVersions(version))) {
      for (int i = 0; i < 2; i++) {
        client.say("GET /page HTTP/1.1\r\nHost: server.test\r\n\r\n");
        assertTrue(client.hearHead().startsWith("HTTP/1.1 200"));
        assertArrayEquals(bulk, client.receive(bulk.length));
      }
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N4 TLS-N6 our server and HttpClient, with its certificate and ALPN")
  void httpClient(TlsVersion version) throws Exception {
    byte[] bulk = OurTls.bulk();
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(only(version));
    HttpClient client =
        HttpClient.newBuilder().sslContext(CLIENT).sslParameters(parameters).build();
    TlsServerConfig config =
        PeerFiles.SERVING
            .withAlpn("http/1.1")
            .withClientAuth(ClientAuth.NEED, PeerFiles.CA.trust());
    try (SocketListener listener = OurTls.listen()) {
      URI page = URI.create("https://127.0.0.1:" + listener.port() + "/page");
      CompletableFuture<HttpResponse<byte[]>> answer =
          client.sendAsync(
              HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofByteArray());
      try (OurTls server = OurTls.accept(listener, config)) {
        assertTrue(server.hearHead().startsWith("GET /page HTTP/1.1\n"));
        assertEquals("http/1.1", server.tls.info().alpn());
        assertEquals("CN=client.test", OurTls.leafName(server.tls.info()));
        server.say("HTTP/1.1 200 OK\r\nContent-Length: " + bulk.length + "\r\n\r\n").send(bulk);
        assertArrayEquals(bulk, answer.join().body());
      }
    }
  }
}
