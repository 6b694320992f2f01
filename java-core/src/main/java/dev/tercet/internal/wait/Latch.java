package dev.tercet.internal.wait;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens once and stays so. Any number may wait for it.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Latch implements WaitPlace {
  /** Guarded by this; null while nobody waits, since most latches are of sockets that stay open. */
  private @Nullable List<Waiter> waiters;

  private volatile boolean open;

  /** Makes a latch that is not open. */
  public Latch() {}

  /** Lets everybody through, now and later. */
  public void open() {
    List<Waiter> due;
    synchronized (this) {
      open = true;
      due = waiters == null ? List.of() : waiters;
      waiters = null;
    }
    due.forEach(Waking::wake);
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
        if (waiters == null) {
          waiters = new ArrayList<>(1);
        }
        waiters.add(waiter);
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    synchronized (this) {
      return waiters != null && waiters.remove(waiter);
    }
  }
}
