package dev.tercet.internal.task;

import java.util.ArrayList;
import java.util.List;

/**
 * What one task at a time may do and others may wait for: to send on the transport below, for
 * instance. Unlike {@link Exclusive} it is not an error to come second.
 *
 * <p>To be woken means "try again", as always: nobody is handed the turn, so that a waiter that is
 * cancelled in that moment cannot lose it. The price is that there is no order among those who
 * wait; they are few.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Turnstile implements WaitPlace {
  /** Guarded by this. */
  private final List<Waiter> waiters = new ArrayList<>(1);

  /** Guarded by this. */
  private boolean taken;

  /** Makes a free one. */
  public Turnstile() {}

  /**
   * Enters if nobody is inside.
   *
   * @return whether it did; if not, wait in this place and try again
   */
  public synchronized boolean tryEnter() {
    if (taken) {
      return false;
    }
    taken = true;
    return true;
  }

  /** Leaves, and wakes all who wait. Only for who has entered. */
  public void exit() {
    List<Waiter> due;
    synchronized (this) {
      taken = false;
      due = List.copyOf(waiters);
      waiters.clear();
    }
    for (Waiter waiter : due) {
      waiter.wake();
    }
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (this) {
      if (taken) {
        waiters.add(waiter);
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    synchronized (this) {
      return waiters.remove(waiter);
    }
  }
}
