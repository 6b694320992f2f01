package dev.tercet.testing.certificates;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** One certificate in the making. */
final class CertificateMaker {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** 64 bits of chance, and positive. */
  private static final int SERIAL_BITS = 64;

  private final JcaX509v3CertificateBuilder builder;

  CertificateMaker(
      String name,
      PublicKey key,
      String issuer,
      @Nullable X509Certificate issuerCertificate,
      Instant from,
      Instant to) {
    builder =
        new JcaX509v3CertificateBuilder(
            issuerCertificate == null
                ? principal(issuer)
                : issuerCertificate.getSubjectX500Principal(),
            new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
            Date.from(from),
            Date.from(to),
            principal(name),
            key);
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      extension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
      if (issuerCertificate != null) {
        extension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(issuerCertificate.getPublicKey()));
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this platform has no SHA-1 for key identifiers", e);
    }
  }

  private static X500Principal principal(String name) {
    try {
      return new X500Principal(
          new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build().getEncoded());
    } catch (IOException e) {
      throw new IllegalArgumentException("not a name: " + name, e);
    }
  }

  void extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
    try {
      builder.addExtension(id, critical, value);
    } catch (CertIOException e) {
      throw new IllegalArgumentException("not a value of extension " + id + ": " + value, e);
    }
  }

  X509Certificate sign(PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(TestKeyType.signatureFor(key.getAlgorithm()))
                      .build(key)));
    } catch (OperatorCreationException | CertificateException e) {
      throw new IllegalStateException("the certificate cannot be signed", e);
    }
  }

  /** The certificate of an authority. Here, so that {@link TestCa} loads without Bouncy Castle. */
  static X509Certificate authority(
      String name,
      KeyPair keys,
      String issuer,
      KeyPair issuerKeys,
      @Nullable X509Certificate issuerCertificate) {
    Instant now = Instant.now();
    CertificateMaker maker =
        new CertificateMaker(
            name,
            keys.getPublic(),
            issuer,
            issuerCertificate,
            now.minus(Duration.ofDays(1)),
            now.plus(Duration.ofDays(3650)));
    maker.extension(Extension.basicConstraints, true, new BasicConstraints(true));
    maker.extension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    return maker.sign(issuerKeys.getPrivate());
  }
}
