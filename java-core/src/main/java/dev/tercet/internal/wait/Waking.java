package dev.tercet.internal.wait;

import dev.tercet.internal.log.Log;

/** Wakes waiters for whoever has more to do than that: the next waiter, or the turn of a loop. */
public final class Waking {
  private static final Log LOG = Log.of("dev.tercet.loop");

  private Waking() {}

  /**
   * Wakes a waiter. What that throws is logged: a dispatcher that fails is the matter of its own
   * coroutine, and keeps no other waiter asleep.
   *
   * @param waiter that was taken out of its place
   */
  public static void wake(Waiter waiter) {
    try {
      waiter.wake();
    } catch (Throwable e) {
      LOG.error(e, "a waiter could not be woken");
    }
  }
}
