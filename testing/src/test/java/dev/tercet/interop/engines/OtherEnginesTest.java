package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.TlsConfig;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsTruncatedException;
import dev.tercet.TlsVersion;
import dev.tercet.stream.BufferedReceiveStream;
import dev.tercet.stream.Stream;
import dev.tercet.task.Nursery;
import dev.tercet.testing.MemoryStreams;
import dev.tercet.testing.MemoryStreams.Pair;
import dev.tercet.testing.StreamConformance;
import dev.tercet.tls.TlsStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Engines of other makers against the JDK's, in both roles, through the factory of a config. */
@Timeout(180)
class OtherEnginesTest {
  /** Client, server, version. */
  static List<Arguments> pairs() {
    return Arrays.stream(OtherEngine.values())
        .filter(engine -> engine != OtherEngine.JDK)
        .flatMap(
            other ->
                Arrays.stream(TlsVersion.values())
                    .flatMap(
                        version ->
                            java.util.stream.Stream.of(
                                Arguments.of(other, OtherEngine.JDK, version),
                                Arguments.of(OtherEngine.JDK, other, version))))
        .toList();
  }

  private static <S extends Stream> Pair<TlsStream<S>> handshaken(
      Pair<S> transports, OtherEngine client, OtherEngine server, TlsVersion version)
      throws IOException, InterruptedException {
    TlsConfig clientConfig = TlsConfig.of(client).withVersions(version).withAlpn("h2", "x");
    TlsServerConfig serverConfig = TlsServerConfig.of(server).withVersions(version).withAlpn("x");
    Pair<TlsStream<S>> pair =
        new Pair<>(
            TlsStream.wrapClient(transports.left(), OtherEngine.NAME, clientConfig),
            TlsStream.wrapServer(transports.right(), serverConfig));
    Nursery.run(
        nursery -> {
          nursery.startSoon(pair.left()::doHandshake);
          pair.right().doHandshake();
        });
    return pair;
  }

  private static void assertSends(TlsStream<?> from, TlsStream<?> to)
      throws IOException, InterruptedException {
    byte[] bulk = OurTls.bulk();
    Nursery.run(
        nursery -> {
          nursery.startSoon(() -> from.sendAll(ByteBuffer.wrap(bulk)));
          assertArrayEquals(bulk, BufferedReceiveStream.wrap(to).receiveExactly(bulk.length));
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-B12 TLS-C1 TLS-G1 TLS-N4 facts, the server's words first, bulk, and a goodbye")
  void talk(OtherEngine client, OtherEngine server, TlsVersion version) throws Exception {
    for (boolean clientEnds : new boolean[] {true, false}) {
      var pair = handshaken(MemoryStreams.lockstepPair(), client, server, version);
      assertEquals(version.protocolName(), pair.left().info().version());
      assertEquals(pair.left().info().cipherSuite(), pair.right().info().cipherSuite());
      assertEquals("x", pair.left().info().alpn());
      assertEquals("x", pair.right().info().alpn());
      assertEquals("CN=server.test", OurTls.leafName(pair.left().info()));
      assertSends(pair.right(), pair.left());
      assertSends(pair.left(), pair.right());
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
  @DisplayName("TLS-G2 TLS-H11 an end without a goodbye is a truncation")
  void cut(OtherEngine client, OtherEngine server, TlsVersion version) throws Exception {
    for (boolean clientCuts : new boolean[] {true, false}) {
      var pair = handshaken(MemoryStreams.pair(), client, server, version);
      (clientCuts ? pair.left() : pair.right()).closeForcefully();
      TlsStream<?> hears = clientCuts ? pair.right() : pair.left();
      BrokenResourceException broken =
          assertThrows(BrokenResourceException.class, () -> hears.receiveSome(100));
      assertInstanceOf(TlsTruncatedException.class, broken.getCause());
      hears.close();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-A8 the battery")
  void battery(OtherEngine client, OtherEngine server, TlsVersion version) throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> handshaken(MemoryStreams.pair(), client, server, version), null);
  }
}
