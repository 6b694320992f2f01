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
    int incomingMessages) {
  /** A second, no limit, Ethernet and IPv4, ten messages. */
  public static final SessionSettings DEFAULT =
      new SessionSettings(
          1_000_000_000L,
          RetransmitTimer.NEVER,
          HandshakeMtu.DEFAULT_IPV4_BYTES,
          HandshakeMtu.MINIMUM_IPV4_BYTES,
          10);
}
