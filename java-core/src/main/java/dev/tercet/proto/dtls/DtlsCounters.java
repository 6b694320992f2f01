package dev.tercet.proto.dtls;

/**
 * What has happened to a session, for statistics and tests. Nothing depends on them.
 *
 * @param malformed datagrams or records that could not be read
 * @param refused parts of the handshake that broke a limit or contradicted others
 * @param clearAlerts alerts in clear text, which are not believed
 * @param replayed records whose number was seen before
 * @param forged records that the keys did not open
 * @param overflowed messages that were dropped because nobody received them in time
 * @param retransmits flights that went out again because the timer ran out
 * @param finalRepeats last flights that went out again because the peer had lost them
 * @param mtuFallbacks how often datagrams became shorter
 */
public record DtlsCounters(
    long malformed,
    long refused,
    long clearAlerts,
    long replayed,
    long forged,
    long overflowed,
    long retransmits,
    long finalRepeats,
    long mtuFallbacks) {
  /** Of a session to which nothing has happened. */
  public static final DtlsCounters NONE = new DtlsCounters(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * Adds those of another session.
   *
   * @param other the addend
   * @return the sums
   */
  public DtlsCounters plus(DtlsCounters other) {
    return new DtlsCounters(
        malformed + other.malformed,
        refused + other.refused,
        clearAlerts + other.clearAlerts,
        replayed + other.replayed,
        forged + other.forged,
        overflowed + other.overflowed,
        retransmits + other.retransmits,
        finalRepeats + other.finalRepeats,
        mtuFallbacks + other.mtuFallbacks);
  }
}
