package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Certificates in the order in which TLS sends them: the own one, its issuer, and so on. Sellers
 * deliver them in any order, and scripts join files twice: duplicates are left out. What belongs to
 * another chain is refused, since leaving it out could be leaving out what was meant.
 */
final class CertificateChain {
  private CertificateChain() {}

  /** Which certificate is the trouble. */
  static final class ForeignException extends Exception {
    private static final long serialVersionUID = 1;

    final int index;
    final String reason;

    ForeignException(int index, String reason) {
      super(reason);
      this.index = index;
      this.reason = reason;
    }
  }

  /**
   * Puts certificates in order.
   *
   * @param key of one of them
   * @param all at least one, in any order
   * @return the one of the key first
   * @throws IllegalArgumentException when the key belongs to none
   * @throws ForeignException when one belongs to another chain
   */
  static List<X509Certificate> of(PrivateKey key, List<X509Certificate> all)
      throws ForeignException {
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(own(key, all));
    while (chain.size() < all.size()) {
      X509Certificate last = chain.get(chain.size() - 1);
      X509Certificate issuer = issuer(last, all);
      if (issuer == null || chain.contains(issuer)) {
        break;
      }
      chain.add(issuer);
    }
    for (int i = 0; i < all.size(); i++) {
      if (!chain.contains(all.get(i))) {
        throw new ForeignException(
            i,
            "the certificate of "
                + CertificateText.subject(all.get(i))
                + " is not in the chain of "
                + CertificateText.subject(chain.get(0)));
      }
    }
    return chain;
  }

  private static X509Certificate own(PrivateKey key, List<X509Certificate> all) {
    for (X509Certificate each : all) {
      if (KeyMatch.belongs(key, each.getPublicKey())) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "the private key does not belong to the certificate of "
            + CertificateText.subject(all.get(0))
            + (all.size() == 1 ? "" : ", nor to another one that was given"));
  }

  private static @Nullable X509Certificate issuer(X509Certificate of, List<X509Certificate> all) {
    for (X509Certificate each : all) {
      if (!each.equals(of)
          && each.getSubjectX500Principal().equals(of.getIssuerX500Principal())
          && hasSigned(each, of)) {
        return each;
      }
    }
    return null;
  }

  private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (SignatureException | InvalidKeyException e) {
      return false;
    } catch (GeneralSecurityException e) {
      // Signed by what this platform does not know: the names fit.
      return true;
    }
  }
}
