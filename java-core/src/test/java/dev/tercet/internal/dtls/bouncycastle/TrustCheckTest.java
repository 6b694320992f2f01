package dev.tercet.internal.dtls.bouncycastle;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TestCertificates;
import dev.tercet.tls.TlsTrust;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a trust manager that knows neither names nor constraints decides, and what it does not. */
class TrustCheckTest {
  /** For server.test, *.wild.test, localhost and addresses. */
  private static final X509Certificate[] CHAIN = chain();

  private final Plain manager = new Plain();
  private final TlsTrust trust = TlsTrust.of(manager);

  private static X509Certificate[] chain() {
    var manager = PemFixtures.identity().keyManager();
    return manager.getCertificateChain(manager.chooseEngineServerAlias("EC", null, null));
  }

  /** Believes everybody, unless it is to refuse. */
  private static final class Plain implements X509TrustManager {
    private final List<String> asked = new ArrayList<>();
    private @Nullable CertificateException refusal;

    private void decide(String what, X509Certificate[] chain, String type)
        throws CertificateException {
      asked.add(what + " " + chain.length + " " + type);
      if (refusal != null) {
        throw refusal;
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      decide("client", chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      decide("server", chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private TrustCheck ofServer(boolean checksName, String name) {
    return TrustCheck.ofServer(trust, checksName, ServerName.of(name));
  }

  private static String refused(TrustCheck check, X509Certificate... chain) {
    return message(assertThrows(CertificateException.class, () -> check.check(chain, "EC")));
  }

  @Test
  @DisplayName("DTLS-L1 a plain trust manager is asked about the peer, and its refusal counts")
  void decides() throws Exception {
    ofServer(true, "server.test").check(CHAIN, "EC");
    TrustCheck.ofClient(trust).check(CHAIN, "RSA");
    assertEquals(
        List.of("server " + CHAIN.length + " EC", "client " + CHAIN.length + " RSA"),
        manager.asked);
    CertificateException refusal = new CertificateException("because");
    manager.refusal = refusal;
    for (TrustCheck each : List.of(ofServer(false, "server.test"), TrustCheck.ofClient(trust))) {
      assertSame(refusal, assertThrows(CertificateException.class, () -> each.check(CHAIN, "EC")));
    }
  }

  @Test
  @DisplayName(
      "DTLS-L1 what a plain trust manager believes must be allowed by this JVM all the same")
  void constraints() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(512);
    X509Certificate weak =
        TestCertificates.of(generator.generateKeyPair(), "SHA256withRSA", "CN=weak");
    for (TrustCheck each : List.of(ofServer(false, "server.test"), TrustCheck.ofClient(trust))) {
      assertTrue(refused(each, weak).contains("CN=weak has a key or a signature"));
    }
  }

  @Test
  @DisplayName("DTLS-L1 a name is looked for if it is to be checked, also one with an underscore")
  void names() throws Exception {
    ofServer(true, "a_b.wild.test").check(CHAIN, "EC");
    assertTrue(refused(ofServer(true, "other.test"), CHAIN).contains("expected: other.test"));
    assertTrue(refused(ofServer(true, "a_b.other.test"), CHAIN).contains("a_b.other.test; found"));
    ofServer(false, "other.test").check(CHAIN, "EC");
    ofServer(false, "a_b.other.test").check(CHAIN, "EC");
    TrustCheck.ofServer(trust, true, null).check(CHAIN, "EC");
  }
}
