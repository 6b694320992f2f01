package dev.tercet.tls;

/**
 * When a DTLS server replaces an association after a new ClientHello from the same address: its
 * peer has restarted, or the address is spoofed (spec DTLS-F1, DTLS-L4).
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
