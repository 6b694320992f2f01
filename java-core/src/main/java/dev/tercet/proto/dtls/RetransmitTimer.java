package dev.tercet.proto.dtls;

/**
 * When a flight goes out again (RFC 6347 section 4.2.4.1).
 *
 * <p>After the timeout, then after twice that, and so on, up to a minute (spec DTLS-E2). The timer
 * is the flight's: no packet that comes in starts it anew, or an attacker with one junk packet a
 * second would keep the flight from ever going out (spec DTLS-E4). The next flight begins with the
 * first timeout only if the last one was answered at its first try; a network that loses packets
 * keeps its longer one (spec DTLS-E3).
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class RetransmitTimer {
  /** RFC 6347 section 4.2.4.1 says 60 s at least. */
  public static final long MAX_TIMEOUT_NANOS = 60_000_000_000L;

  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  private final long initialNanos;
  private long timeoutNanos;
  private long deadlineNanos;
  private boolean isRunning;
  private int transmissions;

  /**
   * Begins stopped.
   *
   * @param initialNanos the first timeout, positive
   */
  public RetransmitTimer(long initialNanos) {
    this.initialNanos = initialNanos;
    this.timeoutNanos = initialNanos;
  }

  /** Notes that a new flight has gone out. */
  public void flightSent(long nowNanos) {
    if (transmissions <= 1) {
      timeoutNanos = initialNanos;
    }
    transmissions = 1;
    start(nowNanos);
  }

  /** Notes that the flight has gone out again. */
  public void flightRepeated(long nowNanos) {
    timeoutNanos = Math.min(timeoutNanos * 2, MAX_TIMEOUT_NANOS);
    transmissions++;
    start(nowNanos);
  }

  /** Notes that there is nothing to repeat any more. */
  public void stop() {
    isRunning = false;
  }

  /**
   * Whether the flight has to go out again.
   *
   * @return true from the deadline on
   */
  public boolean isDue(long nowNanos) {
    return isRunning && nowNanos - deadlineNanos >= 0;
  }

  /**
   * How often the flight has gone out.
   *
   * @return 0 before the first flight
   */
  public int transmissions() {
    return transmissions;
  }

  /**
   * When it is due.
   *
   * @return {@link #NEVER} when stopped
   */
  public long deadlineNanos() {
    return isRunning ? deadlineNanos : NEVER;
  }

  private void start(long nowNanos) {
    isRunning = true;
    deadlineNanos = nowNanos + timeoutNanos;
  }
}
