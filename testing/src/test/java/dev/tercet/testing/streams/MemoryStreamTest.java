package dev.tercet.testing.streams;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.WouldBlockException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.InThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the blocking memory streams do; the machines below are shared with the suspending ones. */
@Timeout(60)
class MemoryStreamTest {
  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String s(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  @DisplayName(
      "KIT-M1 KIT-M12 KIT-M13 the hook sees the bytes; what it throws comes out, they stay")
  void sendHook() throws Exception {
    MemorySendStream stream = new MemorySendStream();
    List<String> seen = new ArrayList<>();
    stream.setSendAllHook(() -> seen.add(s(stream.getDataNow())));
    ByteBuffer data = ByteBuffer.wrap(b("abc"));
    stream.sendAll(data);
    assertEquals(List.of("abc"), seen);
    assertFalse(data.hasRemaining());
    stream.setSendAllHook(
        () -> {
          throw new IOException("no");
        });
    assertEquals(
        "no", assertThrows(IOException.class, () -> stream.sendAll(b("def"))).getMessage());
    assertEquals("def", s(stream.getDataNow()));
  }

  @Test
  @DisplayName("KIT-M2 KIT-M3 while one thread is in a send, another's send or wait is Busy")
  void busy() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    MemorySendStream stream = new MemorySendStream(gate::await, null, null);
    InThread sending = InThread.start(() -> stream.sendAll(b("a"))).awaitParked();
    assertThrows(BusyResourceException.class, () -> stream.sendAll(b("b")));
    assertThrows(BusyResourceException.class, stream::waitSendAllMightNotBlock);
    gate.countDown();
    assertNull(sending.outcome());
    assertEquals("a", s(stream.getDataNow()));
  }

  @Test
  @DisplayName("KIT-M4 KIT-M5 KIT-M6 a closed stream refuses all; each close runs the close hook")
  void closed() throws Exception {
    AtomicInteger closes = new AtomicInteger();
    AtomicInteger waits = new AtomicInteger();
    MemorySendStream stream =
        new MemorySendStream(null, waits::incrementAndGet, closes::incrementAndGet);
    stream.waitSendAllMightNotBlock();
    stream.close();
    stream.closeForcefully();
    assertEquals(2, closes.get());
    assertThrows(ClosedResourceException.class, () -> stream.sendAll(new byte[0]));
    assertThrows(ClosedResourceException.class, stream::waitSendAllMightNotBlock);
    assertEquals(1, waits.get());
    assertEquals(0, stream.getDataNow().length);
  }

  @Test
  @DisplayName("KIT-M7 a close ends a hook that waits in any way, and leaves no interrupt behind")
  void closeEndsHook() throws Exception {
    MemorySendStream stream = new MemorySendStream();
    stream.setSendAllHook(() -> new CountDownLatch(1).await());
    AtomicInteger flagAfter = new AtomicInteger(-1);
    InThread sending =
        InThread.start(
                () -> {
                  try {
                    stream.sendAll(b("x"));
                  } finally {
                    flagAfter.set(Thread.currentThread().isInterrupted() ? 1 : 0);
                  }
                })
            .awaitParked();
    stream.closeForcefully();
    assertInstanceOf(ClosedResourceException.class, sending.outcome());
    assertEquals(0, flagAfter.get());

    MemoryReceiveStream receive =
        new MemoryReceiveStream(() -> new CountDownLatch(1).await(), null);
    InThread receiving = InThread.start(() -> receive.receiveSome(1)).awaitParked();
    receive.closeForcefully();
    assertInstanceOf(ClosedResourceException.class, receiving.outcome());
  }

  @Test
  @DisplayName("KIT-M7 a hook that closes its own stream and fails: Closed, its failure suppressed")
  void hookClosesItsStream() {
    MemorySendStream stream = new MemorySendStream();
    IOException failure = new IOException("the hook's own");
    stream.setSendAllHook(
        () -> {
          stream.closeForcefully();
          assertFalse(Thread.currentThread().isInterrupted());
          throw failure;
        });
    var closed = assertThrows(ClosedResourceException.class, () -> stream.sendAll(b("x")));
    assertSame(failure, closed.getSuppressed()[0]);
  }

