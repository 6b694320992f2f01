package dev.tercet.internal.dtls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCertificate;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;

/** Certificates and keys of the JDK as Bouncy Castle wants them, and back. */
final class Certificates {
  private Certificates() {}

  /** Who we are, signing as the peer can verify. */
  static TlsCredentialedSigner signer(
      TlsContext context, JcaTlsCrypto crypto, DtlsIdentity identity, Vector<?> algorithms)
      throws IOException {
    TlsCertificate[] chain = new TlsCertificate[identity.chain().size()];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = new JcaTlsCertificate(crypto, identity.chain().get(i));
    }
    short kind = isRsa(identity) ? SignatureAlgorithm.rsa : SignatureAlgorithm.ecdsa;
    return new JcaDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        crypto,
        identity.key(),
        new Certificate(chain),
        TlsUtils.chooseSignatureAndHashAlgorithm(context, algorithms, kind));
  }

  /** Whether suites with RSA signatures fit. */
  static boolean isRsa(DtlsIdentity identity) {
    return identity.key().getAlgorithm().equals("RSA");
  }

  /** Asks the check, and makes an alert of its no. */
  static void check(PeerCheck check, Certificate certificate, boolean isClientsOwn)
      throws IOException {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      X509Certificate[] chain = new X509Certificate[certificate.getLength()];
      for (int i = 0; i < chain.length; i++) {
        byte[] encoded = certificate.getCertificateAt(i).getEncoded();
        chain[i] = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded));
      }
      String key = chain[0].getPublicKey().getAlgorithm();
      // A client's chain is named by its key, a server's by the key exchange.
      String type = isClientsOwn ? key : key.equals("RSA") ? "ECDHE_RSA" : "ECDHE_ECDSA";
      check.check(chain, type);
    } catch (CertificateException e) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
    }
  }
}
