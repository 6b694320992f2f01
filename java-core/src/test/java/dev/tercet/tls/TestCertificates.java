package dev.tercet.tls;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Certificates made for one test: self-signed, valid in the year 2020 only. */
public final class TestCertificates {
  public static final Instant FIRST = Instant.parse("2020-01-02T00:00:00Z");
  public static final Instant LAST = Instant.parse("2020-12-30T23:59:59Z");

  private TestCertificates() {}

  /** Keys by the JDK's name of their algorithm, of its default length. */
  public static KeyPair keys(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** For a subject. */
  public static X509Certificate of(KeyPair keys, String signature, String subject) {
    return of(keys, new JcaContentSignerBuilder(signature), subject);
  }

  /** For a subject, with these other names. */
  static X509Certificate of(KeyPair keys, String signature, String subject, GeneralName... names) {
    return of(keys, new JcaContentSignerBuilder(signature), subject, names);
  }

  /** Signed by an algorithm that has parameters. */
  public static X509Certificate of(
      KeyPair keys, String signature, AlgorithmParameterSpec parameters, String subject) {
    return of(
        keys,
        new JcaContentSignerBuilder(signature, parameters).setProvider(new BouncyCastleProvider()),
        subject);
  }

  /** For a subject, with these other names, valid in this time. */
  static X509Certificate between(
      KeyPair keys,
      String signature,
      String subject,
      Instant first,
      Instant last,
      GeneralName... names) {
    return of(keys, new JcaContentSignerBuilder(signature), subject, first, last, names);
  }

  private static X509Certificate of(
      KeyPair keys, JcaContentSignerBuilder signer, String subject, GeneralName... names) {
    return of(keys, signer, subject, FIRST, LAST, names);
  }

  private static X509Certificate of(
      KeyPair keys,
      JcaContentSignerBuilder signer,
      String subject,
      Instant first,
      Instant last,
      GeneralName... names) {
    try {
      X500Principal principal = new X500Principal(subject);
      JcaX509v3CertificateBuilder certificate =
          new JcaX509v3CertificateBuilder(
              principal,
              BigInteger.ONE,
              Date.from(first),
              Date.from(last),
              principal,
              keys.getPublic());
      if (names.length > 0) {
        certificate.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(certificate.build(signer.build(keys.getPrivate())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The message of an error that must have one. */
  public static String message(Throwable e) {
    @Nullable String message = e.getMessage();
    if (message == null) {
      throw new AssertionError("an error without a message", e);
    }
    return message;
  }
}