  @Test
  @DisplayName("KIT-M8 KIT-M9 KIT-M10 KIT-M11 getData waits, drains, and is for one at a time")
  void getData() throws Exception {
    MemorySendStream stream = new MemorySendStream();
    assertThrows(WouldBlockException.class, stream::getDataNow);
    assertThrows(IllegalArgumentException.class, () -> stream.getData(0));
    List<String> got = new ArrayList<>();
    InThread getting = InThread.start(() -> got.add(s(stream.getData()))).awaitParked();
    assertThrows(BusyResourceException.class, () -> stream.getData(1));
    stream.sendAll(b("abc"));
    assertNull(getting.outcome());
    assertEquals(List.of("abc"), got);
    stream.sendAll(b("de"));
    stream.close();
    assertEquals("d", s(stream.getData(1)));
    assertEquals("e", s(stream.getDataNow(5)));
    assertEquals(0, stream.getData().length);
    assertEquals(0, stream.getDataNow().length);
    InThread interrupted = InThread.start(() -> new MemorySendStream().getData()).awaitParked();
    interrupted.thread.interrupt();
    assertInstanceOf(InterruptedException.class, interrupted.outcome());
  }

  @Test
  @DisplayName("KIT-M14 KIT-M18 a close wakes a receiver with Closed and drops what was not read")
  void receiveClosed() throws Exception {
    AtomicInteger closes = new AtomicInteger();
    MemoryReceiveStream stream = new MemoryReceiveStream(null, closes::incrementAndGet);
    InThread receiving = InThread.start(stream::receiveSome).awaitParked();
    assertThrows(BusyResourceException.class, () -> stream.receiveSome(1));
    stream.close();
    assertInstanceOf(ClosedResourceException.class, receiving.outcome());
    stream.closeForcefully();
    assertEquals(2, closes.get());
    assertThrows(ClosedResourceException.class, stream::receiveSome);
    assertThrows(ClosedResourceException.class, () -> stream.putData(b("x")));
    MemoryReceiveStream unread = new MemoryReceiveStream();
    unread.putData(b("abc"));
    unread.close();
    assertThrows(ClosedResourceException.class, () -> unread.receiveSome(1));
  }

