package dev.tercet.internal.task;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that happens once and stays so. Any number may wait for it.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Latch implements WaitPlace {
  /** Guarded by this. */
  private final List<Waiter> waiters = new ArrayList<>(1);

  private volatile boolean open;

  /** Makes a latch that is not open. */
  public Latch() {}

  /** Lets everybody through, now and later. */
  public void open() {
    List<Waiter> due;
    synchronized (this) {
      open = true;
      due = List.copyOf(waiters);
      waiters.clear();
    }
    for (Waiter waiter : due) {
      waiter.wake();
    }
  }

  /**
   * Whether it has happened.
   *
   * @return true from {@link #open} on
   */
  public boolean isOpen() {
    return open;
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (this) {
      if (!open) {
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
