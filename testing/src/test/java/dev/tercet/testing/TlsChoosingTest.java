package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.Chooser;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Listener;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StapledStream;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.testing.streams.MemoryReceiveStream;
import dev.tercet.testing.streams.MemorySendStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Servers that choose their configuration by the client's hello, blocking. Kotlin's twin is {@code
 * TlsChoosingSpec}.
 */
@Timeout(120)
class TlsChoosingTest {
  private static final TlsServerConfig A = TlsServerConfig.of(TlsPairs.CA.issue("a.test"));
  private static final TlsServerConfig B = TlsServerConfig.of(TlsPairs.CA.issue("b.test"));
  private static final Map<String, TlsServerConfig> CONFIGS = Map.of("a.test", A, "b.test", B);

  /** A client's memory stream, and a server above the other end. */
  private record Ends(
      StapledStream<MemorySendStream, MemoryReceiveStream> client, TlsStream<?> server) {
    static Ends of(Chooser chooser) {
      var pair = MemoryStreams.pair();
      return new Ends(pair.left(), TlsStream.wrapChoosing(pair.right(), chooser));
    }

    TlsStream<?> client(@Nullable String name, TlsConfig config) {
      return TlsStream.wrapClient(client, name, config);
    }
  }

  private static @Nullable TlsServerConfig byName(ClientHello hello) {
    String name = hello.serverName();
    return name == null ? null : CONFIGS.get(name);
  }

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] alert(int code) {
    return new byte[] {21, 3, 3, 0, 2, 2, (byte) code};
  }

  private static BrokenResourceException broken(TlsStream<?> stream) {
    return assertThrows(BrokenResourceException.class, stream::doHandshake);
  }

  private static void handshake(TlsStream<?> client, TlsStream<?> server) throws Exception {
    Nursery.run(
        nursery -> {
          nursery.startSoon(client::doHandshake);
          server.doHandshake();
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N2 a server chooses by the name that the client says, and is asked once")
  void byName(TlsVersion version) throws Exception {
    for (String name : CONFIGS.keySet()) {
      List<ClientHello> hellos = new ArrayList<>();
      Ends ends =
          Ends.of(
              hello -> {
                hellos.add(hello);
                return byName(hello);
              });
      var client = ends.client(name, TlsPairs.CLIENT.withVersions(version).withAlpn("h2", "x"));
      assertThrows(NeedHandshakeException.class, ends.server()::info);
      assertNull(ends.server().serverHostname());
      InThread reader =
          InThread.start(() -> assertArrayEquals(b("hello"), ends.server().receiveSome()));
      client.sendAll(b("hello"));
      assertNull(reader.outcome());
      assertEquals(
          List.of(new ClientHello(name, List.of("h2", "x"), List.of(version.protocolName()))),
          hellos);
      assertEquals(client.info().peerCertificates(), ends.server().info().localCertificates());
      assertEquals(name, ends.server().serverHostname());
      ends.server().sendAll(b("bye"));
      assertArrayEquals(b("bye"), client.receiveSome());
    }
  }

  @Test
  @DisplayName("TLS-N2 nothing is asked, and nothing said, before the whole hello is there")
  void early() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Ends ends =
        Ends.of(
            hello -> {
              asked.incrementAndGet();
              return A;
            });
    byte[] hello = hello("a.test");
    ends.client().sendAll(Arrays.copyOf(hello, hello.length - 1));
    InThread server = InThread.start(ends.server()::doHandshake).awaitParked();
    assertEquals(0, asked.get());
    ends.client().sendAll(Arrays.copyOfRange(hello, hello.length - 1, hello.length));
    assertEquals(22, ends.client().receiveSome()[0]);
    assertEquals(1, asked.get());
    ends.client().closeForcefully();
    assertInstanceOf(BrokenResourceException.class, server.outcome());
  }

  /** What a client of the JDK says first. */
  private static byte[] hello(String name) throws Exception {
    var pair = MemoryStreams.pair();
    InThread client =
        InThread.start(
            TlsStream.wrapClient(pair.left(), name, TlsPairs.CLIENT.withAlpn("h2"))::doHandshake);
    byte[] hello = pair.right().receiveSome();
    pair.right().closeForcefully();
    assertInstanceOf(BrokenResourceException.class, client.outcome());
    return hello;
  }

  @Test
  @DisplayName("TLS-N2 TLS-N7 no configuration: unrecognized_name for the client, Broken for both")
  void unknown() throws Exception {
    Ends ends = Ends.of(TlsChoosingTest::byName);
    InThread server = InThread.start(ends.server()::doHandshake);
    BrokenResourceException e = broken(ends.client("c.test", TlsPairs.CLIENT));
    assertTrue(e.reason().contains("the peer sent the alert unrecognized_name"), e.reason());
    BrokenResourceException thrown =
        assertInstanceOf(BrokenResourceException.class, server.outcome());
    assertEquals("no server is chosen for the name \"c.test\"", thrown.reason());
    assertInstanceOf(SSLException.class, thrown.getCause());
    assertEquals(thrown.reason(), broken(ends.server()).reason());
    ends.server().close();

    Ends nameless = Ends.of(TlsChoosingTest::byName);
    InThread second = InThread.start(nameless.server()::doHandshake);
    assertInstanceOf(
        BrokenResourceException.class,
        broken(nameless.client(null, TlsPairs.CLIENT.dangerouslyWithoutHostnameCheck())));
    assertTrue(String.valueOf(second.outcome()).contains("has no server name (SNI)"));
  }

  @Test
  @DisplayName("TLS-N2 a chooser that fails: internal_error for the client, its exception for us")
  void failing() throws Exception {
    IOException failure = new IOException("no database");
    Ends ends =
        Ends.of(
            hello -> {
              throw failure;
            });
    ends.client().sendAll(hello("a.test"));
    assertSame(failure, assertThrows(IOException.class, ends.server()::doHandshake));
    assertArrayEquals(alert(80), ends.client().receiveSome());
    BrokenResourceException later = broken(ends.server());
    assertEquals("choosing a configuration has failed", later.reason());
    ends.server().close();
    assertEquals(0, ends.client().receiveSome().length);
  }

  @Test
  @DisplayName("TLS-N2 a configuration that no engine can follow is a failure of the chooser")
  void unusable() throws Exception {
    TlsServerConfig impossible =
        TlsServerConfig.of(
            (role, host, port) -> {
              throw new IllegalStateException("no engine today");
            });
    Ends ends = Ends.of(hello -> impossible);
    ends.client().sendAll(hello("a.test"));
    assertThrows(IllegalStateException.class, ends.server()::doHandshake);
    assertArrayEquals(alert(80), ends.client().receiveSome());
    assertInstanceOf(BrokenResourceException.class, broken(ends.server()));
  }

  @Test
  @DisplayName("TLS-B5 TLS-B6 an interrupt in the chooser breaks the stream, for the others too")
  void interrupted() throws Exception {
    Ends ends =
        Ends.of(
            hello -> {
              MemoryStreams.pair().left().receiveSome();
              return A;
            });
    ends.client().sendAll(hello("a.test"));
    InThread first = InThread.start(ends.server()::doHandshake).awaitParked();
    InThread second = InThread.start(() -> ends.server().receiveSome()).awaitParked();
    first.thread.interrupt();
    assertInstanceOf(InterruptedException.class, first.outcome());
    assertInstanceOf(BrokenResourceException.class, second.outcome());
    assertInstanceOf(BrokenResourceException.class, broken(ends.server()));
  }

  @Test
  @DisplayName("TLS-H3 a stream that was closed while it was being chosen for has no engine left")
  void closedMeanwhile() throws Exception {
    AtomicInteger released = new AtomicInteger();
    var context = A.engineFactory();
    TlsServerConfig counting =
        TlsServerConfig.of(
            new TlsEngineFactory() {
              @Override
              public SSLEngine create(TlsRole role, @Nullable String host, int port) {
                return context.create(role, host, port);
              }

              @Override
              public void release(SSLEngine engine) {
                released.incrementAndGet();
              }
            });
    var pair = MemoryStreams.pair();
    List<TlsStream<?>> stream = new ArrayList<>();
    TlsStream<?> server =
        TlsStream.wrapChoosing(
            pair.right(),
            hello -> {
              stream.get(0).closeForcefully();
              return counting;
            });
    stream.add(server);
    pair.left().sendAll(hello("a.test"));
    assertThrows(ClosedResourceException.class, server::doHandshake);
    assertEquals(1, released.get());
  }

  @Test
  @DisplayName("TLS-A6 TLS-G3 httpsCompatible is what the chosen configuration says, and counts")
  void https() throws Exception {
    Ends ends = Ends.of(hello -> A.withHttpsCompatible(true));
    var client = ends.client("a.test", TlsPairs.CLIENT);
    assertFalse(ends.server().httpsCompatible());
    handshake(client, ends.server());
    assertTrue(ends.server().httpsCompatible());
    client.closeForcefully();
    assertEquals(0, ends.server().receiveSome().length);
  }

  @Test
  @DisplayName("TLS-O5 bytes that were received before wrapping count for the choice")
  void initialBytes() throws Exception {
    var pair = MemoryStreams.pair();
    InThread client =
        InThread.start(TlsStream.wrapClient(pair.left(), "b.test", TlsPairs.CLIENT)::doHandshake);
    byte[] first = pair.right().receiveSome();
    TlsStream<?> server = TlsStream.wrapChoosing(pair.right(), TlsChoosingTest::byName, first);
    server.doHandshake();
    assertNull(client.outcome());
    server.close();
  }

  @Test
  @DisplayName("TLS-R4 a client that sends its hello byte by byte is given up after ten seconds")
  void slow() throws Exception {
    byte[] hello = hello("a.test");
    assertTrue(hello.length > 20);
    Simulation.run(
        1,
        sim -> {
          Ends ends = Ends.of(TlsChoosingTest::byName);
          sim.nursery()
              .startSoon(
                  () -> {
                    for (byte b : hello) {
                      sim.sleep(Duration.ofMillis(600));
                      ends.client().sendAll(new byte[] {b});
                    }
                  });
          BrokenResourceException e = broken(ends.server());
          assertEquals(Duration.ofSeconds(10), sim.now());
          assertEquals("the ClientHello was not there within 10 s", e.reason());
          assertInstanceOf(TooSlowException.class, e.getCause());
          assertInstanceOf(TooSlowException.class, broken(ends.server()).getCause());
          sim.nursery().cancelChildren();
        });
  }

  @Test
  @DisplayName("TLS-R4 TLS-B18 the limits are for the peer: the chooser's time is not its fault")
  void patience() throws Exception {
    byte[] hello = hello("a.test");
    Simulation.run(
        1,
        sim -> {
          Ends ends =
              Ends.of(
                  unused -> {
                    sim.sleep(Duration.ofMinutes(5));
                    return A.withHandshakeTimeout(Duration.ofSeconds(7));
                  });
          ends.client().sendAll(hello);
          BrokenResourceException e = broken(ends.server());
          assertEquals(Duration.ofSeconds(307), sim.now());
          assertEquals("the TLS handshake was not finished within 7 s", e.reason());
        });
  }

  @Test
  @DisplayName("TLS-R4 TLS-B19 a hello of more than 64 KiB is refused, and the client told why")
  void huge() throws Exception {
    Ends ends = Ends.of(TlsChoosingTest::byName);
    byte[] records = new byte[70_000];
    for (int at = 0; at + 6 <= records.length; at += 6) {
      records[at] = 22;
      records[at + 1] = 3;
      records[at + 2] = 1;
      records[at + 4] = 1;
      records[at + 5] = (byte) (at == 0 ? 1 : 0);
    }
    // A message of 0xff00 bytes, of which each record has one.
    records[2 * 6 + 5] = (byte) 0xff;
    ends.client().sendAll(records);
    BrokenResourceException e = broken(ends.server());
    assertEquals("the peer's ClientHello is not whole within 65536 bytes", e.reason());
    assertArrayEquals(alert(47), ends.client().receiveSome());
  }

  @Test
  @DisplayName("TLS-B20 TLS-N2 plaintext and garbage are told apart, and from a broken hello")
  void garbage() throws Exception {
    Ends http = Ends.of(TlsChoosingTest::byName);
    http.client().sendAll(b("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"));
    BrokenResourceException e = broken(http.server());
    assertTrue(e.reason().contains("does not speak TLS, it sent \"GET / HTTP"), e.reason());
    http.server().close();
    assertEquals(0, http.client().receiveSome().length);

    Ends garbage = Ends.of(TlsChoosingTest::byName);
    garbage.client().sendAll(new byte[] {(byte) 0xfe, 1, 2, 3});
    assertTrue(broken(garbage.server()).reason().contains("no TLS at all (0xfe)"));
    assertArrayEquals(alert(70), garbage.client().receiveSome());

    Ends damaged = Ends.of(TlsChoosingTest::byName);
    byte[] hello = hello("a.test");
    hello[5 + 4 + 2 + 32] = 77;
    damaged.client().sendAll(hello);
    assertTrue(
        broken(damaged.server())
            .reason()
            .contains("at byte 39: the id of the session has 0 to 32"));
    assertArrayEquals(alert(50), damaged.client().receiveSome());

    Ends nothing = Ends.of(TlsChoosingTest::byName);
    nothing.client().close();
    assertInstanceOf(TlsTruncatedException.class, broken(nothing.server()).getCause());
  }

  @Test
  @DisplayName("TLS-N2 TLS-N8 TLS-P2 a server of many names renews a certificate while it runs")
  void served() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork network = sim.network();
          network.names().set("a.test", "127.0.0.1");
          network.names().set("b.test", "127.0.0.1");
          AtomicInteger generation = new AtomicInteger();
          TlsServerConfig renewed = TlsServerConfig.of(TlsPairs.CA.issue("a.test"));
          Chooser chooser =
              hello -> {
                sim.sleep(Duration.ofSeconds(3));
                return "a.test".equals(hello.serverName()) && generation.get() > 0
                    ? renewed
                    : byName(hello);
              };
          sim.nursery()
              .<List<TlsListener<SocketStream>>>start(
                  status ->
                      Net.serveTlsOverTcp(
                          443,
                          chooser,
                          TlsChoosingTest::echo,
                          ListenOptions.DEFAULT,
                          ServeOptions.DEFAULT,
                          status));
          var old = Net.openTlsOverTcpStream("a.test", 443, TlsPairs.CLIENT);
          var other = Net.openTlsOverTcpStream("b.test", 443, TlsPairs.CLIENT);
          talk(old);
          talk(other);
          generation.incrementAndGet();
          var fresh = Net.openTlsOverTcpStream("a.test", 443, TlsPairs.CLIENT);
          talk(fresh);
          talk(old);
          assertFalse(old.info().peerCertificates().equals(fresh.info().peerCertificates()));
          old.close();
          other.close();
          fresh.close();
          sim.nursery().cancelChildren();
        });
  }

  private static void talk(TlsStream<?> stream) throws IOException, InterruptedException {
    stream.sendAll(b("hello"));
    assertArrayEquals(b("hello"), stream.receiveSome());
  }

  private static void echo(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    try (stream) {
      while (true) {
        byte[] data = stream.receiveSome();
        if (data.length == 0) {
          return;
        }
        stream.sendAll(data);
      }
    }
  }

  @Test
  @DisplayName("TLS-N8 a listener's supplier is asked for each connection: renewal without choice")
  void supplier() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    TlsServerConfig renewed = TlsServerConfig.of(TlsPairs.CA.issue("a.test"));
    List<Pair<StapledStream<MemorySendStream, MemoryReceiveStream>>> pairs =
        List.of(MemoryStreams.pair(), MemoryStreams.pair());
    TlsListener<StapledStream<MemorySendStream, MemoryReceiveStream>> listener =
        TlsListener.wrap(new Pairs(pairs), () -> asked.incrementAndGet() == 1 ? A : renewed);
    TlsStream<?> first = TlsStream.wrapClient(pairs.get(0).left(), "a.test", TlsPairs.CLIENT);
    TlsStream<?> second = TlsStream.wrapClient(pairs.get(1).left(), "a.test", TlsPairs.CLIENT);
    TlsStream<?> firstServer = listener.accept();
    handshake(first, firstServer);
    handshake(second, listener.accept());
    assertEquals(2, asked.get());
    assertFalse(first.info().peerCertificates().equals(second.info().peerCertificates()));
    first.sendAll(b("on"));
    assertArrayEquals(b("on"), firstServer.receiveSome());
  }

  @Test
  @DisplayName("TLS-N8 TLS-P1 a supplier that throws fails its connection, and not the accepting")
  void failingSupplier() throws Exception {
    List<Throwable> failures =
        List.of(new IllegalStateException("half a file"), new NoClassDefFoundError("half a jar"));
    for (Throwable failure : failures) {
      var pair = MemoryStreams.pair();
      TlsListener<StapledStream<MemorySendStream, MemoryReceiveStream>> listener =
          TlsListener.wrap(
              new Pairs(List.of(pair)),
              () -> {
                if (failure instanceof Error e) {
                  throw e;
                }
                throw (RuntimeException) failure;
              });
      TlsStream<?> client = TlsStream.wrapClient(pair.left(), "a.test", TlsPairs.CLIENT);
      TlsStream<?> server = listener.accept();
      InThread serving = InThread.start(server::doHandshake);
      BrokenResourceException told =
          assertThrows(BrokenResourceException.class, client::doHandshake);
      assertTrue(told.reason().contains("the alert internal_error"), told.reason());
      assertSame(failure, serving.outcome());
    }
  }

  /** Accepts one memory stream after the other. */
  private static final class Pairs
      implements Listener<StapledStream<MemorySendStream, MemoryReceiveStream>> {
    private final Iterator<Pair<StapledStream<MemorySendStream, MemoryReceiveStream>>> rest;

    Pairs(List<Pair<StapledStream<MemorySendStream, MemoryReceiveStream>>> pairs) {
      this.rest = pairs.iterator();
    }

    @Override
    public StapledStream<MemorySendStream, MemoryReceiveStream> accept() {
      return rest.next().right();
    }

    @Override
    public void close() {}

    @Override
    public void closeForcefully() {}
  }
}