  @Test
  @DisplayName(
      "KIT-M15 KIT-M16 KIT-M17 KIT-M19 the hook's bytes, all bytes, and the end, which stays")
  void receive() throws Exception {
    MemoryReceiveStream stream = new MemoryReceiveStream();
    stream.setReceiveSomeHook(() -> stream.putData(b("xxx")));
    stream.putData(b("yyy"));
    assertEquals("yyyxxx", s(stream.receiveSome()));
    stream.setReceiveSomeHook(null);
    stream.putData(new byte[100_000]);
    assertEquals(10, stream.receiveSome(10).length);
    assertEquals(99_990, stream.receiveSome().length);
    List<String> got = new ArrayList<>();
    InThread receiving = InThread.start(() -> got.add(s(stream.receiveSome(9)))).awaitParked();
    stream.putData(b("z"));
    assertNull(receiving.outcome());
    assertEquals(List.of("z"), got);
    stream.putEof();
    stream.putEof();
    assertThrows(ClosedResourceException.class, () -> stream.putData(b("x")));
    assertEquals(0, stream.receiveSome().length);
    assertEquals(-1, stream.receiveSome(ByteBuffer.allocate(1)));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveSome(ByteBuffer.allocate(0)));
  }

  @Test
  @DisplayName("KIT-M20 KIT-M21 KIT-M22 what the pump moves, what it returns, and where it breaks")
  void pump() throws Exception {
    MemorySendStream send = new MemorySendStream();
    MemoryReceiveStream receive = new MemoryReceiveStream();
    assertFalse(MemoryStreams.pump(send, receive, 9));
    send.sendAll(b("abc"));
    assertTrue(MemoryStreams.pump(send, receive, 2));
    assertEquals("ab", s(receive.receiveSome()));
    send.close();
    assertTrue(MemoryStreams.pump(send, receive, 2));
    assertTrue(MemoryStreams.pump(send, receive, 2));
    assertTrue(MemoryStreams.pump(send, receive, 2));
    assertEquals("c", s(receive.receiveSome()));
    assertEquals(0, receive.receiveSome().length);
    MemorySendStream other = new MemorySendStream();
    other.sendAll(b("abc"));
    receive.close();
    var broken =
        assertThrows(BrokenResourceException.class, () -> MemoryStreams.pump(other, receive, 1));
    assertNull(broken.getCause());
  }

  @Test
  @DisplayName("KIT-M23 KIT-M24 KIT-M26 a stalled link, its close, and a peer that has gone")
  void stalled() throws Exception {
    var pair = MemoryStreams.oneWayPair();
    var pump = pair.sendStream().sendAllHook();
    pair.sendStream().setSendAllHook(null);
    pair.sendStream().sendAll(b("456"));
    pair.sendStream().setSendAllHook(pump);
    pair.sendStream().sendAll(b("789"));
    assertEquals("456789", s(pair.receiveStream().receiveSome()));
    pair.sendStream().setSendAllHook(null);
    pair.sendStream().sendAll(b("held"));
    pair.sendStream().close();
    assertEquals("held", s(pair.receiveStream().receiveSome()));
    assertEquals(0, pair.receiveStream().receiveSome().length);
    var gone = MemoryStreams.oneWayPair();
    gone.receiveStream().close();
    gone.sendStream().sendAll(new byte[0]);
    assertThrows(BrokenResourceException.class, () -> gone.sendStream().sendAll(b("x")));
    gone.sendStream().close();
  }

  @Test
  @DisplayName("KIT-M27 KIT-M28 the halves of a pair are within reach, and end one by one")
  void pair() throws Exception {
    var pair = MemoryStreams.pair();
    pair.left().sendStream().setSendAllHook(null);
    pair.left().sendAll(b("held"));
    assertEquals("held", s(pair.left().sendStream().getDataNow()));
    pair.left().sendEof();
    assertEquals(0, pair.right().receiveSome().length);
    pair.right().sendAll(b("still"));
    assertEquals("still", s(pair.left().receiveStream().receiveSome()));
  }

  @Test
  @DisplayName(
      "KIT-L1 KIT-L2 a lockstep send ends with its last byte; a wait, when somebody receives")
  void lockstep() throws Exception {
    var pair = MemoryStreams.lockstepOneWayPair();
    SendStream send = pair.sendStream();
    ReceiveStream receive = pair.receiveStream();
    InThread waiting = InThread.start(send::waitSendAllMightNotBlock).awaitParked();
    List<String> got = new ArrayList<>();
    InThread receiving = InThread.start(() -> got.add(s(receive.receiveSome(2)))).awaitParked();
    assertNull(waiting.outcome());
    ByteBuffer data = ByteBuffer.wrap(b("abc"));
    InThread sending = InThread.start(() -> send.sendAll(data)).awaitParked();
    assertNull(receiving.outcome());
    assertEquals(List.of("ab"), got);
    assertEquals("c", s(receive.receiveSome()));
    assertNull(sending.outcome());
    assertFalse(data.hasRemaining());
  }

  @Test
  @DisplayName("KIT-L3 KIT-L4 KIT-L6 a lockstep receiver that closes breaks what is unread")
  void lockstepReceiverCloses() throws Exception {
    var pair = MemoryStreams.lockstepOneWayPair();
    pair.sendStream().sendAll(new byte[0]);
    InThread sending = InThread.start(() -> pair.sendStream().sendAll(b("abc"))).awaitParked();
    pair.receiveStream().receiveSome(1);
    pair.receiveStream().close();
    assertInstanceOf(BrokenResourceException.class, sending.outcome());
    pair.sendStream().waitSendAllMightNotBlock();
  }

  @Test
  @DisplayName(
      "KIT-L5 KIT-L7 a lockstep sender that closes ends its send; the rest arrives, a copy")
  void lockstepSenderCloses() throws Exception {
    var pair = MemoryStreams.lockstepOneWayPair();
    byte[] bytes = b("abc");
    InThread sending = InThread.start(() -> pair.sendStream().sendAll(bytes)).awaitParked();
    assertThrows(BusyResourceException.class, () -> pair.sendStream().sendAll(b("x")));
    pair.sendStream().close();
    assertInstanceOf(ClosedResourceException.class, sending.outcome());
    bytes[0] = '!';
    assertArrayEquals(b("abc"), pair.receiveStream().receiveSome());
    assertEquals(0, pair.receiveStream().receiveSome().length);
  }

  @Test
  @DisplayName("KIT-L9 an interrupted lockstep send takes back what is unread")
  void lockstepInterrupted() throws Exception {
    var pair = MemoryStreams.lockstepOneWayPair();
    InThread sending = InThread.start(() -> pair.sendStream().sendAll(b("abc"))).awaitParked();
    assertEquals("a", s(pair.receiveStream().receiveSome(1)));
    sending.awaitParked();
    sending.thread.interrupt();
    assertInstanceOf(InterruptedException.class, sending.outcome());
    InThread next = InThread.start(() -> pair.sendStream().sendAll(b("xyz"))).awaitParked();
    assertEquals("xyz", s(pair.receiveStream().receiveSome()));
    assertNull(next.outcome());
  }
}
