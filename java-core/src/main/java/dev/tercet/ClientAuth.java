package dev.tercet;

/** Whether a TLS server asks its clients for a certificate. */
public enum ClientAuth {
  /** It does not ask. */
  NONE,
  /** It asks, and takes clients without one; one that is not trusted is refused. */
  WANT,
  /** It refuses clients without a certificate that it trusts. */
  NEED
}
