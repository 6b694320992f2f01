package dev.tercet.proto.dtls;

/**
 * What has happened at an endpoint, for statistics and tests (spec DTLS-L7). Nothing depends on
 * them.
 *
 * @param datagramsIn received
 * @param datagramsOut to be sent
 * @param hellosIgnored while nobody served
 * @param challenged hellos that were answered with a cookie
 * @param badCookies those of them that had a cookie, a wrong or an old one
 * @param hellosAccepted that began an association
 * @param hellosRepeated that came again and began none
 * @param hellosRefused because a limit was reached; also peers that gave way because of it
 * @param challengesDropped because too much waited to be sent
 * @param expired associations that nobody took in time
 * @param unknownAddress datagrams of nobody
 * @param malformed datagrams or records that could not be read
 * @param halfOpen peers now that have said hello and not finished the handshake
 * @param established associations now that have keys
 * @param replaced associations that gave way to another one of the same address
 * @param sessions the counters of all sessions so far, added
 */
public record EndpointCounters(
    long datagramsIn,
    long datagramsOut,
    long hellosIgnored,
    long challenged,
    long badCookies,
    long hellosAccepted,
    long hellosRepeated,
    long hellosRefused,
    long challengesDropped,
    long expired,
    long unknownAddress,
    long malformed,
    int halfOpen,
    int established,
    long replaced,
    DtlsCounters sessions) {}
