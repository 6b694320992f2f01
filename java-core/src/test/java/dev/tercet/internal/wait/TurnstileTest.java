package dev.tercet.internal.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TurnstileTest {
  private final Turnstile turnstile = new Turnstile();
  private final AtomicInteger woken = new AtomicInteger();
  private final Waiter waiter = woken::incrementAndGet;

  @Test
  @DisplayName("one is inside, the others wait and are woken when it leaves")
  void turns() {
    assertTrue(turnstile.tryEnter());
    assertFalse(turnstile.tryEnter());
    turnstile.install(waiter);
    assertEquals(0, woken.get());
    turnstile.exit();
    assertEquals(1, woken.get());
    turnstile.install(waiter);
    assertEquals(2, woken.get());
    assertFalse(turnstile.uninstall(waiter));
  }

  @Test
  @DisplayName("an exit is not missed by who begins to wait when the turn has been taken again")
  void exits() {
    assertTrue(turnstile.tryEnter());
    long before = turnstile.exits();
    turnstile.exit();
    assertTrue(turnstile.tryEnter());
    turnstile.exitAfter(before).install(waiter);
    assertEquals(1, woken.get());
    WaitPlace next = turnstile.exitAfter(turnstile.exits());
    next.install(waiter);
    assertEquals(1, woken.get());
    assertTrue(next.uninstall(waiter));
    next.install(waiter);
    turnstile.exit();
    assertEquals(2, woken.get());
    turnstile.exitAfter(turnstile.exits()).install(waiter);
    assertEquals(3, woken.get(), "nobody is inside");
  }
}
