package dev.tercet.tls;

/** The side of a TLS connection. */
public enum TlsRole {
  /** Starts the handshake, and verifies the name in the peer's certificate. */
  CLIENT,
  /** Waits for the handshake, and proves its identity. */
  SERVER
}
