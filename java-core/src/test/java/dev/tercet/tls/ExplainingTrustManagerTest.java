package dev.tercet.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is told about a certificate that was refused, and that nothing else is decided here. */
class ExplainingTrustManagerTest {
  private static final KeyPair KEYS = TestCertificates.keys("EC");
  private static final X509Certificate PLAIN = made("CN=plain");
  private final RecordingTrustManager below = new RecordingTrustManager(PLAIN);
  private final ExplainingTrustManager above = new ExplainingTrustManager(below);

  private static X509Certificate made(String subject, GeneralName... names) {
    return TestCertificates.of(KEYS, "SHA256withECDSA", subject, names);
  }

  private static GeneralName dns(String name) {
    return new GeneralName(GeneralName.dNSName, name);
  }

  private static SSLEngine engine(boolean checked) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("asked.test", 0);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(checked ? "HTTPS" : null);
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** What a client says that refuses a server. */
  private String refusal(boolean checked, X509Certificate... chain) throws Exception {
    below.refusal = new CertificateException("because");
    SSLEngine engine = engine(checked);
    CertificateException e =
        assertThrows(
            CertificateException.class, () -> above.checkServerTrusted(chain, "EC", engine));
    if (chain.length > 0) {
      assertSame(below.refusal, e.getCause());
    }
    return message(e);
  }

  @Test
  @DisplayName("TLS-M4 the decision and the authorities are those of the manager below")
  void delegates() throws Exception {
    X509Certificate[] chain = {PLAIN};
    assertEquals(RecordingTrustManager.ALL, RecordingTrustManager.askAll(above, chain, below));
    assertArrayEquals(new X509Certificate[] {PLAIN}, above.getAcceptedIssuers());
  }

  @Test
  @DisplayName("TLS-M4 a refusal says the name that was expected, if one was, and what was found")
  void expectedAndFound() throws Exception {
    X509Certificate found =
        made("CN=ignored", dns("a.test"), new GeneralName(GeneralName.iPAddress, "192.0.2.7"));
    assertEquals(
        "because (expected: asked.test; found: a.test, 192.0.2.7, issued by CN=ignored,"
            + " valid from 2020-01-02 to 2020-12-30)",
        refusal(true, found, PLAIN));
    assertTrue(refusal(false, found).startsWith("because (found: a.test"));
  }

  @Test
  @DisplayName("TLS-M4 a refused client is explained, and has no name to expect")
  void client() throws Exception {
    below.refusal = new CertificateException("because");
    SSLEngine engine = engine(true);
    CertificateException e =
        assertThrows(
            CertificateException.class,
            () -> above.checkClientTrusted(new X509Certificate[] {PLAIN}, "EC", engine));
    assertTrue(message(e).startsWith("because (found: CN=plain"), message(e));
  }

  @Test
  @DisplayName("TLS-M4 an empty chain has nothing to tell: the refusal stays as it was")
  void emptyChain() throws Exception {
    assertEquals("because", refusal(true));
  }

  @Test
  @DisplayName("TLS-M4 without a DNS name or an address the subject is told")
  void noNames() throws Exception {
    String subject = "found: CN=plain without a DNS name or address, issued";
    assertTrue(refusal(true, PLAIN).contains(subject));
    X509Certificate mail = made("CN=plain", new GeneralName(GeneralName.rfc822Name, "a@b.test"));
    assertTrue(refusal(true, mail).contains(subject));
  }

  @Test
  @DisplayName("TLS-M4 what a peer writes into its certificate is cut and made harmless")
  void harmless() throws Exception {
    X509Certificate ten = made("CN=x", names(10));
    assertTrue(refusal(true, ten).contains("9.test, issued"), refusal(true, ten));
    X509Certificate twelve = made("CN=x", names(12));
    assertTrue(refusal(true, twelve).contains("9.test and 2 more, issued"), refusal(true, twelve));
    String hundred = "a".repeat(100);
    assertTrue(refusal(true, made("CN=x", dns(hundred))).contains(hundred + ", issued"));
    assertTrue(refusal(true, made("CN=x", dns(hundred + "b"))).contains(hundred + "..., issued"));
    String strange = refusal(true, made("CN=x", dns("a\u001b[2J\n.test")));
    assertTrue(strange.contains("a?[2J?.test"), strange);
    assertFalse(strange.contains("\n"), strange);
  }

  private static GeneralName[] names(int count) {
    return IntStream.range(0, count).mapToObj(i -> dns(i + ".test")).toArray(GeneralName[]::new);
  }

  /** Issued by another. */
  private static X509Certificate issued(@Nullable BasicConstraints constraints) throws Exception {
    JcaX509v3CertificateBuilder certificate =
        new JcaX509v3CertificateBuilder(
            new X500Principal("CN=issuer"),
            BigInteger.ONE,
            Date.from(TestCertificates.FIRST),
            Date.from(TestCertificates.LAST),
            new X500Principal("CN=subject"),
            KEYS.getPublic());
    if (constraints != null) {
      certificate.addExtension(Extension.basicConstraints, true, constraints);
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            certificate.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(KEYS.getPrivate())));
  }

  @Test
  @DisplayName("TLS-T5 authorities are named, also those below others; with another one none is")
  void authorities() throws Exception {
    X509Certificate intermediate = issued(new BasicConstraints(0));
    X509Certificate leaf = issued(null);
    assertEquals(List.of(intermediate, PLAIN), accepted(intermediate, PLAIN));
    assertEquals(List.of(), accepted(PLAIN, leaf));
    assertEquals(List.of(), accepted(leaf));
    assertEquals(List.of(), accepted(issued(new BasicConstraints(false))));
  }

  private static List<X509Certificate> accepted(X509Certificate... trusted) {
    return List.of(
        new ExplainingTrustManager(new RecordingTrustManager(trusted)).getAcceptedIssuers());
  }
}
