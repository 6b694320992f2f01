package dev.tercet.tls;

/** Whether a TLS server asks its clients for a certificate. */
public enum ClientAuth {
  /** It does not ask, unless a custom engine was made to: that is kept. */
  NONE,
  /** It asks, and takes clients without one; one that is not trusted is refused. */
  WANT,
  /** It refuses clients without a certificate that it trusts. */
  NEED
}
