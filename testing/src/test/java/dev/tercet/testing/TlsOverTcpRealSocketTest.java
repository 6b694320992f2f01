package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.OnHandlerError;
import dev.tercet.Resolver;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Listener;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StreamHandler;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.loop.EventLoop;
import dev.tercet.support.ClosedPort;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS over TCP, blocking. Kotlin's twin is {@code TlsOverTcpRealSocketSpec}. */
@Timeout(120)
class TlsOverTcpRealSocketTest {
  private static final String V4 = "127.0.0.1";
  private static final ListenOptions LOOPBACK = ListenOptions.DEFAULT.withHost(V4);
  private static final TestCa CA = TestCa.create();
  private static final TlsConfig TRUSTING = TlsConfig.DEFAULT.withTrust(CA.trust());

  /** Of a server that is called by its name only. */
  private static final TlsServerConfig NAMED = TlsServerConfig.of(CA.issue("server.test"));

  /** The names of these tests; they are not in DNS. */
  private static final Network NETWORK =
      EventLoop.shared()
          .network()
          .withResolver(
              Resolver.fixed(
                  Map.of(
                      "server.test", addresses(V4),
                      "wrong.test", addresses(V4),
                      "two.test", addresses(V4, "127.0.0.2"))));

  private static final ConnectOptions BY_NAME = ConnectOptions.DEFAULT.withNetwork(NETWORK);

