package dev.tercet.tls;

/**
 * What has happened to a DTLS channel so far, or to many of them together (spec DTLS-G6, DTLS-L7):
 * a snapshot.
 *
 * @param incomingPacketsDropped messages that were dropped because nobody received them in time
 * @param malformed datagrams or records that could not be read
 * @param refused parts of a handshake that broke a limit or contradicted others
 * @param clearAlerts alerts in clear text, which anybody can forge and which change nothing
 * @param replayed records that had come before
 * @param forged records that the keys did not open: damaged, or not the peer's
 * @param retransmits flights of a handshake that were sent again because no answer came
 * @param finalFlightResends last flights of a handshake that were sent again because the peer had
 *     lost them
 * @param mtuFallbacks how often the datagrams of a handshake became shorter, because longer ones
 *     did not get through
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
  /** Those of a channel to which nothing has happened. */
  public static final DtlsChannelStatistics NONE =
      new DtlsChannelStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * Adds those of another channel.
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
}
