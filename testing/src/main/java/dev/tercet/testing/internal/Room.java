package dev.tercet.testing.internal;

import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock around a pure machine, and the waiting list beside it.
 *
 * <p>Each waiter brings the condition that it waits for. After every step under the lock all
 * conditions are looked at, and all waiters whose condition holds are woken, oldest first and
 * outside the lock: a coroutine on an unconfined dispatcher may run inside {@code wake}. To be
 * woken means "try again", so it does not matter that two may be woken for one chance.
 *
 * <p>Lock order: the room of a sending half before the room of a receiving half. A room is its own
 * monitor.
 */
public final class Room {
  /** Guarded by this. */
  private final List<Guest> guests = new ArrayList<>(2);

  /** Makes a room with nobody in it. */
  public Room() {}

  /** What is done under the lock. Never user code. */
  @FunctionalInterface
  public interface Step<T extends @Nullable Object> {
    /**
     * Does it.
     *
     * @throws IOException when the machine says so
     */
    T run() throws IOException;
  }

  /**
   * Runs a step under the lock, then wakes whoever has been waiting for what it did.
   *
   * @param step no user code
   * @throws IOException when the step does
   */
  public <T extends @Nullable Object> T step(Step<T> step) throws IOException {
    List<Waiter> due = new ArrayList<>(1);
    try {
      synchronized (this) {
        try {
          return step.run();
        } finally {
          takeDue(due);
        }
      }
    } finally {
      wake(due);
    }
  }

  /**
   * As {@link #step}, for a step that cannot fail.
   *
   * @param change no user code
   */
  public void change(Runnable change) {
    List<Waiter> due = new ArrayList<>(1);
    synchronized (this) {
      change.run();
      takeDue(due);
    }
    wake(due);
  }

  /**
   * As {@link #change}, for a step that has a result.
   *
   * @param step no user code
   */
  public <T> T decide(Supplier<T> step) {
    List<Waiter> due = new ArrayList<>(1);
    T result;
    synchronized (this) {
      result = step.get();
      takeDue(due);
    }
    wake(due);
    return result;
  }

  /**
   * As {@link #change}, under the locks of two rooms.
   *
   * @param sending the room of a sending half
   * @param receiving the room of a receiving half
   * @param step no user code
   */
  static <T> T changeBoth(Room sending, Room receiving, Supplier<T> step) {
    List<Waiter> due = new ArrayList<>(2);
    T result;
    synchronized (sending) {
      synchronized (receiving) {
        result = step.get();
        sending.takeDue(due);
        receiving.takeDue(due);
      }
    }
    wake(due);
    return result;
  }

  /**
   * Where to wait for a condition.
   *
   * @param condition looked at under the lock only; no user code
   * @return the place; whoever is installed is woken as soon as the condition holds
   */
  public WaitPlace until(BooleanSupplier condition) {
    return new Place(condition);
  }

  /** The lock must be held. */
  private void takeDue(List<Waiter> due) {
    for (Iterator<Guest> it = guests.iterator(); it.hasNext(); ) {
      Guest guest = it.next();
      if (guest.condition.getAsBoolean()) {
        due.add(guest.waiter);
        it.remove();
      }
    }
  }

  private static void wake(List<Waiter> due) {
    for (Waiter waiter : due) {
      waiter.wake();
    }
  }

  private record Guest(Waiter waiter, BooleanSupplier condition) {}

  private final class Place implements WaitPlace {
    private final BooleanSupplier condition;

    Place(BooleanSupplier condition) {
      this.condition = condition;
    }

    @Override
    public void install(Waiter waiter) {
      synchronized (Room.this) {
        if (!condition.getAsBoolean()) {
          guests.add(new Guest(waiter, condition));
          return;
        }
      }
      waiter.wake();
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      synchronized (Room.this) {
        return guests.removeIf(guest -> guest.waiter == waiter);
      }
    }
  }
}
