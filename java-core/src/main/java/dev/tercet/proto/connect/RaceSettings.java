package dev.tercet.proto.connect;

/**
 * The numbers of a race.
 *
 * @param attemptDelayNanos how long an attempt has before the next one starts beside it, 0 or more;
 *     {@link ConnectRace#NEVER} for one attempt at a time (spec IO-HE6)
 * @param resolutionDelayNanos how long IPv4 addresses wait for the IPv6 answer, 0 or more (spec
 *     IO-HV1)
 * @param firstFamilyCount how many addresses of the better family are tried before the first of the
 *     other one, 1 or more (spec IO-HV5)
 */
public record RaceSettings(
    long attemptDelayNanos, long resolutionDelayNanos, int firstFamilyCount) {
  /** 250 ms, as RFC 8305 recommends and as Trio does. */
  public static final long DEFAULT_ATTEMPT_DELAY_NANOS = 250_000_000;

  /** 50 ms, as RFC 8305 recommends. */
  public static final long DEFAULT_RESOLUTION_DELAY_NANOS = 50_000_000;

  /** The defaults of every connect. */
  public static final RaceSettings DEFAULT =
      new RaceSettings(DEFAULT_ATTEMPT_DELAY_NANOS, DEFAULT_RESOLUTION_DELAY_NANOS, 1);

  /** With another time between attempts. */
  public RaceSettings withAttemptDelayNanos(long nanos) {
    return new RaceSettings(nanos, resolutionDelayNanos, firstFamilyCount);
  }

  /** With another time for the IPv6 answer. */
  public RaceSettings withResolutionDelayNanos(long nanos) {
    return new RaceSettings(attemptDelayNanos, nanos, firstFamilyCount);
  }

  /** With another count of addresses of the better family. */
  public RaceSettings withFirstFamilyCount(int count) {
    return new RaceSettings(attemptDelayNanos, resolutionDelayNanos, count);
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public RaceSettings {
    if (attemptDelayNanos < 0 || resolutionDelayNanos < 0) {
      throw new IllegalArgumentException(
          "delays must not be negative, but are "
              + attemptDelayNanos
              + " ns and "
              + resolutionDelayNanos
              + " ns");
    }
    if (firstFamilyCount < 1) {
      throw new IllegalArgumentException(
          "firstAddressFamilyCount must be at least 1, not " + firstFamilyCount);
    }
  }
}
