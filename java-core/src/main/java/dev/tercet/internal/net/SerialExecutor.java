package dev.tercet.internal.net;

import java.security.SecureRandom;

/**
 * Where things run that are nobody's call: what a socket's datagrams bring about, and what is due
 * at a time. They run one at a time and must not wait. On a real socket it is the event loop's
 * thread; on a simulated one it is an event of the simulated network.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface SerialExecutor {
  /**
   * The time here.
   *
   * @return in nanoseconds, to be compared by subtraction
   */
  long nanoTime();

  /**
   * Runs something soon, never before this has returned.
   *
   * @return false when nothing runs here any more
   */
  boolean run(Runnable turn);

  /**
   * Runs something at a time, not earlier.
   *
   * @param atNanos in the terms of {@link #nanoTime}; what is past means soon
   * @return to call it off; calling it off when it has run does nothing
   */
  Alarm at(long atNanos, Runnable turn);

  /**
   * Whether nothing happens at the same time as anything else, so that other threads must work in
   * lock step with these turns.
   *
   * @return true on a simulated network
   */
  boolean isLockStep();

  /**
   * Where secrets come from.
   *
   * @return the system's; on a simulated network a function of its seed
   */
  SecureRandom random();

  /** Something that will run. */
  @FunctionalInterface
  interface Alarm {
    /** Calls it off. */
    void cancel();
  }
}
