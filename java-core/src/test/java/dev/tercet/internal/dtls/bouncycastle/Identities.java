package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Who one can be in a test: a key, and a chain whose last certificate is the authority.
 *
 * @param key of the first certificate
 * @param chain the own certificate first
 */
public record Identities(PrivateKey key, List<X509Certificate> chain) {
  public static final String HOST = "server.test";
  public static final String ADDRESS = "192.0.2.7";

  /** A chain of one, and an EC key. */
  public static final Identities SMALL = of("EC", 1, HOST);

  /** A chain that never fits into a datagram, and an RSA key. */
  public static final Identities LARGE = make("RSA2048", 3, 30, HOST);

  /** With an RSA key of the usual length. */
  public static final Identities RSA = of("RSA2048", 2, HOST);

  public TlsIdentity identity() {
    return TlsIdentity.of(key, chain.toArray(X509Certificate[]::new));
  }

  /** Trust in its authority. */
  public TlsTrust trust() {
    return TlsTrust.of(chain.get(chain.size() - 1));
  }

  /** Believes nobody, and knows no names. */
  public static TlsTrust refusing() {
    return TlsTrust.of(
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type)
              throws CertificateException {
            throw new CertificateException("refused by the test");
          }

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type)
              throws CertificateException {
            throw new CertificateException("refused by the test");
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        });
  }

  /** Valid for a month. */
  public static Identities of(String keyType, int length, String host) {
    return make(keyType, length, 30, host);
  }

  /** Its own certificate has ended yesterday; that of the authority has not. */
  public static Identities expired() {
    return make("EC", 2, -1, HOST);
  }

  private static Identities make(String keyType, int length, int days, String host) {
    try {
      KeyPair keys = keys(keyType);
      String signature = keyType.startsWith("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
      X509Certificate[] chain = new X509Certificate[length];
      Instant now = Instant.now();
      for (int i = 0; i < length; i++) {
        JcaX509v3CertificateBuilder certificate =
            new JcaX509v3CertificateBuilder(
                name(Math.min(i + 1, length - 1), host, keyType),
                BigInteger.valueOf(i + 1),
                Date.from(now.minus(60, ChronoUnit.DAYS)),
                Date.from(now.plus(i == 0 ? days : 30, ChronoUnit.DAYS)),
                name(i, host, keyType),
                keys.getPublic());
        if (i == 0) {
          GeneralName[] names = {
            new GeneralName(GeneralName.dNSName, host),
            new GeneralName(GeneralName.iPAddress, ADDRESS)
          };
          certificate.addExtension(
              Extension.subjectAlternativeName, false, new GeneralNames(names));
        } else {
          certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        }
        chain[i] =
            new JcaX509CertificateConverter()
                .getCertificate(
                    certificate.build(
                        new JcaContentSignerBuilder(signature).build(keys.getPrivate())));
      }
      return new Identities(keys.getPrivate(), List.of(chain));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static X500Principal name(int place, String host, String keyType) {
    return new X500Principal("CN=" + (place == 0 ? host : keyType + " authority " + place));
  }

  private static KeyPair keys(String keyType) throws Exception {
    KeyPairGenerator generator;
    if (keyType.equals("EC")) {
      generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else {
      generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(Integer.parseInt(keyType.substring(3)));
    }
    return generator.generateKeyPair();
  }
}