  private static List<InetAddress> addresses(String... literals) {
    List<InetAddress> list = new ArrayList<>();
    for (String literal : literals) {
      try {
        list.add(InetAddress.getByName(literal));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }
    return list;
  }

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static SocketListener listen() throws IOException, InterruptedException {
    return Net.openTcpListeners(0, LOOPBACK).get(0);
  }

  private static int port(TlsListener<SocketStream> listener) {
    return listener.port();
  }

  private static void echo(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (stream.receiveSome(buffer.clear()) != -1) {
      stream.sendAll(buffer.flip());
    }
  }

  private static void echoAndClose(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    try (stream) {
      echo(stream);
    }
  }

  private static String conversation(TlsStream<SocketStream> client)
      throws IOException, InterruptedException {
    try (client) {
      client.sendAll(b("hello"));
      return new String(client.receiveSome(100), StandardCharsets.UTF_8);
    }
  }

  /** What a test does with a server that is there for so long. */
  private interface Clients {
    void run(int port) throws IOException, InterruptedException;
  }

  private static void serving(
      TlsServerConfig config,
      StreamHandler<TlsStream<SocketStream>> handler,
      ServeOptions options,
      Clients clients)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          List<TlsListener<SocketStream>> listeners =
              nursery.start(
                  status -> Net.serveTlsOverTcp(0, config, handler, LOOPBACK, options, status));
          clients.run(port(listeners.get(0)));
          nursery.cancelChildren();
        });
  }

  // --------------------------------------------------------------------------- clients

  @Test
  @DisplayName(
      "TLS-Q1 a client races, is wrapped for the host, and has said nothing when it is returned")
  void withoutHandshake() throws Exception {
    List<ConnectReport> reports = new ArrayList<>();
    try (SocketListener listener = listen();
        TlsStream<SocketStream> client =
            Net.openTlsOverTcpStream(
                "server.test",
                listener.port(),
                TRUSTING.withHttpsCompatible(true),
                BY_NAME.withOnReport(reports::add))) {
      assertEquals(client.transportStream().remoteAddress(), reports.get(0).winner());
      assertEquals("server.test", client.serverHostname());
      assertEquals(TlsRole.CLIENT, client.role());
      assertThrows(NeedHandshakeException.class, client::info);
      assertEquals(0, client.transportStream().bytesSent());
    }
  }

  @Test
  @DisplayName(
      "TLS-Q2 by default the platform's authorities are trusted: a private one's server is refused in the handshake")
  void platformTrust() throws Exception {
    serving(
        TlsServerConfig.of(CA.issue(V4)),
        TlsOverTcpRealSocketTest::echoAndClose,
        ServeOptions.DEFAULT,
        port -> {
          try (TlsStream<SocketStream> client = Net.openTlsOverTcpStream(V4, port)) {
            BrokenResourceException refused =
                assertThrows(BrokenResourceException.class, client::doHandshake);
            assertInstanceOf(SSLException.class, refused.getCause());
          }
        });
  }

  @Test
  @DisplayName(
      "TLS-Q3 the server has to be the host that was asked for, and not the address it was found at")
  void hostName() throws Exception {
    serving(
        NAMED,
        TlsOverTcpRealSocketTest::echoAndClose,
        ServeOptions.DEFAULT,
        port -> {
          assertEquals(
              "hello",
              conversation(Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)));
          for (String other : List.of("wrong.test", V4)) {
            try (TlsStream<SocketStream> client =
                Net.openTlsOverTcpStream(other, port, TRUSTING, BY_NAME)) {
              BrokenResourceException refused =
                  assertThrows(BrokenResourceException.class, client::doHandshake, other);
              assertInstanceOf(SSLException.class, refused.getCause());
            }
          }
        });
    serving(
        TlsServerConfig.of(CA.issue(V4)),
        TlsOverTcpRealSocketTest::echoAndClose,
        ServeOptions.DEFAULT,
        port -> {
          assertEquals("hello", conversation(Net.openTlsOverTcpStream(V4, port, TRUSTING)));
          try (TlsStream<SocketStream> client =
              Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)) {
            assertThrows(BrokenResourceException.class, client::doHandshake);
          }
        });
  }

  @Test
  @DisplayName("TLS-Q4 httpsCompatible is passed on, at both ends: nobody misses close_notify")
  void httpsCompatible() throws Exception {
    serving(
        NAMED.withHttpsCompatible(true),
        stream -> {
          assertTrue(stream.httpsCompatible());
          stream.sendAll(b("bye"));
        },
        ServeOptions.DEFAULT,
        port -> {
          TlsConfig https = TRUSTING.withHttpsCompatible(true);
          try (var client = Net.openTlsOverTcpStream("server.test", port, https, BY_NAME)) {
            assertTrue(client.httpsCompatible());
            assertArrayEquals(b("bye"), client.receiveSome(100));
            assertEquals(0, client.receiveSome(100).length);
          }
        });
  }

  /** Counts engines in and out. */
  private static final class CountingEngines implements TlsEngineFactory {
    private final TlsEngineFactory inner;
    final AtomicInteger made = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();

    CountingEngines(TlsEngineFactory inner) {
      this.inner = inner;
    }

    @Override
    public SSLEngine create(TlsRole role, @Nullable String host, int port) {
      made.incrementAndGet();
      return inner.create(role, host, port);
    }

    @Override
    public void release(SSLEngine engine) {
      released.incrementAndGet();
    }
  }

  @Test
  @DisplayName("TLS-Q5 a configuration that does not work is told before anybody is connected to")
  void brokenConfiguration() throws Exception {
    TlsEngineFactory none =
        (role, host, port) -> {
          throw new IllegalStateException("no engine today");
        };
    TlsConfig unchecked =
        TRUSTING.withConfigurer(
            (e, parameters) -> parameters.setEndpointIdentificationAlgorithm(""));
    try (SocketListener listener = listen()) {
      int port = listener.port();
      assertThrows(
          IllegalStateException.class,
          () -> Net.openTlsOverTcpStream(V4, port, TlsConfig.of(none)));
      assertThrows(
          IllegalArgumentException.class, () -> Net.openTlsOverTcpStream(V4, port, unchecked));
      // Nobody was there before this one.
      try (SocketStream first = Net.openTcpStream(V4, port);
          SocketStream accepted = listener.accept()) {
        assertEquals(first.localAddress(), accepted.remoteAddress());
      }
    }
  }

  @Test
  @DisplayName("TLS-Q5 bad hosts and ports are refused at once, and leave no engine behind")
  void badArguments() throws Exception {
    CountingEngines engines = new CountingEngines(TRUSTING.engineFactory());
    TlsConfig config = TlsConfig.of(engines);
    for (String host : List.of("", " ", "a b", "x..test", "[::1]", "1.2.3")) {
      assertThrows(
          IllegalArgumentException.class, () -> Net.openTlsOverTcpStream(host, 443, config), host);
    }
    for (int port : new int[] {-1, 0, 65_536}) {
      assertThrows(
          IllegalArgumentException.class, () -> Net.openTlsOverTcpStream(V4, port, config));
    }
    assertEquals(engines.made.get(), engines.released.get());
  }

  @Test
  @DisplayName(
      "TLS-Q5 no engine and no socket is left when a connect fails, is interrupted, or its report does")
  void nothingIsLeft() throws Exception {
    CountingEngines engines = new CountingEngines(TRUSTING.engineFactory());
    TlsConfig config = TlsConfig.of(engines);
    int closed = ClosedPort.tcp();
    assertThrows(ConnectFailedException.class, () -> Net.openTlsOverTcpStream(V4, closed, config));
    assertEquals(1, engines.released.get());
    try (SocketListener listener = listen()) {
      int port = listener.port();
      CancelScope expired = CancelScope.open();
      expired.cancel();
      boolean cancelled = expired.run(() -> Net.openTlsOverTcpStream(V4, port, config));
      assertTrue(cancelled);
      assertEquals(2, engines.released.get());
      IllegalStateException failure = new IllegalStateException("report");
      ConnectOptions failing =
          ConnectOptions.DEFAULT.withOnReport(
              report -> {
                throw failure;
              });
      assertSame(
          failure,
          assertThrows(
              IllegalStateException.class,
              () -> Net.openTlsOverTcpStream(V4, port, config, failing)));
      try (SocketStream accepted = listener.accept()) {
        assertEnded(accepted);
      }
    }
    assertEquals(3, engines.made.get());
    assertEquals(3, engines.released.get());
  }

  /** Below TLS, maybe after an alert. */
  private static void assertEnded(SocketStream stream) throws IOException, InterruptedException {
    try {
      while (stream.receiveSome(100).length > 0) {}
    } catch (BrokenResourceException reset) {
      // As good an end.
    }
  }

  // --------------------------------------------------------------------------- servers

  @Test
  @DisplayName(
      "TLS-Q6 TLS-P2 one listener for all addresses, or one for each of a host, each on the TCP listener below")
  void listeners() throws Exception {
    var all = Net.openTlsOverTcpListeners(0, NAMED, ListenOptions.DEFAULT);
    assertEquals(1, all.size());
    try (TlsListener<SocketStream> listener = all.get(0)) {
      assertAccepts(listener, V4);
    }
    ListenOptions two = ListenOptions.DEFAULT.withNetwork(NETWORK).withHost("two.test");
    var each = Net.openTlsOverTcpListeners(0, NAMED.withHttpsCompatible(true), two);
    assertEquals(2, each.size());
    try (var first = each.get(0);
        var second = each.get(1)) {
      assertAccepts(first, V4);
      assertAccepts(second, "127.0.0.2");
    }
  }

  private static void assertAccepts(TlsListener<SocketStream> listener, String address)
      throws IOException, InterruptedException {
    try (SocketStream client = Net.openTcpStream(address, port(listener))) {
      TlsStream<SocketStream> accepted = listener.accept();
      assertEquals(client.localAddress(), accepted.transportStream().remoteAddress());
      assertEquals(TlsRole.SERVER, accepted.role());
      accepted.closeForcefully();
    }
  }

  @Test
  @DisplayName(
      "TLS-Q6 a server's configuration that does not work is told before a port is touched")
  void brokenServerConfiguration() throws Exception {
    IllegalStateException failure = new IllegalStateException("no engine today");
    TlsServerConfig config =
        NAMED.withConfigurer(
            (engine, parameters) -> {
              throw failure;
            });
    try (SocketListener taken = listen()) {
      int port = taken.port();
      assertThrows(BindException.class, () -> Net.openTlsOverTcpListeners(port, NAMED, LOOPBACK));
      assertSame(
          failure,
          assertThrows(
              IllegalStateException.class,
              () -> Net.openTlsOverTcpListeners(port, config, LOOPBACK)));
      assertSame(
          failure,
          assertThrows(
              IllegalStateException.class,
              () ->
                  Net.serveTlsOverTcp(
                      port, config, TlsOverTcpRealSocketTest::echo, ServeOptions.DEFAULT)));
    }
    for (int port : new int[] {-1, 65_536}) {
      assertThrows(
          IllegalArgumentException.class, () -> Net.openTlsOverTcpListeners(port, NAMED, LOOPBACK));
    }
  }

  @Test
  @DisplayName(
      "TLS-Q7 a server tells its listeners, serves until it is stopped, and then returns its counts")
  void stopped() throws Exception {
    StopSignal stop = new StopSignal();
    ServeOptions options = ServeOptions.DEFAULT.withStop(stop, Duration.ofSeconds(60));
    List<ServeReport> reports = new ArrayList<>();
    Nursery.run(
        nursery -> {
          List<TlsListener<SocketStream>> listeners =
              nursery.start(
                  status ->
                      reports.add(
                          Net.serveTlsOverTcp(
                              0,
                              NAMED,
                              TlsOverTcpRealSocketTest::echoAndClose,
                              LOOPBACK,
                              options,
                              status)));
          int port = port(listeners.get(0));
          for (int i = 0; i < 3; i++) {
            TlsStream<SocketStream> client =
                Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME);
            client.sendAll(b("x"));
            assertArrayEquals(b("x"), client.receiveSome(1));
            client.close();
          }
          stop.stop();
        });
    assertEquals(List.of(new ServeReport(3, 3, 0, 0)), reports);
  }

  @Test
  @DisplayName(
      "TLS-Q7 a server that is cancelled gives its port back, with a silent client in work")
  void cancelled() throws Exception {
    AtomicInteger port = new AtomicInteger();
    List<SocketStream> silent = new ArrayList<>();
    serving(
        NAMED,
        TlsOverTcpRealSocketTest::echo,
        ServeOptions.DEFAULT,
        p -> {
          port.set(p);
          silent.add(Net.openTcpStream(V4, p));
          // One that is accepted behind the silent one.
          assertEquals(
              "hello", conversation(Net.openTlsOverTcpStream("server.test", p, TRUSTING, BY_NAME)));
        });
    Net.openTcpListeners(port.get(), LOOPBACK).get(0).close();
    try (SocketStream client = silent.get(0)) {
      assertEnded(client);
    }
  }

  @Test
  @DisplayName("TLS-Q8 the handler does the handshake, and only its own close sends close_notify")
  void closeNotify() throws Exception {
    serving(
        NAMED,
        stream -> {
          assertThrows(NeedHandshakeException.class, stream::info);
          if (stream.receiveSome(1)[0] == 'c') {
            stream.close();
          }
        },
        ServeOptions.DEFAULT,
        port -> {
          try (var client = Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)) {
            client.sendAll(b("c"));
            assertEquals(0, client.receiveSome(1).length);
          }
          try (var client = Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)) {
            client.sendAll(b("-"));
            BrokenResourceException cut =
                assertThrows(BrokenResourceException.class, () -> client.receiveSome(1));
            assertInstanceOf(TlsTruncatedException.class, cut.getCause());
          }
        });
  }

  @Test
  @DisplayName("TLS-Q9 with PROPAGATE a client that does not speak TLS stops the server")
  void oneBadClient() {
    BrokenResourceException failure =
        assertThrows(
            BrokenResourceException.class,
            () ->
                Nursery.run(
                    nursery -> {
                      List<TlsListener<SocketStream>> listeners =
                          nursery.start(
                              status ->
                                  Net.serveTlsOverTcp(
                                      0,
                                      NAMED,
                                      TlsOverTcpRealSocketTest::echo,
                                      LOOPBACK,
                                      ServeOptions.DEFAULT.withOnHandlerError(
                                          OnHandlerError.PROPAGATE),
                                      status));
                      // The server ends by its own failure, and the nursery with it.
                      SocketStream client = Net.openTcpStream(V4, port(listeners.get(0)));
                      nursery.startSoon(() -> sayNonsense(client));
                    }));
    assertInstanceOf(SSLException.class, failure.getCause());
  }

  @Test
  @DisplayName(
      "TLS-Q9 by default a server survives port scans, plain text, and clients that do not trust it")
  void peersThatEndNoServer() throws Exception {
    serving(
        NAMED,
        TlsOverTcpRealSocketTest::echoAndClose,
        ServeOptions.DEFAULT,
        port -> {
          Net.openTcpStream(V4, port).close();
          sayNonsense(Net.openTcpStream(V4, port));
          try (TlsStream<SocketStream> client = Net.openTlsOverTcpStream(V4, port)) {
            assertThrows(BrokenResourceException.class, client::doHandshake);
          }
          assertEquals(
              "hello",
              conversation(Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)));
        });
  }

  private static void sayNonsense(SocketStream client) throws IOException, InterruptedException {
    try (client) {
      client.sendAll(b("GET / HTTP/1.0\r\n\r\n"));
      assertEnded(client);
    }
  }

  @Test
  @DisplayName(
      "TLS-Q9 a server that says so survives clients that do not speak TLS, and is told who they are")
  void manyBadClients() throws Exception {
    BlockingQueue<String> blamed = new LinkedBlockingQueue<>();
    OnHandlerError onError =
        (failure, peer) -> {
          assertInstanceOf(BrokenResourceException.class, failure);
          blamed.add(String.valueOf(peer));
        };
    serving(
        NAMED,
        TlsOverTcpRealSocketTest::echo,
        ServeOptions.DEFAULT.withOnHandlerError(onError),
        port -> {
          for (int i = 0; i < 3; i++) {
            SocketStream client = Net.openTcpStream(V4, port);
            String address = String.valueOf(client.localAddress());
            sayNonsense(client);
            assertEquals(address, blamed.take());
          }
          assertEquals(
              "hello",
              conversation(Net.openTlsOverTcpStream("server.test", port, TRUSTING, BY_NAME)));
        });
  }

  @Test
  @DisplayName("IO-SV10 an idle TLS connection is cancelled too: the bytes of its socket count")
  void idle() throws Exception {
    serving(
        NAMED,
        TlsOverTcpRealSocketTest::echo,
        ServeOptions.DEFAULT.withIdleTimeout(Duration.ofMillis(100)),
        port -> {
          try (SocketStream silent = Net.openTcpStream(V4, port)) {
            assertEnded(silent);
          }
        });
  }

  // ------------------------------------------------------------------------- TlsListener

  @Test
  @DisplayName(
      "TLS-P1 accept does nothing of TLS: behind a client that says nothing the next one is served")
  void silentClient() throws Exception {
    try (var listener = Net.openTlsOverTcpListeners(0, NAMED, LOOPBACK).get(0);
        SocketStream silent = Net.openTcpStream(V4, port(listener));
        TlsStream<SocketStream> first = listener.accept()) {
      assertEquals(silent.localAddress(), first.transportStream().remoteAddress());
      assertEquals(0, first.transportStream().bytesReceived());
      Nursery.run(
          nursery -> {
            nursery.startSoon(() -> echoAndClose(listener.accept()));
            assertEquals(
                "hello",
                conversation(
                    Net.openTlsOverTcpStream("server.test", port(listener), TRUSTING, BY_NAME)));
          });
      first.closeForcefully();
    }
  }

  @Test
  @DisplayName("TLS-P2 a listener passes its configuration on and shows the listener below")
  void passesOn() throws Exception {
    SocketListener below = listen();
    try (TlsListener<SocketStream> listener =
        TlsListener.wrap(below, NAMED.withHttpsCompatible(true))) {
      assertSame(below, listener.transportListener());
      try (SocketStream client = Net.openTcpStream(V4, below.port())) {
        TlsStream<SocketStream> accepted = listener.accept();
        assertTrue(accepted.httpsCompatible());
        accepted.closeForcefully();
        assertEnded(client);
      }
    }
  }

  @Test
  @DisplayName("TLS-P3 closing the listener closes the one below, and whoever waits there is told")
  void closing() throws Exception {
    SocketListener below = listen();
    TlsListener<SocketStream> listener = TlsListener.wrap(below, NAMED);
    InThread accepting = InThread.start(listener::accept).awaitParked();
    listener.close();
    assertInstanceOf(ClosedResourceException.class, accepting.outcome());
    assertThrows(ClosedResourceException.class, below::accept);
    assertThrows(ClosedResourceException.class, listener::accept);
  }

  @Test
  @DisplayName("TLS-P3 a failure of the listener below comes out as it is")
  void failing() {
    IOException failure = new IOException("accept");
    Listener<SocketStream> below =
        new Listener<>() {
          @Override
          public SocketStream accept() throws IOException {
            throw failure;
          }

          @Override
          public void close() {}

          @Override
          public void closeForcefully() {}
        };
    TlsListener<SocketStream> listener = TlsListener.wrap(below, NAMED);
    assertSame(failure, assertThrows(IOException.class, listener::accept));
  }

  @Test
  @DisplayName("TLS-P4 a listener is closed forcefully before it has accepted anything")
  void forcefully() throws Exception {
    SocketListener below = listen();
    TlsListener.wrap(below, NAMED).closeForcefully();
    assertThrows(ClosedResourceException.class, below::accept);
    Net.openTcpListeners(below.port(), LOOPBACK).get(0).close();
  }

  @Test
  @DisplayName("TLS-L9 warnings without end, from a socket, fail the handshake of a client")
  void warnings() throws Exception {
    try (SocketListener listener = listen()) {
      InThread serving =
          InThread.start(
              () -> {
                try (SocketStream peer = listener.accept()) {
                  assertTrue(peer.receiveSome(1).length > 0);
                  for (int i = 0; i < 100; i++) {
                    peer.sendAll(new byte[] {21, 3, 3, 0, 2, 1, 80});
                  }
                }
              });
      SocketStream transport = Net.openTcpStream(V4, listener.port());
      TlsStream<SocketStream> client = TlsStream.wrapClient(transport, "server.test", TRUSTING);
      BrokenResourceException e = assertThrows(BrokenResourceException.class, client::doHandshake);
      assertTrue(e.reason().contains("more than 32 records in a row without data"), e.reason());
      client.closeForcefully();
      serving.thread.join();
    }
  }
}
