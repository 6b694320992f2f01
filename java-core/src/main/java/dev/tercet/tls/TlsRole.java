package dev.tercet.tls;

/** Which side of a TLS connection somebody is. */
public enum TlsRole {
  /** Begins the handshake, and checks the name in the peer's certificate. */
  CLIENT,
  /** Waits for the handshake, and proves who it is. */
  SERVER
}
