package dev.tercet.internal.dtls;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Identities for tests: one with a small chain, and one whose chain never fits into a datagram. */
final class Identities {
  static final DtlsIdentity SMALL = make("EC", 256, "SHA256withECDSA", 1);
  static final DtlsIdentity LARGE = make("RSA", 4096, "SHA256withRSA", 3);

  private Identities() {}

  /** Believes in exactly one identity. */
  static PeerCheck only(DtlsIdentity identity) {
    return (chain, type) -> {
      if (!List.of(chain).equals(identity.chain())) {
        throw new CertificateException(
            "not who was expected: " + chain[0].getSubjectX500Principal());
      }
    };
  }

  private static DtlsIdentity make(String algorithm, int bits, String signature, int length) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      KeyPair keys = generator.generateKeyPair();
      X509Certificate[] chain = new X509Certificate[length];
      for (int i = 0; i < length; i++) {
        Instant now = Instant.now();
        chain[i] =
            new JcaX509CertificateConverter()
                .getCertificate(
                    new JcaX509v3CertificateBuilder(
                            new X500Principal("CN=issuer " + i),
                            BigInteger.valueOf(i + 1),
                            Date.from(now.minus(1, ChronoUnit.DAYS)),
                            Date.from(now.plus(1, ChronoUnit.DAYS)),
                            new X500Principal("CN=" + algorithm + " " + i),
                            keys.getPublic())
                        .build(new JcaContentSignerBuilder(signature).build(keys.getPrivate())));
      }
      return new DtlsIdentity(keys.getPrivate(), List.of(chain));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
