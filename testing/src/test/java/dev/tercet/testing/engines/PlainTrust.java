package dev.tercet.testing.engines;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** As users write them: chains are checked, and nothing is known about engines and their hosts. */
record PlainTrust(X509TrustManager chains) implements X509TrustManager {
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    chains.checkClientTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    // Conscrypt's word for what the JDK's calls UNKNOWN.
    chains.checkServerTrusted(chain, authType.equals("GENERIC") ? "UNKNOWN" : authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
