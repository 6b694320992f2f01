package dev.tercet.proto.dtls;

/**
 * Which record numbers were seen (RFC 6347 section 4.1.2.6): the highest, and the 63 below it. What
 * is older counts as seen.
 *
 * <p>Two steps, and the order matters: {@link #isFresh} before a record is opened, because it is
 * cheap; {@link #accept} after it was opened, because a forged number must not move the window.
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class ReplayWindow {
  private static final int BITS = Long.SIZE;

  private long highest = -1;

  /** Bit n is the number that is n below the highest. */
  private long seen;

  /** Makes a window that has seen nothing. */
  public ReplayWindow() {}

  /**
   * Whether a number is new.
   *
   * @param number of a record, 0 to 2^48 - 1
   * @return false when it was accepted before, or is too old to tell
   */
  public boolean isFresh(long number) {
    if (number > highest) {
      return true;
    }
    long below = highest - number;
    return below < BITS && ((seen >>> below) & 1) == 0;
  }

  /**
   * Notes a number.
   *
   * @param number of a record that was opened, and was fresh
   */
  public void accept(long number) {
    if (number > highest) {
      long ahead = number - highest;
      seen = ahead < BITS ? (seen << ahead) | 1 : 1;
      highest = number;
    } else {
      seen |= 1L << (highest - number);
    }
  }
}
