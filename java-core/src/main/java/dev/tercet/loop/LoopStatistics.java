package dev.tercet.loop;

import dev.tercet.internal.text.Counts;

/**
 * The counters of an event loop, summed over its threads. A snapshot, taken without stopping the
 * loop.
 *
 * @param turns turns taken: each runs tasks, selects once, and handles what is ready
 * @param tasks tasks and timers run
 * @param events readiness events handled
 * @param wakeUps times another thread had to wake a sleeping loop; each costs microseconds
 * @param channels channels registered now
 * @param waiters tasks that are waiting for a channel now
 * @param queued tasks that other threads have posted and that have not been run
 */
public record LoopStatistics(
    long turns, long tasks, long events, long wakeUps, int channels, int waiters, int queued) {
  /**
   * For example {@code 1200 turns, 3400 tasks, 560 events, 7 wake-ups; now 12 channels, 9 waiters,
   * 0 queued tasks}.
   */
  @Override
  public String toString() {
    return Counts.of(turns, "turn", "turns")
        + ", "
        + Counts.of(tasks, "task", "tasks")
        + ", "
        + Counts.of(events, "event", "events")
        + ", "
        + Counts.of(wakeUps, "wake-up", "wake-ups")
        + "; now "
        + Counts.of(channels, "channel", "channels")
        + ", "
        + Counts.of(waiters, "waiter", "waiters")
        + ", "
        + Counts.of(queued, "queued task", "queued tasks");
  }
}
