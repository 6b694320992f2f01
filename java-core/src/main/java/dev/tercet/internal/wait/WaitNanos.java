package dev.tercet.internal.wait;

import java.time.Duration;

/**
 * How long a wait may be: 73 years. Instants more than 292 years apart do not compare, since their
 * difference wraps around.
 */
public final class WaitNanos {
  /** In nanoseconds; longer is as good as for ever. */
  public static final long LONGEST = Long.MAX_VALUE >> 2;

  private WaitNanos() {}

  /**
   * A duration in nanoseconds.
   *
   * @param time 0 or more
   * @return at most {@link #LONGEST}
   */
  public static long of(Duration time) {
    return time.compareTo(Duration.ofNanos(LONGEST)) < 0 ? time.toNanos() : LONGEST;
  }
}
