package dev.tercet.internal.wait;

import org.jspecify.annotations.Nullable;

/**
 * One place to wait in for several: whoever is woken looks at all of them. A thread or a coroutine
 * that has several sockets under way waits here, without a helper for each.
 *
 * <p>From each place that could have news a {@link Rope} is hung to the bell. A rope is pulled at
 * most once, when its place would have woken a waiter. The bell stays rung until {@link #reset}:
 * reset first, then look at everything, then wait; so what happens while one looks is not missed.
 *
 * <p><i>Thread-safety:</i> one waiter; ropes are pulled from any thread.
 */
public final class Bell implements WaitPlace {
  /** Guarded by this. */
  private boolean rung;

  /** Guarded by this. */
  private @Nullable Waiter waiter;

  /** Makes a bell that is not rung. */
  public Bell() {}

  /** Forgets that it was rung. To be called before one looks. */
  public synchronized void reset() {
    rung = false;
  }

  /**
   * Lets a place ring this bell, once.
   *
   * @param place where a waiter is put in; it may ring at once
   * @return the rope; cut it when the place is of no interest any more
   */
  public Rope hang(WaitPlace place) {
    Rope rope = new Rope(place);
    place.install(rope);
    return rope;
  }

  private @Nullable Waiter ring() {
    synchronized (this) {
      rung = true;
      Waiter due = waiter;
      waiter = null;
      return due;
    }
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (this) {
      if (this.waiter != null) {
        throw new IllegalStateException("somebody waits for this bell already");
      }
      if (!rung) {
        this.waiter = waiter;
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    synchronized (this) {
      if (this.waiter != waiter) {
        return false;
      }
      this.waiter = null;
      return true;
    }
  }

  /** Between a place and the bell. */
  public final class Rope implements Waiter {
    private final WaitPlace place;

    private Rope(WaitPlace place) {
      this.place = place;
    }

    @Override
    public void wake() {
      Waiter due = ring();
      if (due != null) {
        due.wake();
      }
    }

    @Override
    public void wakeFromLoop() {
      Waiter due = ring();
      if (due != null) {
        due.wakeFromLoop();
      }
    }

    /** Takes it out of its place, if it still is there. It may be pulled just now all the same. */
    public void cut() {
      place.uninstall(this);
    }
  }
}
