package dev.tercet.internal.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BellTest {
  private final Bell bell = new Bell();
  private final AtomicInteger woken = new AtomicInteger();
  private final Waiter waiter = woken::incrementAndGet;

  @Test
  @DisplayName("any of the places wakes the waiter, once; it stays rung until it is reset")
  void anyPlace() {
    Latch first = new Latch();
    Latch second = new Latch();
    bell.hang(first);
    bell.hang(second);
    bell.install(waiter);
    assertEquals(0, woken.get());
    second.open();
    first.open();
    assertEquals(1, woken.get());
    bell.install(waiter);
    assertEquals(2, woken.get());
    bell.reset();
    bell.install(waiter);
    assertEquals(2, woken.get());
    assertTrue(bell.uninstall(waiter));
    assertFalse(bell.uninstall(waiter));
  }

  @Test
  @DisplayName("what happened before anybody waits is not missed, nor what had happened before")
  void before() {
    Latch open = new Latch();
    open.open();
    bell.hang(open);
    bell.install(waiter);
    assertEquals(1, woken.get());
  }

  @Test
  @DisplayName("a rope that was cut rings nothing; one waiter at a time")
  void cut() {
    Latch place = new Latch();
    Bell.Rope rope = bell.hang(place);
    bell.install(waiter);
    assertThrows(IllegalStateException.class, () -> bell.install(woken::decrementAndGet));
    rope.cut();
    place.open();
    assertEquals(0, woken.get());
    assertTrue(bell.uninstall(waiter));
    assertFalse(bell.uninstall(waiter));
  }

  @Test
  @Timeout(60)
  @DisplayName("reset, look, wait: no ring is missed, from two threads, 20,000 times")
  void nothingIsMissed() throws Exception {
    long seed = Stress.seed(BellTest.class);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      Bell bell = new Bell();
      Latch one = new Latch();
      bell.hang(one);
      Thread opener = i % 10 == 0 ? new Thread(one::open) : null;
      if (opener == null) {
        one.open();
      } else {
        opener.start();
      }
      int spin = random.nextInt(100);
      for (int n = 0; n < spin; n++) {
        Thread.onSpinWait();
      }
      while (true) {
        bell.reset();
        if (one.isOpen()) {
          break;
        }
        Parking.await(bell);
      }
      if (opener != null) {
        opener.join();
      }
    }
  }
}
