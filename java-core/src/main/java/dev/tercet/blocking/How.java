package dev.tercet.blocking;

/** The direction of a socket to shut down. */
public enum How {
  /** Stop receiving. Nothing is sent to the peer. */
  READ,
  /** Stop sending: the peer receives the sent bytes, then EOF. */
  WRITE,
  /** Both. */
  BOTH
}
