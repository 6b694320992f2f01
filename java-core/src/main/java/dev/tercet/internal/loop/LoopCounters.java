package dev.tercet.internal.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a loop has done, and how long it has been at it.
 *
 * <p><i>Thread-safety:</i> written by the loop's thread only, read by anybody. One writer: no
 * atomic instruction is needed, and no fence.
 */
public final class LoopCounters {
  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong tasks = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong wakeUps = new AtomicLong();
  private volatile long busySinceNanos;
  private volatile boolean busy;

  LoopCounters() {}

  /**
   * Turns taken.
   *
   * @return 0 or more
   */
  public long turns() {
    return turns.get();
  }

  /**
   * Tasks and timers run.
   *
   * @return 0 or more
   */
  public long tasks() {
    return tasks.get();
  }

  /**
   * Readiness events handled.
   *
   * @return 0 or more
   */
  public long events() {
    return events.get();
  }

  /**
   * Selections that another thread's wake-up ended.
   *
   * @return 0 or more
   */
  public long wakeUps() {
    return wakeUps.get();
  }

  /** How long the present turn has been running, 0 while the loop sleeps. */
  long busyNanos(long nowNanos) {
    long since = busySinceNanos;
    return busy ? nowNanos - since : 0;
  }

  void turned() {
    count(turns, 1);
  }

  void ran(int more) {
    count(tasks, more);
  }

  void handled(int more) {
    count(events, more);
  }

  void wokenUp() {
    count(wakeUps, 1);
  }

  /** The loop is awake from now on. Only the watchdog wants to know; the clock is not free. */
  void busy() {
    if (LoopWatchdog.isOn()) {
      busySinceNanos = System.nanoTime();
      busy = true;
    }
  }

  /** The loop is about to sleep, or has ended. */
  void idle() {
    busy = false;
  }

  private static void count(AtomicLong counter, long more) {
    counter.lazySet(counter.getPlain() + more);
  }
}
