package dev.tercet.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whom a trust believes. */
class TlsTrustTest {
  private static final KeyPair KEYS = TestCertificates.keys("EC");
  private static final X509Certificate OTHER =
      TestCertificates.of(KEYS, "SHA256withECDSA", "CN=other");

  @Test
  @DisplayName("TLS-M4 the authorities of PEM files are trusted, all of them, and nobody else")
  void fromPem() throws Exception {
    X509Certificate[] chain =
        PemCertificates.read(PemFixtures.path("ec-chain.pem")).toArray(X509Certificate[]::new);
    X509Certificate root = PemCertificates.read(PemFixtures.path("root.pem")).get(0);
    TlsTrust both =
        TlsTrust.fromPem(PemFixtures.path("root.pem"), PemFixtures.path("rsa-chain.pem"));
    assertEquals("TlsTrust(3 certificates)", both.toString());
    TlsTrust one = TlsTrust.fromPem(PemFixtures.path("root.pem"));
    one.trustManager().checkServerTrusted(chain, "ECDHE_ECDSA");
    assertArrayEquals(new X509Certificate[] {root}, one.trustManager().getAcceptedIssuers());
    assertThrows(
        CertificateException.class,
        () -> TlsTrust.of(OTHER).trustManager().checkServerTrusted(chain, "ECDHE_ECDSA"));
  }

  @Test
  @DisplayName("TLS-M6 trust in nobody is a mistake, and not trust in the system")
  void nobody() {
    assertThrows(IllegalArgumentException.class, () -> TlsTrust.of(new X509Certificate[0]));
    String none = message(assertThrows(IllegalArgumentException.class, TlsTrust::fromPem));
    assertTrue(none.contains("no file"), none);
  }

  @Test
  @DisplayName("TLS-M6 only what is called dangerous believes anything")
  void anything() {
    RecordingTrustManager below = new RecordingTrustManager();
    X509ExtendedTrustManager manager =
        (X509ExtendedTrustManager) TlsTrust.anything().trustManager();
    X509Certificate[] chain = {OTHER};
    assertDoesNotThrow(() -> RecordingTrustManager.askAll(manager, chain, below));
    assertEquals(0, manager.getAcceptedIssuers().length);
    assertEquals("TlsTrust(anything)", TlsTrust.anything().toString());
  }

  @Test
  @DisplayName("TLS-Q2 a trust manager of one's own decides alone, and a late one passes all on")
  void ownManager() throws Exception {
    RecordingTrustManager own = new RecordingTrustManager(OTHER);
    assertSame(own, TlsTrust.of(own).trustManager());
    assertEquals("TlsTrust(a trust manager)", TlsTrust.of(own).toString());
    assertEquals("TlsTrust(system)", TlsTrust.system().toString());
    LateTrustManager late = new LateTrustManager(() -> own);
    X509Certificate[] chain = {OTHER};
    assertEquals(RecordingTrustManager.ALL, RecordingTrustManager.askAll(late, chain, own));
    assertEquals(List.of(OTHER), List.of(late.getAcceptedIssuers()));
  }
}
