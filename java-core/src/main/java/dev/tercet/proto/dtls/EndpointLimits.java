package dev.tercet.proto.dtls;

/**
 * How much an endpoint keeps for peers (spec DTLS-L6).
 *
 * @param halfOpen peers at most that have said hello and not finished the handshake, 1 or more
 * @param associations at most when a peer says hello, 1 or more; connecting is never refused
 */
public record EndpointLimits(int halfOpen, int associations) {
  /** Checks them. */
  public EndpointLimits {
    if (halfOpen < 1 || associations < 1) {
      throw new IllegalArgumentException(
          "limits must be at least 1, not " + halfOpen + " and " + associations);
    }
  }
}
