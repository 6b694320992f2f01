package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CA;
import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.local;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ServeReport;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.loop.EventLoop;
import dev.tercet.testing.certificates.TestKeyType;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS over the kernel's sockets, on loopback, with engines on threads of their own. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DtlsRealSocketTest {
  private static DtlsEndpoint bound(String host) throws IOException, InterruptedException {
    return DtlsEndpoint.wrap(UdpSocket.bind(host, 0));
  }

  private static InetSocketAddress start(
      Nursery nursery, DtlsEndpoint server, DtlsServerConfig config)
      throws IOException, InterruptedException {
    DtlsEndpoint unused =
        nursery.start(
            status -> {
              ServeReport unusedReport = server.serve(config, DtlsPlay::echo, LENIENT, status);
            });
    return local(server);
  }

  @ParameterizedTest
  @EnumSource(
      value = TestKeyType.class,
      names = {"EC", "RSA"})
  @DisplayName("DTLS-K1 DTLS-L1 echo with an identity of each kind of key")
  void echo(TestKeyType type) throws Exception {
    DtlsServerConfig config =
        DtlsServerConfig.of(CA.leaf(NAME).withKeyType(type).issue().identity());
    Nursery.run(
        nursery -> {
          try (DtlsEndpoint server = bound("127.0.0.1");
              DtlsEndpoint client = bound("127.0.0.1")) {
            DtlsChannel channel = client.connect(start(nursery, server, config), NAME, CLIENT);
            CancelScope.failAfter(Duration.ofSeconds(20)).run(channel::doHandshake);
            assertEquals("hello", ask(channel, "hello"));
            assertEquals("again", ask(channel, "again"));
            assertEquals(1, channel.info().peerCertificates().size());
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  @DisplayName(
      "DTLS-A4 one port is client and server; two clients at a time, on loops of their own")
  void clientAndServer(String host) throws Exception {
    try (EventLoop loop = EventLoop.open("dtls", 2)) {
      Nursery.run(
          nursery -> {
            try (DtlsEndpoint a = DtlsEndpoint.wrap(UdpSocket.bind(host, 0, loop.network()));
                DtlsEndpoint b = DtlsEndpoint.wrap(UdpSocket.bind(host, 0, loop.network()));
                DtlsEndpoint c = bound(host)) {
              InetSocketAddress toA = start(nursery, a, SERVER);
              InetSocketAddress toB = start(nursery, b, SERVER);
              AtomicInteger answers = new AtomicInteger();
              Nursery.run(
                  inner -> {
                    for (DtlsChannel channel :
                        new DtlsChannel[] {
                          c.connect(toA, NAME, CLIENT),
                          c.connect(toB, NAME, CLIENT),
                          b.connect(toA, NAME, CLIENT)
                        }) {
                      inner.startSoon(
                          () -> {
                            for (int i = 0; i < 200; i++) {
                              assertEquals("m" + i, ask(channel, "m" + i));
                              answers.incrementAndGet();
                            }
                          });
                    }
                  });
              assertEquals(600, answers.get());
              assertEquals(2, a.statistics().established());
            }
          });
    }
  }

  @Test
  @DisplayName("DTLS-A7 an endpoint that is not bound is bound by its first packet")
  void unbound() throws Exception {
    Nursery.run(
        nursery -> {
          try (DtlsEndpoint server = bound("127.0.0.1");
              DtlsEndpoint client =
                  DtlsEndpoint.wrap(UdpSocket.open(StandardProtocolFamily.INET))) {
            DtlsChannel channel = client.connect(start(nursery, server, SERVER), NAME, CLIENT);
            assertEquals("x", ask(channel, "x"));
          }
        });
  }

  @Test
  @DisplayName("DTLS-A11 DTLS-K28 an ICMP error of a connected socket does not end the handshake")
  void portUnreachable() throws Exception {
    InetSocketAddress closed;
    try (UdpSocket socket = UdpSocket.bind("127.0.0.1", 0)) {
      closed = Objects.requireNonNull(socket.localAddress());
    }
    UdpSocket socket = UdpSocket.bind("127.0.0.1", 0);
    socket.connect(closed);
    try (DtlsEndpoint client = DtlsEndpoint.wrap(socket)) {
      DtlsChannel channel =
          client.connect(closed, NAME, CLIENT.withHandshakeTimeout(Duration.ofMillis(700)));
      BrokenResourceException e =
          assertThrows(
              BrokenResourceException.class, () -> channel.doHandshake(Duration.ofMillis(100)));
      Message.contains(e, "no answer to");
      assertThrows(
          IllegalArgumentException.class,
          () -> client.connect(DtlsPlay.address("127.0.0.1", 9), NAME, CLIENT));
    }
  }

  @Test
  @DisplayName("DTLS-K6 closing wakes who waits, ends serve, and gives the port back")
  void closing() throws Exception {
    AtomicReference<ServeReport> report = new AtomicReference<>();
    AtomicInteger woken = new AtomicInteger();
    DtlsEndpoint server = bound("127.0.0.1");
    int port = local(server).getPort();
    Nursery.run(
        nursery -> {
          DtlsEndpoint unused =
              nursery.start(
                  status -> report.set(server.serve(SERVER, DtlsPlay::echo, LENIENT, status)));
          try (DtlsEndpoint client = bound("127.0.0.1")) {
            DtlsChannel channel = client.connect(local(server), NAME, CLIENT);
            assertEquals("x", ask(channel, "x"));
            nursery.startSoon(
                () -> {
                  assertThrows(ClosedResourceException.class, channel::receive);
                  woken.incrementAndGet();
                });
            Thread.sleep(50);
            server.close();
          }
        });
    assertEquals(1, Objects.requireNonNull(report.get()).accepted());
    assertEquals(1, woken.get());
    UdpSocket.bind("127.0.0.1", port).close();
  }

  @Test
  @DisplayName("DTLS-A12 closing the event loop closes the endpoint")
  void loopClosed() throws Exception {
    EventLoop loop = EventLoop.open("short");
    DtlsEndpoint endpoint = DtlsEndpoint.wrap(UdpSocket.bind("127.0.0.1", 0, loop.network()));
    DtlsChannel channel = endpoint.connect(DtlsPlay.address("127.0.0.1", 9), NAME, CLIENT);
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> assertThrows(ClosedResourceException.class, channel::doHandshake));
          Thread.sleep(50);
          loop.close();
        });
    endpoint.close();
  }

  @Test
  @DisplayName("DTLS-G1 a burst of datagrams: each message arrives once and whole, or not at all")
  void burst() throws Exception {
    Nursery.run(
        nursery -> {
          try (DtlsEndpoint server = bound("127.0.0.1");
              DtlsEndpoint client = bound("127.0.0.1")) {
            DtlsChannel channel = client.connect(start(nursery, server, SERVER), NAME, CLIENT);
            channel.doHandshake();
            int burst = 2000;
            AtomicInteger afterwards = new AtomicInteger();
            boolean[] seen = new boolean[burst + 1000];
            nursery.startSoon(
                () -> {
                  try {
                    while (true) {
                      ByteBuffer message = ByteBuffer.wrap(channel.receive());
                      assertEquals(1000, message.remaining());
                      int number = message.getInt();
                      assertTrue(!seen[number], "twice: " + number);
                      seen[number] = true;
                      if (number >= burst) {
                        afterwards.incrementAndGet();
                      }
                    }
                  } catch (ClosedResourceException end) {
                    // The client was closed: the test is over.
                  }
                });
            for (int i = 0; i < burst; i++) {
              channel.send(ByteBuffer.allocate(1000).putInt(0, i));
            }
            // Whatever was lost of the burst, what comes behind it gets through.
            for (int i = burst; afterwards.get() == 0; i++) {
              channel.send(ByteBuffer.allocate(1000).putInt(0, i));
              Thread.sleep(20);
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "DTLS-K20 DTLS-K21 DTLS-K22 DTLS-J4 DTLS-A13 one that is dropped is closed by the collector")
  void dropped(boolean hasBegun) throws Exception {
    UdpSocket socket = UdpSocket.bind("127.0.0.1", 0);
    drop(socket, hasBegun);
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!isClosed(socket)) {
      assertTrue(System.nanoTime() < deadline, "not closed");
      System.gc();
      Thread.sleep(10);
    }
  }

  private static void drop(UdpSocket socket, boolean hasBegun)
      throws IOException, InterruptedException {
    DtlsEndpoint endpoint = DtlsEndpoint.wrap(socket);
    DtlsChannel channel =
        endpoint.connect(DtlsPlay.address("127.0.0.1", 9), NAME, DtlsConfig.DEFAULT);
    if (hasBegun) {
      // A pump that reads, a timer, an engine's thread.
      boolean unused = CancelScope.moveOnAfter(Duration.ofMillis(50)).run(channel::doHandshake);
    }
  }

  private static boolean isClosed(UdpSocket socket) {
    try {
      Object unused = socket.getOption(StandardSocketOptions.SO_RCVBUF);
      return false;
    } catch (IOException closed) {
      return true;
    }
  }
}
