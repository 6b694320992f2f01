package dev.tercet.tls;

import dev.tercet.internal.text.Counts;

/**
 * The counters of a DTLS channel, or the sums of many (spec DTLS-G6, DTLS-L7): a snapshot.
 *
 * @param incomingPacketsDropped messages that were dropped because they were not received in time
 * @param malformed datagrams or records that could not be parsed
 * @param refused parts of a handshake that broke a limit or contradicted others
 * @param clearAlerts unencrypted alerts, which anybody can forge and which have no effect
 * @param replayed records that had arrived before
 * @param forged records that did not decrypt: damaged, or not the peer's
 * @param retransmits flights of a handshake that were retransmitted because no answer came
 * @param finalFlightResends last flights of a handshake that were retransmitted because the peer
 *     had lost them
 * @param mtuFallbacks how often the datagrams of a handshake became shorter, because longer ones
 *     did not arrive
 */
public record DtlsChannelStatistics(
    long incomingPacketsDropped,
    long malformed,
    long refused,
    long clearAlerts,
    long replayed,
    long forged,
    long retransmits,
    long finalFlightResends,
    long mtuFallbacks) {
  /** The counters of a new channel. */
  public static final DtlsChannelStatistics NONE =
      new DtlsChannelStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * Adds the counters of another channel.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption, Cancellation:</i> not affected by either; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread; nothing is changed.
   *
   * @param other the addend
   * @return the sums
   */
  public DtlsChannelStatistics plus(DtlsChannelStatistics other) {
    return new DtlsChannelStatistics(
        incomingPacketsDropped + other.incomingPacketsDropped,
        malformed + other.malformed,
        refused + other.refused,
        clearAlerts + other.clearAlerts,
        replayed + other.replayed,
        forged + other.forged,
        retransmits + other.retransmits,
        finalFlightResends + other.finalFlightResends,
        mtuFallbacks + other.mtuFallbacks);
  }

  /**
   * What is not zero, for example {@code 3 replayed, 1 flight retransmitted}; {@code no incidents}
   * when nothing has happened.
   */
  @Override
  public String toString() {
    return new Counts()
        .and(incomingPacketsDropped, "message dropped", "messages dropped")
        .and(malformed, "malformed")
        .and(refused, "refused")
        .and(clearAlerts, "alert in clear text", "alerts in clear text")
        .and(replayed, "replayed")
        .and(forged, "forged")
        .and(retransmits, "flight retransmitted", "flights retransmitted")
        .and(finalFlightResends, "final flight resent", "final flights resent")
        .and(mtuFallbacks, "MTU fallback", "MTU fallbacks")
        .orElse("no incidents");
  }
}
