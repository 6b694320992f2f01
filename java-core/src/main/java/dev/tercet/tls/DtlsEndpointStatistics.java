package dev.tercet.tls;

/**
 * What has happened at a DTLS endpoint so far (spec DTLS-L7): a snapshot.
 *
 * @param datagramsIn datagrams that were received
 * @param datagramsOut datagrams that were sent
 * @param challenged hellos that were answered with a cookie
 * @param badCookies those among them that had a cookie: a wrong one, or one that was too old
 * @param accepted hellos whose cookie was good, so that a handshake could begin
 * @param replaced associations that ended because their peer began a new one
 * @param overLimit hellos with a good cookie that were dropped because of {@link DtlsLimits}, and
 *     peers that were given up in their handshake for another one
 * @param unknownAddress datagrams from addresses without an association, which were no hellos
 * @param malformed datagrams that looked like a hello and were none
 * @param halfOpen associations whose handshake is not over
 * @param established associations whose handshake is over
 * @param channels the sum over all channels, also those that have ended
 */
public record DtlsEndpointStatistics(
    long datagramsIn,
    long datagramsOut,
    long challenged,
    long badCookies,
    long accepted,
    long replaced,
    long overLimit,
    long unknownAddress,
    long malformed,
    int halfOpen,
    int established,
    DtlsChannelStatistics channels) {}
