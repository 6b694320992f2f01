package dev.tercet.testing.simulation;

/**
 * A clock that jumps, and what is to happen at its instants: all that a {@link SimulatedNetwork}
 * knows of the test around it. In Java a {@link Simulation} is one, in Kotlin the scheduler of
 * {@code runIoTest}.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface VirtualTime {
  /**
   * The time.
   *
   * @return nanoseconds since the test began
   */
  long nanoTime();

  /**
   * Lets something happen later. Never runs it before it has returned. Of two things for the same
   * instant the one that was scheduled first happens first.
   *
   * @param atNanos when, in the terms of {@link #nanoTime}; what is past means now
   * @param event what happens; it must not wait
   */
  void schedule(long atNanos, Runnable event);
}
