package dev.tercet.testing.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.StapledStream;
import dev.tercet.testing.streams.MemorySendStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The battery on the streams of this module. */
class StreamConformanceTest {
  @Test
  @DisplayName("KIT-M25 the one-way memory pair keeps the contract")
  void oneWayMemory() throws Exception {
    StreamConformance.checkOneWayStream(MemoryStreams::oneWayPair, null);
  }

  @Test
  @DisplayName("KIT-M27 the memory pair keeps the contract, half-closes too")
  void memory() throws Exception {
    StreamConformance.checkHalfCloseableStream(MemoryStreams::pair, null);
  }

  @Test
  @DisplayName("KIT-L8 the one-way lockstep pair keeps the contract, clogged by nature")
  void oneWayLockstep() throws Exception {
    StreamConformance.checkOneWayStream(
        MemoryStreams::lockstepOneWayPair, MemoryStreams::lockstepOneWayPair);
  }

  @Test
  @DisplayName("KIT-L8 the lockstep pair keeps the contract, clogged by nature")
  void lockstep() throws Exception {
    StreamConformance.checkTwoWayStream(MemoryStreams::lockstepPair, MemoryStreams::lockstepPair);
  }

  @Test
  @DisplayName("IO-H8 the lockstep pair can be half-closed; its sendEof is a close, never Busy")
  void halfCloseableLockstep() throws Exception {
    StreamConformance.checkHalfCloseableStream(MemoryStreams::lockstepPair, null);
  }

  @Test
  @DisplayName("IO-H7 stapling stapled streams crosswise changes nothing")
  void stapled() throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> stapledAgain(MemoryStreams.pair()), () -> stapledAgain(MemoryStreams.lockstepPair()));
  }

  @Test
  @DisplayName(
      "KIT-C54 the battery runs in a task of a nursery, on a virtual thread where there are")
  void inTask() throws Exception {
    Nursery.run(
        nursery ->
            nursery.startSoon(
                () ->
                    StreamConformance.checkTwoWayStream(
                        MemoryStreams::lockstepPair, MemoryStreams::lockstepPair)));
  }

  @Test
  @DisplayName("an interrupt of the caller ends the battery, and the streams are closed")
  void interrupted() throws Exception {
    CountDownLatch made = new CountDownLatch(1);
    MemorySendStream[] sender = new MemorySendStream[1];
    Thread[] thread = new Thread[1];
    assertThrows(
        InterruptedException.class,
        () ->
            StreamConformance.checkOneWayStream(
                () -> {
                  var pair = MemoryStreams.oneWayPair();
                  sender[0] = pair.sendStream();
                  thread[0] = Thread.currentThread();
                  // The first check waits in here for ever, if nobody helps.
                  pair.sendStream().setSendAllHook(() -> new CountDownLatch(1).await());
                  pair.receiveStream().setReceiveSomeHook(() -> thread[0].interrupt());
                  made.countDown();
                  return pair;
                },
                null));
    assertEquals(0, made.getCount());
    assertThrows(
        ClosedResourceException.class,
        () -> sender[0].sendAll(ByteBuffer.allocate(0)),
        "the stream is open");
  }

  @Test
  @DisplayName("a maker that fails ends the battery with its own failure")
  void failingMaker() {
    IOException failure = new IOException("no such thing");
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                StreamConformance.checkOneWayStream(
                    () -> {
                      throw failure;
                    },
                    null));
    assertEquals(failure, thrown);
  }

  private static Pair<StapledStream<?, ?>> stapledAgain(Pair<? extends HalfCloseableStream> pair) {
    return new Pair<>(
        StapledStream.of(pair.left(), pair.left()), StapledStream.of(pair.right(), pair.right()));
  }
}
