package dev.tercet.proto.dtls;

/**
 * How often a flight goes out again because the peer seems to have lost it: the last one (spec
 * DTLS-H3), or the first of a server whose client repeats its hello (spec DTLS-C14).
 *
 * <p>The peer shows that by repeating its own last flight, in clear text, so anybody can show it.
 * One answer per interval bounds what a spoofer gets out of us, and answers a flight that came in
 * thirty datagrams once instead of thirty times. The interval is half of the first retransmission
 * timeout: a peer with the same settings never repeats faster.
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class RepeatLimit {
  private final long intervalNanos;
  private boolean hasRepeated;
  private long lastNanos;

  /**
   * Makes a limit that allows a repetition at once.
   *
   * @param intervalNanos between two
   */
  public RepeatLimit(long intervalNanos) {
    this.intervalNanos = intervalNanos;
  }

  /**
   * Asks for a repetition.
   *
   * @return whether it is granted; if so it counts
   */
  public boolean tryRepeat(long nowNanos) {
    if (hasRepeated && nowNanos - lastNanos < intervalNanos) {
      return false;
    }
    sent(nowNanos);
    return true;
  }

  /** Notes that it went out for another reason. */
  public void sent(long nowNanos) {
    hasRepeated = true;
    lastNanos = nowNanos;
  }
}
