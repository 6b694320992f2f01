package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.WouldBlockException;
import dev.tercet.blocking.StapledStream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemorySendStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How blocking TLS streams receive. */
@Timeout(120)
class TlsReceivingTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D1 TLS-D2 receiving gives what has arrived, as far as there is room")
  void whatHasArrived(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    pair.left().sendAll(b("0123456789"));
    pair.left().sendAll(b("abcde"));
    assertArrayEquals(b("0123456"), pair.right().receiveSome(7));
    assertArrayEquals(b("789abcde"), pair.right().receiveSome(100));
    pair.left().sendAll(b("0123456789"));
    pair.left().sendAll(b("abcde"));
    ByteBuffer into = ByteBuffer.allocate(15).limit(12);
    for (int n = 0; n < 15; into.limit(15)) {
      int more = pair.right().receiveSome(into);
      assertTrue(more > 0, "nothing was received");
      n += more;
      assertEquals(n, into.position());
    }
    assertArrayEquals(b("0123456789abcde"), into.array());
    InThread reader =
        InThread.start(() -> assertArrayEquals(b("x"), pair.right().receiveSome(100)));
    reader.awaitParked();
    pair.left().sendAll(b("x"));
    assertNull(reader.outcome());
    pair.left().close();
    assertEquals(-1, pair.right().receiveSome(into.clear()));
    assertEquals(0, pair.right().receiveSome(1).length);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("IO-R7 a GZIPInputStream over TLS reads all members, also those in later records")
  void gzip(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    pair.left().sendAll(gzipped("first "));
    pair.left().sendAll(gzipped("second"));
    InputStream in = pair.right().asInputStream();
    assertEquals(
        "first second", new String(new GZIPInputStream(in).readNBytes(12), StandardCharsets.UTF_8));
    assertEquals(0, in.available());
    pair.left().sendAll(b("ab"));
    assertEquals('a', in.read());
    assertEquals(1, in.available());
    assertEquals('b', in.read());
    pair.right().closeForcefully();
    pair.left().closeForcefully();
  }

  private static byte[] gzipped(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(b(text));
    }
    return out.toByteArray();
  }

  @Test
  @DisplayName("TLS-D3 a request for nothing is refused before anything else is looked at")
  void arguments() {
    var pair = TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3);
    TlsStream<WatchedStream> left = pair.left();
    for (int i = 0; i < 2; i++) {
      assertThrows(IllegalArgumentException.class, () -> left.receiveSome(0));
      assertThrows(IllegalArgumentException.class, () -> left.receiveSome(-1));
      assertThrows(
          IllegalArgumentException.class,
          () -> left.receiveSome(ByteBuffer.allocate(1).position(1)));
      assertEquals(0, left.transportStream().sends.get());
      left.closeForcefully();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D4 the rest of a record comes without I/O, and each call looks for interrupts")
  void rest(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), version));
    byte[] data = new byte[16_000];
    new Random(3).nextBytes(data);
    pair.left().sendAll(data);
    TlsStream<WatchedStream> right = pair.right();
    assertArrayEquals(Arrays.copyOf(data, 100), right.receiveSome(100));
    right.transportStream().receiveHook =
        () -> {
          throw new IOException("the transport was asked");
        };
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> right.receiveSome(100));
    ByteBuffer got = ByteBuffer.allocate(data.length - 100);
    while (got.hasRemaining()) {
      got.put(right.receiveSome(Math.min(333, got.remaining())));
    }
    assertArrayEquals(Arrays.copyOfRange(data, 100, data.length), got.array());
  }

  @Test
  @DisplayName("TLS-D6 TLS-L1 TLS-L2 records without data do not make receiving return")
  void recordsWithoutData() throws Exception {
    AtomicReference<SSLEngine> serverEngine = new AtomicReference<>();
    var transports = MemoryStreams.pair();
    var pair =
        TlsPairs.wrap(
            TlsPairs.watched(transports),
            TlsPairs.stranger().withVersions(TlsVersion.TLS_1_3),
            TlsPairs.SERVER.withConfigurer((engine, parameters) -> serverEngine.set(engine)));
    InThread serving = InThread.start(pair.right()::doHandshake);
    pair.left().doHandshake();
    assertNull(serving.outcome());
    // The tickets of the handshake, then a key update, each before the data.
    for (byte[] data : new byte[][] {b("first"), b("second")}) {
      InThread reader =
          InThread.start(() -> assertArrayEquals(data, pair.left().receiveSome())).awaitParked();
      var below = transports.right().sendStream();
      var hook = below.sendAllHook();
      below.setSendAllHook(null);
      pair.right().sendAll(data);
      below.setSendAllHook(hook);
      int records = 0;
      for (byte[] record = record(below); record.length > 0; record = record(below)) {
        int receives = pair.left().transportStream().receives.get();
        transports.left().receiveStream().putData(record);
        records++;
        // It comes back for more, or has what it wants.
        while (reader.thread.isAlive()
            && pair.left().transportStream().receives.get() == receives) {
          Thread.onSpinWait();
        }
      }
      assertTrue(records >= 2, "there was only data");
      assertNull(reader.outcome());
      Objects.requireNonNull(serverEngine.get()).beginHandshake();
    }
  }

  /** Takes one record; an empty one when there is none. */
  private static byte[] record(MemorySendStream from) {
    byte[] header;
    try {
      header = from.getDataNow(5);
    } catch (WouldBlockException e) {
      return new byte[0];
    }
    byte[] content = from.getDataNow((header[3] & 0xff) << 8 | (header[4] & 0xff));
    byte[] record = Arrays.copyOf(header, 5 + content.length);
    System.arraycopy(content, 0, record, 5, content.length);
    return record;
  }

  @Test
  @DisplayName("TLS-O4 TLS over a stapled pair of one-way streams, of different kinds")
  void stapled() throws Exception {
    var there = MemoryStreams.oneWayPair();
    var back = MemoryStreams.lockstepOneWayPair();
    var pair =
        new Pair<>(
            TlsStream.wrapClient(
                StapledStream.of(there.sendStream(), back.receiveStream()),
                TlsPairs.NAME,
                TlsPairs.CLIENT),
            TlsStream.wrapServer(
                StapledStream.of(back.sendStream(), there.receiveStream()), TlsPairs.SERVER));
    InThread server =
        InThread.start(
            () -> {
              assertArrayEquals(b("ping"), pair.right().receiveSome());
              pair.right().sendAll(b("pong"));
              pair.right().close();
            });
    pair.left().sendAll(b("ping"));
    assertArrayEquals(b("pong"), pair.left().receiveSome());
    assertEquals(0, pair.left().receiveSome().length);
    assertNull(server.outcome());
    pair.left().close();
  }
}
