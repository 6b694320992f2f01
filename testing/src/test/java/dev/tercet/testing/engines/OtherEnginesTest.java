package dev.tercet.testing.engines;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.engines.TestedEngine.Can;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each engine against the JDK's, in both roles and both versions, and the JDK's against itself. */
@Timeout(120)
class OtherEnginesTest {
  private static final byte[] BULK = new byte[300_000];

  static {
    new Random(4).nextBytes(BULK);
  }

  static List<Arguments> pairs() {
    return EnginePairs.all();
  }

  static List<Arguments> pairs13() {
    return EnginePairs.all().stream().filter(pair -> pair.get()[2] == TlsVersion.TLS_1_3).toList();
  }

  private static void assertBulk(TlsStream<?> from, TlsStream<?> to)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          nursery.startSoon(() -> from.sendAll(BULK));
          assertArrayEquals(BULK, BufferedReceiveStream.wrap(to).receiveExactly(BULK.length));
        });
  }

  private static void assertCarries(TlsStream<?> from, TlsStream<?> to)
      throws IOException, InterruptedException {
    byte[] data = {1, 2, 3};
    from.sendAll(data);
    assertArrayEquals(data, BufferedReceiveStream.wrap(to).receiveExactly(data.length));
  }

  private static BrokenResourceException assertBroken(IoAction action) {
    return assertThrows(BrokenResourceException.class, action::run);
  }

  private static void assertTruncated(TlsStream<?> stream) {
    assertInstanceOf(
        TlsTruncatedException.class, assertBroken(() -> stream.receiveSome(100)).getCause());
  }

  private static boolean comesFrom(
      @Nullable Throwable thrown, Class<? extends Throwable> ancestor) {
    return thrown != null
        && (ancestor.isInstance(thrown) || comesFrom(thrown.getCause(), ancestor));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName(
      "TLS-J1 TLS-J5 TLS-C1 TLS-G1 TLS-N4 TLS-B12 facts, the server first, bulk, close_notify")
  void talk(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    TlsConfig clientConfig = client.freshClient(version, "h2", "x");
    TlsServerConfig serverConfig = server.freshServer(version, "x");
    for (boolean clientEnds : new boolean[] {true, false}) {
      var pair = EnginePairs.handshaken(MemoryStreams.lockstepPair(), clientConfig, serverConfig);
      TlsInfo ours = pair.left().info();
      TlsInfo theirs = pair.right().info();
      assertEquals(version.protocolName(), ours.version());
      assertEquals(ours.version(), theirs.version());
      assertEquals(ours.cipherSuite(), theirs.cipherSuite());
      assertEquals("x", ours.alpn());
      assertEquals("x", theirs.alpn());
      assertEquals(TestedEngine.SERVER.chain(), ours.peerCertificates());
      assertEquals(TestedEngine.SERVER.chain(), theirs.localCertificates());
      assertEquals(List.of(), theirs.peerCertificates());
      if (clientEnds) {
        assertFalse(ours.sessionReused());
        assertFalse(theirs.sessionReused());
      }
      assertBulk(pair.right(), pair.left());
      assertBulk(pair.left(), pair.right());
      TlsStream<?> ends = clientEnds ? pair.left() : pair.right();
      TlsStream<?> hears = clientEnds ? pair.right() : pair.left();
      Nursery.run(
          nursery -> {
            nursery.startSoon(ends::close);
            assertEquals(0, hears.receiveSome(100).length);
            assertEquals(0, hears.receiveSome(100).length);
          });
      hears.close();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-G2 TLS-H11 an end without close_notify is a truncation")
  void cut(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    for (boolean clientCuts : new boolean[] {true, false}) {
      var pair = EnginePairs.handshaken(MemoryStreams.pair(), client, server, version);
      (clientCuts ? pair.left() : pair.right()).closeForcefully();
      assertTruncated(clientCuts ? pair.right() : pair.left());
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-G8 TLS-R-a TLS-R-i a damaged record is Broken here, and an alert there")
  void damaged(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    byte[] record = new byte[45];
    System.arraycopy(new byte[] {23, 3, 3, 0, 40}, 0, record, 0, 5);
    for (boolean byClient : new boolean[] {true, false}) {
      var transports = MemoryStreams.pair();
      var pair = EnginePairs.handshaken(transports, client, server, version);
      TlsStream<?> hears = byClient ? pair.right() : pair.left();
      TlsStream<?> other = byClient ? pair.left() : pair.right();
      (byClient ? transports.left() : transports.right()).sendAll(record);
      Nursery.run(
          nursery -> {
            nursery.startSoon(() -> assertBroken(() -> hears.receiveSome(10)));
            BrokenResourceException told = assertBroken(() -> other.receiveSome(10));
            assertInstanceOf(TlsAlertException.class, told.getCause());
            assertTrue(told.reason().contains("bad_record_mac"), told.reason());
            // One engine waits for more after its alert, instead of saying that it has failed.
            other.closeForcefully();
          });
      hears.closeForcefully();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName(
      "TLS-S1 TLS-G10 sendEof in TLS 1.3, where the engine can; in TLS 1.2 nothing is sent")
  void halfClose(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    for (boolean clientEnds : new boolean[] {true, false}) {
      var pair = EnginePairs.handshaken(MemoryStreams.pair(), client, server, version);
      TlsStream<?> ends = clientEnds ? pair.left() : pair.right();
      TlsStream<?> hears = clientEnds ? pair.right() : pair.left();
      TestedEngine endsBy = clientEnds ? client : server;
      TestedEngine hearsBy = clientEnds ? server : client;
      if (version == TlsVersion.TLS_1_2) {
        assertThrows(UnsupportedOperationException.class, ends::sendEof);
        assertCarries(ends, hears);
        assertCarries(hears, ends);
      } else if (!endsBy.can(Can.HALF_CLOSE)) {
        assertThrows(UnsupportedOperationException.class, ends::sendEof);
      } else {
        ends.sendEof();
        assertEquals(0, hears.receiveSome(100).length);
        if (hearsBy.can(Can.SEND_AFTER_THE_END)) {
          assertCarries(hears, ends);
          hears.close();
          assertEquals(0, ends.receiveSome(100).length);
        } else {
          assertBroken(() -> hears.sendAll(new byte[1]));
        }
      }
      ends.closeForcefully();
      hears.closeForcefully();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-I1 TLS-I2 TLS-I3 leaving TLS, where the engine can hear after its close_notify")
  void unwrap(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    for (boolean clientFirst : new boolean[] {true, false}) {
      var pair = EnginePairs.handshaken(MemoryStreams.pair(), client, server, version);
      TlsStream<? extends Stream> first = clientFirst ? pair.left() : pair.right();
      TlsStream<? extends Stream> second = clientFirst ? pair.right() : pair.left();
      Nursery.run(
          nursery -> {
            nursery.startSoon(
                () -> {
                  assertEquals(0, second.receiveSome(100).length);
                  second.unwrap().transportStream().sendAll(new byte[] {7});
                });
            if ((clientFirst ? client : server).can(Can.HALF_CLOSE)) {
              var unwrapped = first.unwrap();
              byte[] trailing = unwrapped.trailingBytes();
              assertArrayEquals(
                  new byte[] {7},
                  trailing.length > 0 ? trailing : unwrapped.transportStream().receiveSome(1));
            } else {
              assertBroken(first::unwrap);
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-N6 TLS-J4 a client certificate is asked for, and shown")
  void clientCertificate(TestedEngine client, TestedEngine server, TlsVersion version)
      throws Exception {
    var pair =
        EnginePairs.handshaken(
            MemoryStreams.pair(),
            client.freshClient(version),
            server.freshServer(version).withClientAuth(ClientAuth.NEED));
    assertEquals(TestedEngine.CLIENT.chain(), pair.right().info().peerCertificates());
    assertEquals(TestedEngine.CLIENT.chain(), pair.left().info().localCertificates());
    assertCarries(pair.left(), pair.right());
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-N6 TLS-B15 a client without the certificate that is needed is told so")
  void noClientCertificate(TestedEngine client, TestedEngine server, TlsVersion version)
      throws Exception {
    assertRefusedByServer(
        EnginePairs.wrap(
            MemoryStreams.pair(),
            TlsConfig.of(client.factory(null)).withVersions(version),
            server.freshServer(version).withClientAuth(ClientAuth.NEED)));
  }

  private static void assertRefusedByServer(Pair<? extends TlsStream<?>> pair)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          nursery.startSoon(() -> assertBroken(() -> pair.right().receiveSome(1)));
          BrokenResourceException told = assertBroken(() -> pair.left().receiveSome(1));
          assertInstanceOf(TlsAlertException.class, told.getCause());
        });
  }

  private static void assertRefusedByClient(Pair<? extends TlsStream<?>> pair)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                BrokenResourceException told = assertBroken(() -> pair.right().receiveSome(1));
                assertInstanceOf(TlsAlertException.class, told.getCause());
              });
          BrokenResourceException refused = assertBroken(() -> pair.left().receiveSome(1));
          assertTrue(comesFrom(refused, CertificateException.class), refused::toString);
          assertTrue(refused.reason().contains("certificate was refused"), refused.reason());
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-M5 TLS-B10 a server of another name, or of an unknown authority, is refused")
  void wrongServer(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    TestIdentity stranger = TestCa.create("elsewhere").leaf(TestedEngine.NAME).issue();
    for (TestIdentity identity : List.of(TestedEngine.CLIENT, stranger)) {
      assertRefusedByClient(
          EnginePairs.wrap(
              MemoryStreams.pair(),
              client.freshClient(version),
              server.freshServer(identity, version)));
    }
  }

  /** A client and a server that have met. */
  private record Acquaintance(
      String who, List<Boolean> then, TlsConfig client, TlsServerConfig server) {
    static Acquaintance of(TestedEngine client, TestedEngine server, TlsVersion version) {
      boolean is12 = version == TlsVersion.TLS_1_2;
      boolean resumes = is12 || (client.can(Can.RESUME_1_3) && server.can(Can.RESUME_1_3));
      return new Acquaintance(
          client + " to " + server + ", " + version,
          List.of(
              resumes && (is12 || client.can(Can.TELL_RESUMED_CLIENT)),
              resumes && (is12 || server.can(Can.TELL_RESUMED_SERVER))),
          client.freshClient(version),
          server.freshServer(version));
    }

    /** Meets, talks, and parts. Whether each side has resumed an earlier session. */
    List<Boolean> meet() throws IOException, InterruptedException {
      var pair = EnginePairs.handshaken(MemoryStreams.pair(), client, server);
      assertCarries(pair.right(), pair.left());
      assertCarries(pair.left(), pair.right());
      pair.left().close();
      assertEquals(0, pair.right().receiveSome(1).length);
      pair.right().close();
      return List.of(pair.left().info().sessionReused(), pair.right().info().sessionReused());
    }
  }

  @Test
  @DisplayName("TLS-S3 TLS-J8 the second connection resumes the session of the first")
  void resumption() throws Exception {
    List<Acquaintance> all = new ArrayList<>();
    for (Arguments pair : EnginePairs.all()) {
      Object[] of = pair.get();
      all.add(Acquaintance.of((TestedEngine) of[0], (TestedEngine) of[1], (TlsVersion) of[2]));
    }
    for (Acquaintance pair : all) {
      assertEquals(List.of(false, false), pair.meet(), pair.who);
    }
    // Some engines count the age of a session in seconds.
    long second = System.currentTimeMillis() / 1000;
    while (System.currentTimeMillis() / 1000 == second) {
      Thread.onSpinWait();
    }
    for (Acquaintance pair : all) {
      assertEquals(pair.then, pair.meet(), pair.who);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName(
      "TLS-N5 without a common application protocol: refused, or none, as the server's engine")
  void noCommonProtocol(TestedEngine client, TestedEngine server, TlsVersion version)
      throws Exception {
    Pair<? extends TlsStream<?>> pair =
        EnginePairs.wrap(
            MemoryStreams.pair(),
            client.freshClient(version, "a"),
            server.freshServer(version, "b"));
    if (server.can(Can.REFUSE_PROTOCOLS)) {
      assertRefusedByServer(pair);
    } else {
      EnginePairs.handshake(pair);
      assertNull(pair.left().info().alpn());
      assertNull(pair.right().info().alpn());
    }
  }

  @ParameterizedTest
  @MethodSource("pairs13")
  @DisplayName("TLS-L2 TLS-L3 TLS-L6 keys are changed by the one that can, and the other follows")
  void keyUpdate(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    AtomicReference<@Nullable SSLEngine> clientEngine = new AtomicReference<>();
    AtomicReference<@Nullable SSLEngine> serverEngine = new AtomicReference<>();
    var pair =
        EnginePairs.handshaken(
            MemoryStreams.pair(),
            client.client(version).withConfigurer((engine, parameters) -> clientEngine.set(engine)),
            server
                .server(version)
                .withConfigurer((engine, parameters) -> serverEngine.set(engine)));
    assertCarries(pair.right(), pair.left());
    assertCarries(pair.left(), pair.right());
    for (boolean byClient : new boolean[] {true, false}) {
      SSLEngine engine = Objects.requireNonNull((byClient ? clientEngine : serverEngine).get());
      TestedEngine by = byClient ? client : server;
      if (by.can(Can.UPDATE_KEYS) || by == TestedEngine.CONSCRYPT) {
        // The latter does nothing.
        engine.beginHandshake();
      } else {
        assertThrows(Exception.class, engine::beginHandshake);
      }
      for (int i = 0; i < 3; i++) {
        assertCarries(pair.left(), pair.right());
        assertCarries(pair.right(), pair.left());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestedEngine.class)
  @DisplayName("TLS-R-o protocols that the engine would ignore are refused when the stream is made")
  void ignoredProtocols(TestedEngine engine) {
    Stream transport = MemoryStreams.pair().left();
    TlsConfig client = engine.client(TlsVersion.TLS_1_3).withAlpn("a");
    TlsServerConfig server = engine.server(TlsVersion.TLS_1_3).withAlpn("a");
    if (engine.can(Can.TAKE_PROTOCOLS)) {
      TlsStream.wrapClient(transport, TestedEngine.NAME, client).closeForcefully();
      TlsStream.wrapServer(transport, server).closeForcefully();
    } else {
      assertThrows(
          IllegalArgumentException.class,
          () -> TlsStream.wrapClient(transport, TestedEngine.NAME, client));
      assertThrows(IllegalArgumentException.class, () -> TlsStream.wrapServer(transport, server));
    }
  }
}
