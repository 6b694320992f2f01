package dev.tercet.testing.engines;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import io.netty.util.ReferenceCounted;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each engine is like by itself, and what becomes of it. */
@Timeout(60)
class EngineTraitsTest {
  /** Remembers what it made and what it got back. */
  private record Accountant(
      TlsEngineFactory engines, List<SSLEngine> made, List<SSLEngine> returned)
      implements TlsEngineFactory {
    static Accountant of(TestedEngine engine) {
      return new Accountant(
          engine.factory(TestedEngine.SERVER),
          new CopyOnWriteArrayList<>(),
          new CopyOnWriteArrayList<>());
    }

    @Override
    public SSLEngine create(TlsRole role, @Nullable String host, int port) {
      SSLEngine engine = engines.create(role, host, port);
      made.add(engine);
      return engine;
    }

    @Override
    public void release(SSLEngine engine) {
      engines.release(engine);
      returned.add(engine);
    }
  }

  private static void assertReturned(Accountant accountant, SSLEngine engine) {
    assertEquals(accountant.made, accountant.returned);
    if (engine instanceof ReferenceCounted counted) {
      assertEquals(0, counted.refCnt());
    }
  }

  @ParameterizedTest
  @EnumSource(TestedEngine.class)
  @DisplayName("TLS-H13 each engine is given back once, after close_notify and after a force")
  void release(TestedEngine engine) throws Exception {
    for (boolean graceful : new boolean[] {true, false}) {
      Accountant clients = Accountant.of(engine);
      Accountant servers = Accountant.of(engine);
      var pair =
          EnginePairs.handshaken(
              MemoryStreams.pair(), TlsConfig.of(clients), TlsServerConfig.of(servers));
      for (TlsStream<?> stream : List.of(pair.left(), pair.right())) {
        if (graceful) {
          stream.close();
        }
        stream.closeForcefully();
      }
      assertReturned(clients, clients.made.get(0));
      assertReturned(servers, servers.made.get(0));
    }
  }

  @ParameterizedTest
  @EnumSource(TestedEngine.class)
  @DisplayName("TLS-R-o an engine that is refused is given back")
  void refused(TestedEngine engine) {
    Accountant clients = Accountant.of(engine);
    var config =
        TlsConfig.of(clients)
            .withConfigurer(
                (made, parameters) -> parameters.setEndpointIdentificationAlgorithm("LDAPS"));
    assertThrows(
        IllegalArgumentException.class,
        () -> TlsStream.wrapClient(MemoryStreams.pair().left(), TestedEngine.NAME, config));
    assertReturned(clients, clients.made.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, TLS_1_2, 1, 2", "JDK, TLS_1_3, 2, 1",
    "BCJSSE, TLS_1_2, 0, 0", "BCJSSE, TLS_1_3, 0, 0",
    "CONSCRYPT, TLS_1_2, 0, 0", "CONSCRYPT, TLS_1_3, 0, 0",
    "TCNATIVE, TLS_1_2, 1, 1", "TCNATIVE, TLS_1_3, 1, 1",
  })
  @DisplayName("TLS-R6 computations that a client and a server hand out, over both kinds of memory")
  void computations(TestedEngine engine, TlsVersion version, int byClient, int byServer)
      throws Exception {
    for (boolean direct : new boolean[] {true, false}) {
      // Sessions of its own each time: one that is resumed takes less.
      TlsEngineFactory engines = engine.factory(TestedEngine.SERVER);
      RawEngine client = RawEngine.client(engines, version, direct);
      RawEngine server = RawEngine.server(engines, version, direct);
      for (int turns = 0; turns < 100 && !(client.isDone() && server.isDone()); turns++) {
        client.turn(server);
        server.turn(client);
      }
      assertEquals(version.protocolName(), client.engine.getSession().getProtocol());
      assertEquals(List.of(byClient, byServer), List.of(client.computations, server.computations));
      client.release();
      server.release();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, 16709",
    "BCJSSE, 16911",
    "CONSCRYPT, 16709",
    "TCNATIVE, 16704",
  })
  @DisplayName("TLS-C2 TLS-R1 the room that an engine wants for a record, and how many it makes")
  void records(TestedEngine engine, int room) throws Exception {
    var transports = MemoryStreams.pair();
    SSLEngine[] made = new SSLEngine[1];
    var pair =
        EnginePairs.handshaken(
            transports,
            engine.client(TlsVersion.TLS_1_3).withConfigurer((own, parameters) -> made[0] = own),
            engine.server(TlsVersion.TLS_1_3));
    assertEquals(room, made[0].getSession().getPacketBufferSize());
    byte[] whole = new byte[16_384];
    pair.left().sendAll(whole);
    byte[] wire = transports.right().receiveSome(60_000);
    int records = 0;
    for (int at = 0; at < wire.length; records++) {
      at += 5 + ((wire[at + 3] & 0xff) << 8 | (wire[at + 4] & 0xff));
    }
    // The JDK's pads each record of TLS 1.3 by 16 bytes, and so a full one holds less.
    assertEquals(engine == TestedEngine.JDK ? 2 : 1, records);
    transports.left().sendAll(wire);
    assertArrayEquals(whole, BufferedReceiveStream.wrap(pair.right()).receiveExactly(whole.length));
    assertSame(pair.left().transportStream(), transports.left());
  }

  /** An engine that is driven by hand. */
  private static final class RawEngine {
    private static final int ROOM = 40_000;
    final SSLEngine engine;
    private final TlsEngineFactory engines;
    private final ByteBuffer in;
    private final ByteBuffer out;
    private final ByteBuffer plain;
    int computations;

    private RawEngine(
        TlsEngineFactory engines, SSLEngine engine, TlsVersion version, boolean direct)
        throws SSLException {
      this.engines = engines;
      this.engine = engine;
      this.in = direct ? ByteBuffer.allocateDirect(ROOM) : ByteBuffer.allocate(ROOM);
      this.out = direct ? ByteBuffer.allocateDirect(ROOM) : ByteBuffer.allocate(ROOM);
      this.plain = direct ? ByteBuffer.allocateDirect(ROOM) : ByteBuffer.allocate(ROOM);
      engine.setEnabledProtocols(new String[] {version.protocolName()});
      engine.beginHandshake();
    }

    static RawEngine client(TlsEngineFactory engines, TlsVersion version, boolean direct)
        throws SSLException {
      SSLEngine engine = engines.create(TlsRole.CLIENT, TestedEngine.NAME, 0);
      engine.setUseClientMode(true);
      return new RawEngine(engines, engine, version, direct);
    }

    static RawEngine server(TlsEngineFactory engines, TlsVersion version, boolean direct)
        throws SSLException {
      SSLEngine engine = engines.create(TlsRole.SERVER, null, 0);
      engine.setUseClientMode(false);
      return new RawEngine(engines, engine, version, direct);
    }

    boolean isDone() {
      return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
          && !engine.getSession().getCipherSuite().contains("NULL_WITH_NULL");
    }

    void turn(RawEngine peer) throws SSLException {
      for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
        computations++;
        task.run();
      }
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        engine.wrap(ByteBuffer.allocate(0), out.clear());
        peer.in.put(out.flip());
      } else {
        engine.unwrap(in.flip(), plain.clear());
        in.compact();
      }
    }

    void release() {
      engine.closeOutbound();
      engines.release(engine);
    }
  }
}
