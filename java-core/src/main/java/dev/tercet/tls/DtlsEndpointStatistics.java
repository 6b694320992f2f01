package dev.tercet.tls;

/**
 * What has happened at a DTLS endpoint so far (spec DTLS-L7): a snapshot.
 *
 * @param datagramsIn datagrams that were received
 * @param datagramsOut datagrams that were sent
 * @param hellosIgnored ClientHellos that came while nobody served
 * @param challenged ClientHellos that were answered with a cookie
 * @param badCookies those among them that had a cookie: a wrong one, or one that was too old
 * @param accepted ClientHellos with a valid cookie, so that a handshake could begin
 * @param hellosRepeated repeated ClientHellos with a valid cookie, which began nothing
 * @param replaced associations that ended because their peer began a new one
 * @param overLimit ClientHellos with a valid cookie that were dropped because of {@link
 *     DtlsLimits}, and handshakes that were given up for another peer
 * @param challengesDropped challenges that were not sent because too much waited to be sent
 * @param expired associations that no handler took in time
 * @param unknownAddress datagrams from addresses without an association that were no ClientHello
 * @param malformed datagrams that looked like a ClientHello and were none
 * @param halfOpen associations whose handshake is not over
 * @param established associations whose handshake is over
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
    DtlsChannelStatistics channels) {}
