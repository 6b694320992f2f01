package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.IoHook;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How blocking TLS streams begin and end when the other side, or this one, is in a hurry. */
@Timeout(120)
class TlsEndingTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  @DisplayName("TLS-A9 a TLS stream is no half-closeable stream")
  void kind() {
    assertFalse(HalfCloseableStream.class.isAssignableFrom(TlsStream.class));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B14 a client that closes right after the handshake does not break the server's")
  void closedAfterHandshake(TlsVersion version) throws Exception {
    var transports = TlsPairs.watched(MemoryStreams.pair());
    var pair = TlsPairs.wrap(transports, version);
    CountDownLatch clientClosed = new CountDownLatch(1);
    transports.right().receiveHook =
        () -> {
          // The client's last word in the handshake is heard only when the client is closed.
          if (transports.right().receives.get() > 1 && version == TlsVersion.TLS_1_3) {
            clientClosed.await();
          }
        };
    InThread serving =
        InThread.start(
            () -> {
              pair.right().doHandshake();
              assertEquals(0, pair.right().receiveSome().length);
              pair.right().close();
            });
    pair.left().doHandshake();
    pair.left().close();
    clientClosed.countDown();
    assertNull(serving.outcome());
  }

  @Test
  @DisplayName("TLS-B16 doHandshake looks for an interrupt, also when there is nothing to do")
  void checkpoint() throws Exception {
    var pair = TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3);
    for (int i = 0; i < 2; i++) {
      int sends = pair.left().transportStream().sends.get();
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> pair.left().doHandshake());
      assertEquals(sends, pair.left().transportStream().sends.get());
      TlsPairs.handshaken(pair);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-F5 TLS-H9 a close comes in between whatever the others do, and wakes them")
  void closeExcludesNothing(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), version));
    TlsStream<WatchedStream> left = pair.left();
    CountDownLatch never = new CountDownLatch(1);
    InThread receiver = InThread.start(() -> left.receiveSome()).awaitParked();
    left.transportStream().waitHook = never::await;
    InThread waiter = InThread.start(left::waitSendAllMightNotBlock).awaitParked();
    InThread closer = InThread.start(left::close);
    assertNull(closer.outcome());
    assertInstanceOf(ClosedResourceException.class, receiver.outcome());
    never.countDown();
    assertInstanceOf(ClosedResourceException.class, waiter.outcome());
  }

  @Test
  @DisplayName("TLS-H6 closing a broken stream closes its transport and says nothing")
  void closeBroken() throws Exception {
    var pair =
        TlsPairs.handshaken(
            TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3));
    WatchedStream below = pair.left().transportStream();
    below.sendHook =
        () -> {
          throw new IOException("cable cut");
        };
    assertThrows(IOException.class, () -> pair.left().sendAll(b("x")));
    int sends = below.sends.get();
    pair.left().close();
    pair.left().close();
    assertEquals(sends, below.sends.get());
    assertEquals(1, below.closes.get());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H10 after operations that were interrupted before they began, closing is clean")
  void closeAfterInterrupts(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> pair.left().sendAll(b("x")));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> pair.left().receiveSome());
    pair.left().close();
    assertEquals(0, pair.right().receiveSome().length);
    pair.right().close();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H12 TLS-D11 after an alert no side sends close_notify")
  void noGoodbyeAfterAlert(TlsVersion version) throws Exception {
    var transports = MemoryStreams.pair();
    var pair = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(transports), version));
    byte[] garbage = new byte[5 + 100];
    garbage[0] = 23;
    garbage[1] = 3;
    garbage[2] = 3;
    garbage[4] = 100;
    transports.left().receiveStream().putData(garbage);
    assertThrows(BrokenResourceException.class, () -> pair.left().receiveSome());
    Throwable told = assertThrows(BrokenResourceException.class, () -> pair.right().receiveSome());
    assertTrue(String.valueOf(told.getMessage()).contains("the peer sent the alert"), "" + told);
    int leftSends = pair.left().transportStream().sends.get();
    int rightSends = pair.right().transportStream().sends.get();
    pair.left().close();
    pair.right().close();
    assertEquals(leftSends, pair.left().transportStream().sends.get());
    assertEquals(rightSends, pair.right().transportStream().sends.get());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-I4 leaving TLS does the handshake if there was none, and is Closed when closed")
  void unwrapFirst(TlsVersion version) throws Exception {
    var pair = TlsPairs.wrap(MemoryStreams.pair(), version);
    InThread other = InThread.start(() -> pair.right().unwrap());
    pair.left().unwrap();
    assertNull(other.outcome());
    assertEquals(version.protocolName(), pair.left().info().version());
    assertThrows(ClosedResourceException.class, () -> pair.left().unwrap());
  }

  @Test
  @DisplayName("TLS-J2 TLS-M7 a handshake that failed has no facts; closing closes the transport")
  void failedHandshake() throws Exception {
    var transports = TlsPairs.watched(MemoryStreams.pair());
    var client = TlsStream.wrapClient(transports.left(), "other.test", TlsPairs.CLIENT);
    var server = TlsStream.wrapServer(transports.right(), TlsPairs.SERVER);
    InThread serving = InThread.start(server::doHandshake);
    assertThrows(BrokenResourceException.class, client::doHandshake);
    Throwable told = serving.outcome();
    assertInstanceOf(BrokenResourceException.class, told);
    assertTrue(String.valueOf(told.getMessage()).contains("alert certificate_unknown"), "" + told);
    for (TlsStream<WatchedStream> side : List.of(client, server)) {
      assertThrows(NeedHandshakeException.class, side::info);
      assertThrows(NeedHandshakeException.class, () -> side.channelBinding("tls-server-end-point"));
      assertThrows(BrokenResourceException.class, () -> side.sendAll(b("x")));
      assertEquals(0, side.transportStream().closes.get());
      int sends = side.transportStream().sends.get();
      side.close();
      assertEquals(1, side.transportStream().closes.get());
      assertEquals(sends, side.transportStream().sends.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-R5 a reset behind the peer's close_notify is no error")
  void resetAfterGoodbye(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), version));
    WatchedStream below = pair.left().transportStream();
    pair.right().sendAll(b("last"));
    pair.right().close();
    IoHook reset =
        () -> {
          throw new BrokenResourceException("connection reset", null);
        };
    assertArrayEquals(b("last"), pair.left().receiveSome(4));
    below.receiveHook = reset;
    below.sendHook = reset;
    assertEquals(0, pair.left().receiveSome().length);
    assertEquals(0, pair.left().receiveSome().length);
    pair.left().close();
    assertEquals(1, below.closes.get());
  }

  @Test
  @DisplayName("TLS-R4 a client that drips its hello is limited in time, and in size")
  void drip() throws Exception {
    var slow = MemoryStreams.pair();
    var server =
        TlsStream.wrapServer(
            slow.right(), TlsPairs.SERVER.withHandshakeTimeout(Duration.ofMillis(50)));
    // A byte for each look of the server, and the last of the record never.
    slow.left().sendAll(new byte[] {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc});
    AtomicInteger drops = new AtomicInteger();
    slow.right()
        .receiveStream()
        .setReceiveSomeHook(
            () -> {
              if (drops.incrementAndGet() < 250) {
                slow.left().sendAll(new byte[] {3});
              }
            });
    Throwable thrown = assertThrows(BrokenResourceException.class, server::doHandshake);
    assertInstanceOf(TooSlowException.class, thrown.getCause());

    // A hello of 16 MB: refused long before it is here.
    var large = MemoryStreams.pair();
    var other = TlsStream.wrapServer(large.right(), TlsPairs.SERVER);
    byte[] record = new byte[5 + 16_384];
    record[0] = 22;
    record[1] = 3;
    record[2] = 1;
    record[3] = 0x40;
    byte[] first = record.clone();
    first[5] = 1;
    first[6] = (byte) 0xff;
    first[7] = (byte) 0xff;
    first[8] = (byte) 0xff;
    large.left().sendAll(first);
    large.right().receiveStream().setReceiveSomeHook(() -> large.left().sendAll(record));
    assertThrows(BrokenResourceException.class, other::doHandshake);
  }
}
