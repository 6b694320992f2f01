package dev.tercet.loop;

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
    long turns, long tasks, long events, long wakeUps, int channels, int waiters, int queued) {}
