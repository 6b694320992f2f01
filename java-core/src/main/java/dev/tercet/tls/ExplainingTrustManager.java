package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import dev.tercet.internal.text.PeerText;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Says, when a certificate is refused, what was expected and what was found. The decision is that
 * of the trust manager below, name check included; it only tells why, and not about what.
 */
final class ExplainingTrustManager extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager below;

  ExplainingTrustManager(X509ExtendedTrustManager below) {
    this.below = below;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      below.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      boolean named = engine.getSSLParameters().getEndpointIdentificationAlgorithm() != null;
      throw explained(chain, named ? engine.getPeerHost() : null, e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      below.checkClientTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw explained(chain, null, e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    below.checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    below.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    below.checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    below.checkClientTrusted(chain, authType);
  }

  /**
   * The authorities that a server names to its clients (spec TLS-T5). A certificate that is trusted
   * without being an authority is in no list of issuers: for instance a client's that another
   * authority issued. Then none is named, which stands for any: the check is what decides.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    X509Certificate[] trusted = below.getAcceptedIssuers();
    for (X509Certificate each : trusted) {
      if (!isAuthority(each)) {
        return new X509Certificate[0];
      }
    }
    return trusted;
  }

  /** Also one that has issued itself: its name is that of its issuer. */
  private static boolean isAuthority(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0
        || certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static CertificateException explained(
      X509Certificate[] chain, @Nullable String host, CertificateException e) {
    if (chain.length == 0) {
      return e;
    }
    X509Certificate leaf = chain[0];
    String why = e.getMessage();
    return new CertificateException(
        PeerText.message(why == null ? e.getClass().getSimpleName() : why)
            + " ("
            + (host == null ? "" : "expected: " + host + "; ")
            + "found: "
            + CertificateText.hosts(leaf)
            + ", issued by "
            + PeerText.name(leaf.getIssuerX500Principal())
            + ", valid from "
            + day(leaf.getNotBefore().toInstant())
            + " to "
            + day(leaf.getNotAfter().toInstant())
            + ")",
        e);
  }

  private static String day(Instant time) {
    return time.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }
}
