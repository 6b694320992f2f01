package dev.tercet.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which certificate is the issuer of which, where names alone do not tell. */
class CertificateChainTest {
  private static final KeyPair OWN = TestCertificates.keys("EC");
  private static final KeyPair AUTHORITY = TestCertificates.keys("EC");
  private static final X509Certificate ISSUER = authority(AUTHORITY, "SHA256withECDSA");

  private static X509Certificate authority(KeyPair keys, String signature) {
    return TestCertificates.of(keys, signature, "CN=authority");
  }

  private static X509Certificate own(KeyPair issuer) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=authority"),
                    BigInteger.TWO,
                    Date.from(TestCertificates.FIRST),
                    Date.from(TestCertificates.LAST),
                    new X500Principal("CN=own"),
                    OWN.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
  }

  @Test
  @DisplayName("TLS-T2 of two authorities with one name the issuer is the one that has signed")
  void sameName() throws Exception {
    X509Certificate own = own(AUTHORITY);
    assertEquals(List.of(own, ISSUER), CertificateChain.of(OWN.getPrivate(), List.of(ISSUER, own)));
    for (X509Certificate other :
        List.of(
            authority(TestCertificates.keys("EC"), "SHA256withECDSA"),
            authority(TestCertificates.keys("RSA"), "SHA256withRSA"))) {
      CertificateChain.ForeignException e =
          assertThrows(
              CertificateChain.ForeignException.class,
              () -> CertificateChain.of(OWN.getPrivate(), List.of(other, ISSUER, own)));
      assertEquals(0, e.index);
      assertTrue(e.reason.contains("CN=authority is not in the chain of CN=own"), e.reason);
    }
  }

  @Test
  @DisplayName("TLS-T3 a key that belongs to none is refused; of several that is said")
  void keyOfNone() throws Exception {
    List<X509Certificate> both = List.of(own(AUTHORITY), ISSUER);
    KeyPair other = TestCertificates.keys("EC");
    assertTrue(refused(other, both).endsWith("CN=own, nor to another one that was given"));
    assertFalse(refused(other, both.subList(0, 1)).contains("nor to another"));
  }

  private static String refused(KeyPair keys, List<X509Certificate> all) {
    return TestCertificates.message(
        assertThrows(
            IllegalArgumentException.class, () -> CertificateChain.of(keys.getPrivate(), all)));
  }

  @Test
  @DisplayName("TLS-T2 where this platform cannot verify a signature, the names decide")
  void unknownSignature() throws Exception {
    BouncyCastleProvider provider = new BouncyCastleProvider();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
    generator.initialize(new ECGenParameterSpec("sm2p256v1"));
    X509Certificate own =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        new X500Principal("CN=authority"),
                        BigInteger.TWO,
                        Date.from(TestCertificates.FIRST),
                        Date.from(TestCertificates.LAST),
                        new X500Principal("CN=own"),
                        OWN.getPublic())
                    .build(
                        new JcaContentSignerBuilder("SM3WITHSM2")
                            .setProvider(provider)
                            .build(generator.generateKeyPair().getPrivate())));
    assertEquals(List.of(own, ISSUER), CertificateChain.of(OWN.getPrivate(), List.of(ISSUER, own)));
  }
}
