package dev.tercet.tls;

/**
 * When a DTLS server replaces an association after a new ClientHello from the same address (spec
 * DTLS-F1, DTLS-L4). Either the peer has restarted, or the address is spoofed.
 */
public enum DtlsReplacement {
  /** When the new handshake is complete (RFC 6347, section 4.2.8). */
  AFTER_HANDSHAKE,
  /**
   * At once, when the new ClientHello has a valid cookie, as Trio does. <strong>An attacker that
   * can read packets to the peer's address can then end its association.</strong>
   */
  AT_COOKIE
}
