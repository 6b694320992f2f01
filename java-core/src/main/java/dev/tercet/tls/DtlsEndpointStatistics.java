package dev.tercet.tls;

import dev.tercet.internal.text.Counts;

/**
 * The counters of a DTLS endpoint (spec DTLS-L7): a snapshot.
 *
 * @param datagramsIn datagrams that were received
 * @param datagramsOut datagrams that were sent
 * @param hellosIgnored ClientHellos that arrived while the endpoint was not served
 * @param challenged ClientHellos that were answered with a cookie
 * @param badCookies those among them that had a cookie: a wrong one, or one that was too old
 * @param accepted ClientHellos with a valid cookie, so that a handshake could begin
 * @param hellosRepeated repeated ClientHellos with a valid cookie, which started no handshake
 * @param replaced associations that ended because their peer started a new one
 * @param overLimit ClientHellos with a valid cookie that were dropped because of {@link
 *     DtlsLimits}, and handshakes that were evicted for another peer
 * @param challengesDropped challenges that were not sent because too much output was queued
 * @param expired associations that no handler took in time
 * @param unknownAddress datagrams that were no ClientHello, from addresses without an association
 * @param malformed datagrams that looked like a ClientHello and were none
 * @param halfOpen associations whose handshake is not complete
 * @param established associations whose handshake is complete
 * @param channels the sum over all channels, also those that have ended
 */
public record DtlsEndpointStatistics(
    long datagramsIn,
    long datagramsOut,
    long hellosIgnored,
    long challenged,
    long badCookies,
    long accepted,
    long hellosRepeated,
    long replaced,
    long overLimit,
    long challengesDropped,
    long expired,
    long unknownAddress,
    long malformed,
    int halfOpen,
    int established,
    DtlsChannelStatistics channels) {
  /**
   * In words, without what is zero. For example {@code 120 datagrams received, 90 sent; 3
   * challenged, 3 accepted; 0 half open, 2 established; channels: 1 replayed}.
   */
  @Override
  public String toString() {
    String hellos =
        new Counts()
            .and(hellosIgnored, "ignored")
            .and(challenged, "challenged")
            .and(badCookies, "with a bad cookie")
            .and(accepted, "accepted")
            .and(hellosRepeated, "repeated")
            .and(replaced, "replaced")
            .and(overLimit, "over the limit")
            .and(challengesDropped, "challenge dropped", "challenges dropped")
            .and(expired, "expired")
            .and(unknownAddress, "from unknown addresses")
            .and(malformed, "malformed")
            .orElse("no ClientHello");
    return Counts.of(datagramsIn, "datagram received", "datagrams received")
        + ", "
        + datagramsOut
        + " sent; "
        + hellos
        + "; "
        + halfOpen
        + " half open, "
        + established
        + " established; channels: "
        + channels;
  }
}
