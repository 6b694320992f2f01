package dev.tercet.proto.dtls;

/**
 * What a session is told at its beginning.
 *
 * @param initialTimeoutNanos until the first retransmission, positive
 * @param handshakeTimeoutNanos for the whole handshake; {@link RetransmitTimer#NEVER} for no limit
 * @param mtuBytes the longest datagram of the handshake, without the headers of UDP and IP
 * @param minimumMtuBytes what it falls back to
 * @param incomingMessages how many received messages are kept, 1 or more
 */
public record SessionSettings(
    long initialTimeoutNanos,
    long handshakeTimeoutNanos,
    int mtuBytes,
    int minimumMtuBytes,
    int incomingMessages) {}
