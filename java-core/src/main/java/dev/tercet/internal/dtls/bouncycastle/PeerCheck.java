package dev.tercet.internal.dtls.bouncycastle;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** Decides whether the peer's certificates are believed. Runs on the engine's thread. */
@FunctionalInterface
interface PeerCheck {
  /**
   * Checks a chain, and the name if there is one to check.
   *
   * @param chain the peer's own certificate first; not empty
   * @param keyType what the trust managers of the JDK call the authentication type
   * @throws CertificateException when it is not believed; this is the cause that the user sees
   */
  void check(X509Certificate[] chain, String keyType) throws CertificateException;
}
