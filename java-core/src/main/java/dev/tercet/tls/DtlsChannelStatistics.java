package dev.tercet.tls;

/**
 * What has happened to a DTLS channel so far, or to many of them together (spec DTLS-G6, DTLS-L7):
 * a snapshot.
 *
 * @param incomingPacketsDropped messages that were dropped because nobody received them in time
 * @param malformed datagrams or records that could not be read
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
    long replayed,
    long forged,
    long retransmits,
    long finalFlightResends,
    long mtuFallbacks) {}
