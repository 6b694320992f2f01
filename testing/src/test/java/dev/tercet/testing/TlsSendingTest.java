package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How blocking TLS streams send, and wait to send. */
@Timeout(120)
class TlsSendingTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C2 empty data does the handshake, looks for an interrupt, and sends nothing")
  void empty(TlsVersion version) throws Exception {
    var pair = TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), version);
    TlsStream<WatchedStream> left = pair.left();
    InThread serving = InThread.start(pair.right()::doHandshake);
    left.sendAll(b(""));
    assertNull(serving.outcome());
    assertEquals(version.protocolName(), left.info().version());
    int sends = left.transportStream().sends.get();
    left.sendAll(b(""));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> left.sendAll(b("")));
    assertEquals(sends, left.transportStream().sends.get());
    left.sendAll(b("later"));
    assertArrayEquals(b("later"), pair.right().receiveSome());
  }

  @Test
  @DisplayName("TLS-C4 every kind of buffer is taken, to its limit, and its content not changed")
  void buffers() throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), TlsVersion.TLS_1_3);
    byte[] data = new byte[40_000];
    new Random(4).nextBytes(data);
    ByteBuffer heap = ByteBuffer.wrap(data.clone());
    ByteBuffer direct = ByteBuffer.allocateDirect(data.length).put(data).flip();
    ByteBuffer larger = ByteBuffer.allocate(data.length + 7).position(3).put(data).flip();
    ByteBuffer slice = larger.position(3).slice();
    List<ByteBuffer> kinds =
        List.of(
            heap, direct, heap.duplicate().asReadOnlyBuffer(), slice, direct.slice(0, data.length));
    for (ByteBuffer kind : kinds) {
      String what = kind.toString();
      pair.left().sendAll(kind);
      assertEquals(data.length, kind.position(), what);
      assertEquals(data.length, kind.limit(), what);
      byte[] after = new byte[data.length];
      kind.rewind().get(after);
      assertArrayEquals(data, after, what);
      ByteBuffer received = ByteBuffer.allocate(data.length);
      while (received.hasRemaining()) {
        assertTrue(pair.right().receiveSome(received) > 0, what);
      }
      assertArrayEquals(data, received.array(), what);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C6 sending to a peer that is gone is Broken, and stays so")
  void peerGone(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    pair.right().closeForcefully();
    assertThrows(
        BrokenResourceException.class,
        () -> {
          for (int i = 0; i < 10_000; i++) {
            pair.left().sendAll(b("x"));
          }
        });
    assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(b("x")));
    assertThrows(BrokenResourceException.class, () -> pair.left().sendAll(b("")));
    pair.left().close();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-C5 what arrived before a send failed is received; then Broken, and never the end")
  void answerBehindFailedSend(TlsVersion version) throws Exception {
    for (boolean closeNotify : new boolean[] {true, false}) {
      for (boolean isClient : new boolean[] {true, false}) {
        var pair =
            TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), version));
        TlsStream<WatchedStream> sends = isClient ? pair.left() : pair.right();
        TlsStream<WatchedStream> answers = isClient ? pair.right() : pair.left();
        answers.sendAll(b("413 too large"));
        if (closeNotify) {
          answers.close();
        } else {
          answers.closeForcefully();
        }
        IOException cut = new IOException("cable cut");
        sends.transportStream().sendHook =
            () -> {
              throw cut;
            };
        assertSame(cut, assertThrows(IOException.class, () -> sends.sendAll(b("x"))));
        assertArrayEquals(b("413 too "), sends.receiveSome(8));
        assertArrayEquals(b("large"), sends.receiveSome());
        for (int i = 0; i < 2; i++) {
          BrokenResourceException e =
              assertThrows(BrokenResourceException.class, () -> sends.receiveSome());
          assertTrue(!closeNotify || e.getCause() == cut, () -> "" + e.getCause());
        }
        assertThrows(BrokenResourceException.class, () -> sends.sendAll(b("x")));
        assertThrows(BrokenResourceException.class, sends::doHandshake);
        assertThrows(BrokenResourceException.class, sends::unwrap);
        assertThrows(BrokenResourceException.class, sends::sendEof);
        int calls = sends.transportStream().sends.get();
        sends.close();
        assertEquals(calls, sends.transportStream().sends.get());
        assertEquals(1, sends.transportStream().closes.get());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C5 TLS-G8 an alert behind a failed send, also behind unwrap's, is told then")
  void alertBehindFailedSend(TlsVersion version) throws Exception {
    byte[] garbage = new byte[5 + 100];
    System.arraycopy(new byte[] {23, 3, 3, 0, 100}, 0, garbage, 0, 5);
    for (boolean unwraps : new boolean[] {false, true}) {
      var transports = MemoryStreams.pair();
      var pair = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(transports), version));
      transports.right().receiveStream().putData(garbage);
      assertThrows(BrokenResourceException.class, () -> pair.right().receiveSome());
      pair.right().close();
      TlsStream<WatchedStream> left = pair.left();
      left.transportStream().sendHook =
          () -> {
            throw new IOException("cable cut");
          };
      assertThrows(
          IOException.class,
          () -> {
            if (unwraps) {
              left.unwrap();
            } else {
              left.sendAll(b("x"));
            }
          });
      BrokenResourceException told =
          assertThrows(BrokenResourceException.class, () -> left.receiveSome());
      assertEquals(
          "bad_record_mac", assertInstanceOf(TlsAlertException.class, told.getCause()).alert());
    }
  }

  @Test
  @DisplayName("TLS-B7 a handshake whose send fails tells what the peer has said before it hung up")
  void alertBehindHandshake() throws Exception {
    for (boolean isTls : new boolean[] {true, false}) {
      var transports = TlsPairs.watched(MemoryStreams.pair());
      var client = TlsStream.wrapClient(transports.left(), TlsPairs.NAME, TlsPairs.CLIENT);
      IOException cut = new IOException("cable cut");
      transports.left().sendHook =
          () -> {
            throw cut;
          };
      transports
          .right()
          .sendAll(isTls ? new byte[] {21, 3, 3, 0, 2, 2, 40} : b("HTTP/1.1 400 Bad Request"));
      transports.right().close();
      BrokenResourceException told =
          assertThrows(BrokenResourceException.class, client::doHandshake);
      assertTrue(
          told.reason().contains(isTls ? "the alert handshake_failure" : "HTTP/1.1 400"),
          told.reason());
      assertEquals(List.of(cut), List.of(told.getSuppressed()));
      assertThrows(BrokenResourceException.class, () -> client.receiveSome());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C10 a long send goes out in batches, whose memory is used again and again")
  void boundedMemory(TlsVersion version) throws Exception {
    var pair =
        TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(MemoryStreams.lockstepPair()), version));
    WatchedStream below = pair.left().transportStream();
    below.keepsSent = false;
    int total = 5_000_000;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ByteBuffer data = ByteBuffer.allocate(total);
    // What is made once, for the first record, is not what is counted.
    InThread reader =
        InThread.start(
            () -> {
              ByteBuffer into = ByteBuffer.allocate(100_000);
              for (int received = 0; received < total + 1; received += into.position()) {
                pair.right().receiveSome(into.clear());
              }
            });
    pair.left().sendAll(new byte[1]);
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    pair.left().sendAll(data);
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertNull(reader.outcome());
    assertTrue(below.sends.get() > total / 70_000, () -> below.sends + " sends");
    assertTrue(
        below.largestSend.get() <= 68 * 1024, () -> below.largestSend + " bytes in one send");
    // The engine leaves some garbage for each record. A copy of everything would be five times
    // that.
    assertTrue(allocated < total / 5, () -> allocated + " bytes were allocated");
  }

  @Test
  @DisplayName("TLS-E1 TLS-E4 waiting to send is the transport's, after a look at the stream")
  void waiting() throws Exception {
    var pair =
        TlsPairs.handshaken(
            TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3));
    TlsStream<WatchedStream> left = pair.left();
    WatchedStream below = left.transportStream();
    CountDownLatch room = new CountDownLatch(1);
    below.waitHook = room::await;
    InThread waiter = InThread.start(left::waitSendAllMightNotBlock).awaitParked();
    assertTrue(waiter.thread.isAlive(), "it returned before the transport did");
    assertEquals(1, below.waits.get());
    room.countDown();
    assertNull(waiter.outcome());

    below.sendHook =
        () -> {
          throw new IOException("cable cut");
        };
    assertThrows(IOException.class, () -> left.sendAll(b("x")));
    assertThrows(BrokenResourceException.class, left::waitSendAllMightNotBlock);
    left.close();
    assertThrows(ClosedResourceException.class, left::waitSendAllMightNotBlock);
    assertEquals(1, below.waits.get());
  }

  @Test
  @DisplayName("TLS-E2 waiting to send excludes sending and itself, not receiving")
  void waitingExcludes() throws Exception {
    var pair =
        TlsPairs.handshaken(
            TlsPairs.wrap(TlsPairs.watched(MemoryStreams.pair()), TlsVersion.TLS_1_3));
    TlsStream<WatchedStream> left = pair.left();
    CountDownLatch room = new CountDownLatch(1);
    left.transportStream().waitHook = room::await;
    InThread waiter = InThread.start(left::waitSendAllMightNotBlock).awaitParked();
    assertThrows(BusyResourceException.class, () -> left.sendAll(b("x")));
    assertThrows(BusyResourceException.class, left::waitSendAllMightNotBlock);
    pair.right().sendAll(b("hello"));
    assertArrayEquals(b("hello"), left.receiveSome());
    room.countDown();
    assertNull(waiter.outcome());
    left.sendAll(b("x"));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-E5 waiting to send ends when the peer is closed, and with Closed when we are")
  void waitingEnds(TlsVersion version) throws Exception {
    Pair<? extends TlsStream<?>> gone = TlsPairs.handshaken(MemoryStreams.lockstepPair(), version);
    InThread waiter = InThread.start(gone.left()::waitSendAllMightNotBlock).awaitParked();
    assertTrue(waiter.thread.isAlive(), "nobody receives, and it does not wait");
    gone.right().closeForcefully();
    Throwable end = waiter.outcome();
    assertTrue(end == null || end instanceof BrokenResourceException, () -> "" + end);

    Pair<? extends TlsStream<?>> ours = TlsPairs.handshaken(MemoryStreams.lockstepPair(), version);
    InThread other = InThread.start(ours.left()::waitSendAllMightNotBlock).awaitParked();
    ours.left().closeForcefully();
    assertInstanceOf(ClosedResourceException.class, other.outcome());
  }
}
