package dev.tercet.testing.engines;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.TlsStream;
import dev.tercet.support.HandshakeDamage;
import dev.tercet.support.Stress;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged flights for each engine, through the streams; {@code HandshakeFuzzTest} of java-core does
 * it with the machine and the JDK's engine, and more often.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class EngineFuzzTest {
  private static final int TIMES = Stress.rounds(15, 1000);
  private static final int MANY = 100_000;
  private final long seed = Stress.seed(EngineFuzzTest.class);

  static Stream<Arguments> victims() {
    return Stream.of(TestedEngine.values())
        .flatMap(
            engine ->
                Stream.of(TlsVersion.values())
                    .flatMap(
                        version ->
                            Stream.of(TlsRole.values())
                                .map(role -> Arguments.of(engine, version, role))));
  }

  /** The first flight of the victim's peer, and the victim, which has nothing to send before. */
  @ParameterizedTest
  @MethodSource("victims")
  @DisplayName("TLS-B19 TLS-B9 a damaged flight is Broken or goes on; then the peer is told why")
  void damaged(TestedEngine engine, TlsVersion version, TlsRole victim) throws Exception {
    for (int i = 0; i < TIMES; i++) {
      HandshakeDamage damage = new HandshakeDamage(new Random(seed + i));
      String what = engine + ", " + version + ", " + victim + ", seed " + (seed + i);
      if (victim == TlsRole.SERVER) {
        server(engine, version, damage, what);
      } else {
        client(engine, version, damage, what);
      }
    }
  }

  private static void server(
      TestedEngine engine, TlsVersion version, HandshakeDamage damage, String what)
      throws IOException, InterruptedException {
    var transports = MemoryStreams.pair();
    byte[] hello = hello(TestedEngine.JDK, version);
    transports.left().sendAll(damage.of(hello));
    transports.left().sendStream().close();
    TlsStream<?> server = TlsStream.wrapServer(transports.right(), engine.server(version));
    BrokenResourceException failure =
        assertThrows(BrokenResourceException.class, server::doHandshake, what);
    server.closeForcefully();
    assertTold(failure, received(transports.left()), what);
  }

  private static byte[] hello(TestedEngine engine, TlsVersion version)
      throws IOException, InterruptedException {
    var transports = MemoryStreams.pair();
    AtomicReference<byte[]> hello = new AtomicReference<>(new byte[0]);
    var client = TlsStream.wrapClient(transports.left(), TestedEngine.NAME, engine.client(version));
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                hello.set(transports.right().receiveSome(MANY));
                transports.right().close();
              });
          assertThrows(IOException.class, client::doHandshake);
        });
    client.closeForcefully();
    return hello.get();
  }

  private static void client(
      TestedEngine engine, TlsVersion version, HandshakeDamage damage, String what)
      throws IOException, InterruptedException {
    var transports = MemoryStreams.pair();
    var others = MemoryStreams.pair();
    var client =
        TlsStream.wrapClient(transports.left(), TestedEngine.NAME, engine.freshClient(version));
    var server = TlsStream.wrapServer(others.right(), TestedEngine.JDK.server(version));
    AtomicReference<byte[]> sent = new AtomicReference<>(new byte[0]);
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                others.left().sendAll(transports.right().receiveSome(MANY));
                others.left().sendStream().close();
                assertThrows(IOException.class, server::doHandshake);
                server.closeForcefully();
                transports.right().sendAll(damage.of(received(others.left())));
                transports.right().sendStream().close();
              });
          BrokenResourceException failure =
              assertThrows(BrokenResourceException.class, client::doHandshake, what);
          client.closeForcefully();
          sent.set(received(transports.right()));
          assertTold(failure, sent.get(), what);
        });
  }

  /** All that has been sent to it. */
  private static byte[] received(dev.tercet.blocking.Stream stream)
      throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] some = stream.receiveSome(MANY); some.length > 0; some = stream.receiveSome(MANY)) {
      all.writeBytes(some);
    }
    return all.toByteArray();
  }

  private static void assertTold(BrokenResourceException failure, byte[] wire, String what) {
    if (failure.getCause() instanceof TlsTruncatedException) {
      // It went on, or waits for the rest of a message, and there was none.
      return;
    }
    assertNotEquals(0, wire.length, () -> what + ": " + failure.reason());
    int last = 0;
    for (int at = 0; at < wire.length; ) {
      last = wire[at];
      at += 5 + ((wire[at + 3] & 0xff) << 8 | (wire[at + 4] & 0xff));
    }
    int type = last;
    // An alert; with the keys of TLS 1.3 it looks like data.
    assertTrue(
        List.of(21, 23).contains(type),
        () -> what + ": no alert but " + type + ", " + failure.reason());
  }
}
