package dev.tercet.testing;

import java.time.Duration;

/** Durations on a clock that jumps: a test may wait for centuries. */
final class VirtualNanos {
  /** 73 years, as the event loop's: instants more than 292 years apart would not compare. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE >> 2);

  private VirtualNanos() {}

  /** A duration in nanoseconds; what is longer than 73 years is 73 years. */
  static long of(Duration time) {
    return (time.compareTo(LONGEST) < 0 ? time : LONGEST).toNanos();
  }
}
