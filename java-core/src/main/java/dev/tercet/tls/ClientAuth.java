package dev.tercet.tls;

/** Whether a TLS server requests a certificate of its clients. */
public enum ClientAuth {
  /** It requests none, unless a custom engine does: that is kept. */
  NONE,
  /** It requests one, and accepts clients without one; an untrusted one is rejected. */
  WANT,
  /** It rejects clients without a certificate that it trusts. */
  NEED
}
