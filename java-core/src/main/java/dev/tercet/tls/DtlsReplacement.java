package dev.tercet.tls;

/**
 * When a DTLS server gives up an association, because a new hello comes from the same address: its
 * peer has been started anew, or somebody else pretends so (spec DTLS-F1, DTLS-L4).
 */
public enum DtlsReplacement {
  /** When the new handshake has ended well (RFC 6347, section 4.2.8). */
  AFTER_HANDSHAKE,
  /**
   * At once, when the new hello has a good cookie, as Trio does. <strong>Whoever can read what is
   * sent to the peer's address can then end its association.</strong>
   */
  AT_COOKIE
}
