package dev.tercet.internal.wait;

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
 * <p>Who waits for what the task inside is doing, and not for the turn, waits for an {@linkplain
 * #exitAfter exit}: the turn may have been taken again before it has begun to wait, by a task that
 * will not leave before it.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Turnstile implements WaitPlace {
  /** Guarded by this. */
  private final List<Waiter> waiters = new ArrayList<>(1);

  /** Guarded by this. */
  private boolean taken;

  /** Guarded by this. */
  private long exits;

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
    wakeAll(false);
  }

  /**
   * Wakes all who wait, as an exit does, and stays inside: who waits for what the task inside has
   * done looks again, and those who wait for the turn wait on. Only for who has entered.
   */
  public void pulse() {
    wakeAll(true);
  }

  private void wakeAll(boolean stays) {
    List<Waiter> due;
    synchronized (this) {
      taken = stays;
      exits++;
      if (waiters.isEmpty()) {
        return;
      }
      due = List.copyOf(waiters);
      waiters.clear();
    }
    due.forEach(Waking::wake);
  }

  /**
   * How often somebody has left.
   *
   * @return a counter, to be read before the look that decides to wait
   */
  public synchronized long exits() {
    return exits;
  }

  /**
   * A place to wait in for somebody to leave.
   *
   * @param exits from {@link #exits}
   * @return where a waiter is woken at once when somebody has left since, or nobody is inside
   */
  public WaitPlace exitAfter(long exits) {
    return new WaitPlace() {
      @Override
      public void install(Waiter waiter) {
        Turnstile.this.install(waiter, exits);
      }

      @Override
      public boolean uninstall(Waiter waiter) {
        return Turnstile.this.uninstall(waiter);
      }
    };
  }

  @Override
  public void install(Waiter waiter) {
    install(waiter, exits());
  }

  private void install(Waiter waiter, long seenExits) {
    synchronized (this) {
      if (taken && exits == seenExits) {
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
