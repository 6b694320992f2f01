package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.tls.DtlsInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCertificate;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** Certificates and keys of the JDK as Bouncy Castle wants them, and back. */
final class Certificates {
  private Certificates() {}

  /** Who we are, signing as the peer can verify. */
  static TlsCredentialedSigner signer(
      TlsContext context,
      JcaTlsCrypto crypto,
      DtlsIdentity identity,
      @Nullable Vector<?> algorithms)
      throws IOException {
    TlsCertificate[] chain = new TlsCertificate[identity.chain().size()];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = new JcaTlsCertificate(crypto, identity.chain().get(i));
    }
    return new JcaDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        crypto,
        identity.key(),
        new Certificate(chain),
        signature(context, algorithms, identity.key().getAlgorithm().equals(KeyChoice.RSA)));
  }

  /** For an RSA key PKCS#1, or PSS if the peer knows nothing else. */
  private static SignatureAndHashAlgorithm signature(
      TlsContext context, @Nullable Vector<?> offered, boolean isRsa) throws IOException {
    Vector<?> algorithms = JvmRules.get().signatures(offered);
    short kind = isRsa ? SignatureAlgorithm.rsa : SignatureAlgorithm.ecdsa;
    if (isRsa && !TlsUtils.containsAnySignatureAlgorithm(algorithms, SignatureAlgorithm.rsa)) {
      kind = SignatureAlgorithm.rsa_pss_rsae_sha256;
    }
    if (!TlsUtils.containsAnySignatureAlgorithm(algorithms, kind)) {
      throw new TlsFatalAlert(
          AlertDescription.handshake_failure,
          "the peer verifies no signature that is allowed here: " + offered);
    }
    return TlsUtils.chooseSignatureAndHashAlgorithm(context, algorithms, kind);
  }

  /** Names for ALPN. */
  @SuppressWarnings("JdkObsolete") // Bouncy Castle wants them so
  static @Nullable Vector<ProtocolName> protocols(List<String> names) {
    Vector<ProtocolName> protocols = new Vector<>();
    for (String name : names) {
      protocols.add(ProtocolName.asUtf8Encoding(name));
    }
    return protocols.isEmpty() ? null : protocols;
  }

  /** The facts of a handshake that has just ended. */
  static DtlsInfo info(TlsContext context) throws IOException {
    SecurityParameters facts = context.getSecurityParametersConnection();
    ProtocolName alpn = facts.getApplicationProtocol();
    return new DtlsInfo(
        "DTLSv1.2",
        Suites.name(facts.getCipherSuite()),
        alpn == null ? null : alpn.getUtf8Decoding(),
        x509(facts.getPeerCertificate()),
        x509(facts.getLocalCertificate()),
        facts.isResumedSession());
  }

  /** Asks the check, and makes an alert of its no. */
  static void check(PeerCheck check, Certificate certificate, boolean isClientsOwn)
      throws IOException {
    X509Certificate[] chain = x509(certificate).toArray(X509Certificate[]::new);
    String key = chain[0].getPublicKey().getAlgorithm();
    // A client's chain is named by its key, a server's by the key exchange.
    String type = isClientsOwn ? key : key.startsWith("RSA") ? "ECDHE_RSA" : "ECDHE_ECDSA";
    try {
      check.check(chain, type);
    } catch (CertificateException e) {
      throw new TlsFatalAlert(alert(e), e);
    }
  }

  /** What the peer is told (RFC 5246, section 7.2.2). */
  private static short alert(CertificateException refusal) {
    for (Throwable e = refusal; e != null; e = e.getCause()) {
      if (e instanceof CertPathBuilderException) {
        return AlertDescription.unknown_ca;
      }
      if (e instanceof CertificateExpiredException) {
        return AlertDescription.certificate_expired;
      }
      if (e instanceof CertPathValidatorException path) {
        if (path.getReason() == BasicReason.EXPIRED) {
          return AlertDescription.certificate_expired;
        }
        if (path.getReason() == BasicReason.REVOKED) {
          return AlertDescription.certificate_revoked;
        }
      }
    }
    return AlertDescription.certificate_unknown;
  }

  private static List<X509Certificate> x509(@Nullable Certificate certificate) throws IOException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (int i = 0; certificate != null && i < certificate.getLength(); i++) {
        byte[] encoded = certificate.getCertificateAt(i).getEncoded();
        chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
      }
    } catch (CertificateException e) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
    }
    return chain;
  }
}
