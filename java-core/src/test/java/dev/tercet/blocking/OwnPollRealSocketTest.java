package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.blocking.RealSockets.Pair;
import dev.tercet.internal.wait.WaitPlace;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A platform thread that waits often sleeps in the kernel, and all promises are as before. */
@Timeout(60)
class OwnPollRealSocketTest {
  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  /** A pair whose left side has waited so often that it sleeps by itself. */
  private static Pair seasoned() throws Exception {
    Pair pair = RealSockets.tcp();
    for (int i = 0; i < 20; i++) {
      receiveOne(pair);
    }
    assertTrue(place(pair.left()).hasOwnPoll());
    return pair;
  }

  private static WaitPlace place(SocketStream stream) {
    return stream.socket().inner().readable();
  }

  private static long events(SocketStream stream) {
    return Objects.requireNonNull(stream.socket().inner().loop()).counters().events();
  }

  private static ByteBuffer one() {
    return ByteBuffer.allocate(1);
  }

  @Test
  @DisplayName("IO-C6 a connection that waits a few times only has no selector of its own")
  void fewWaits() throws Exception {
    try (Pair pair = RealSockets.tcp()) {
      for (int i = 0; i < 10; i++) {
        receiveOne(pair);
      }
      assertFalse(place(pair.left()).hasOwnPoll());
    }
  }

  @Test
  @DisplayName("IO-C6 the event loop hears nothing of a thread that sleeps by itself")
  void loopIsLeftAlone() throws Exception {
    try (Pair pair = seasoned()) {
      long before = events(pair.left());
      for (int i = 0; i < 20; i++) {
        receiveOne(pair);
      }
      // Interest that the waits before have left on goes with the first event, and that comes when
      // the loop's thread gets to look before the byte is taken.
      long heard = events(pair.left()) - before;
      assertTrue(heard <= 1, heard + " events");
    }
  }

  private static void receiveOne(Pair pair) throws Exception {
    Other receiving = beside(() -> assertEquals(1, pair.left().receiveSome(one())));
    pair.right().sendAll(one());
    assertNull(receiving.end());
  }

  @Test
  @DisplayName("IO-C6 IO-C8 an interrupt and a deadline end its sleep, and lose no byte")
  void cancelled() throws Exception {
    try (Pair pair = seasoned()) {
      Other interrupted = beside(() -> pair.left().receiveSome());
      interrupted.interrupt();
      assertInstanceOf(InterruptedException.class, interrupted.end());
      Other late =
          beside(
              () ->
                  CancelScope.failAfter(Duration.ofMillis(5)).run(() -> pair.left().receiveSome()));
      assertInstanceOf(TooSlowException.class, late.end());
      CancelScope scope = CancelScope.open();
      Other cancelled = beside(() -> scope.run(() -> pair.left().receiveSome()));
      scope.cancel();
      assertNull(cancelled.end());
      pair.right().sendAll(one());
      assertEquals(1, pair.left().receiveSome().length);
    }
  }

  @Test
  @DisplayName("IO-A4 IO-E1 a close wakes it with Closed, and gives all descriptors back")
  void closed() throws Exception {
    Pair pair = seasoned();
    Other receiving = beside(() -> pair.left().receiveSome());
    pair.left().close();
    assertTrue(pair.left().socket().inner().released().isOpen());
    assertInstanceOf(ClosedResourceException.class, receiving.end());
    assertThrows(ClosedResourceException.class, () -> pair.left().receiveSome());
    pair.right().close();
  }

  @Test
  @DisplayName("IO-E3 a second receiver is told Busy, the sleeper goes on")
  void busy() throws Exception {
    try (Pair pair = seasoned()) {
      Other receiving = beside(() -> assertEquals(1, pair.left().receiveSome(one())));
      assertThrows(BusyResourceException.class, () -> pair.left().receiveSome());
      pair.right().sendAll(one());
      assertNull(receiving.end());
    }
  }

  @Test
  @DisplayName("IO-C6 others may wait there by the event loop in between")
  void inTurn() throws Exception {
    try (Pair pair = seasoned()) {
      for (int i = 0; i < 20; i++) {
        AtomicInteger woken = new AtomicInteger();
        place(pair.left()).install(woken::incrementAndGet);
        pair.right().sendAll(one());
        RealSockets.eventually("it is not woken", () -> woken.get() == 1);
        assertEquals(1, pair.left().receiveSome(one()));
        receiveOne(pair);
      }
    }
  }
}
