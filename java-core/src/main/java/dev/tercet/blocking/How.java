package dev.tercet.blocking;

/** Which direction of a socket to shut down. */
public enum How {
  /** Stop receiving. The peer gets nothing. */
  READ,
  /** Stop sending: the peer receives what was sent, then the end. */
  WRITE,
  /** Both. */
  BOTH
}
