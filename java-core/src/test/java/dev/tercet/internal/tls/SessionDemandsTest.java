package dev.tercet.internal.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TestCertificates;
import dev.tercet.tls.TlsInfo;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of a session whose handshake is over, whatever the engine says. */
class SessionDemandsTest {
  private static final Set<String> BOTH = Set.of("TLSv1.2", "TLSv1.3");
  private static final X509Certificate CERTIFICATE = certificate();

  /** For server.test, *.wild.test, localhost, 127.0.0.1 and ::1; its common name is ec. */
  private static X509Certificate certificate() {
    var manager = PemFixtures.identity().keyManager();
    return manager.getCertificateChain(manager.chooseEngineServerAlias("EC", null, null))[0];
  }

  private static TlsInfo facts(String version, X509Certificate... peer) {
    return new TlsInfo(version, "suite", null, List.of(peer), List.of(), true);
  }

  private static @Nullable SSLException refused(
      boolean needsCertificate, @Nullable String host, TlsInfo facts) {
    return new SessionDemands(BOTH, needsCertificate, host == null ? null : ServerName.of(host))
        .complaint(facts);
  }

  @ParameterizedTest
  @CsvSource({
    "server.test, true",
    "SERVER.test., true",
    "a.wild.test, true",
    "a_b.wild.test, true",
    "localhost, true",
    "127.0.0.1, true",
    "::1, true",
    "0:0::0:1, true",
    "ec, false",
    "wild.test, false",
    "a.b.wild.test, false",
    "awild.test, false",
    "server.test.evil.test, false",
    "xserver.test, false",
    "127.0.0.2, false",
    "::2, false",
  })
  @DisplayName("TLS-R-p a name is matched by whole labels, an address by its bytes")
  void hosts(String host, boolean matches) {
    assertEquals(matches, CertifiedHost.isFor(CERTIFICATE, ServerName.of(host)));
    SSLException why = refused(true, host, facts("TLSv1.3", CERTIFICATE));
    if (matches) {
      assertNull(why);
    } else {
      assertNotNull(why);
      assertInstanceOf(CertificateException.class, why.getCause());
      assertTrue(message(why).contains("found: server.test"), message(why));
    }
  }

  @Test
  @DisplayName("TLS-R-p the common name is no name of a host")
  void commonName() {
    KeyPair keys = TestCertificates.keys("EC");
    X509Certificate nameless = TestCertificates.of(keys, "SHA256withECDSA", "CN=server.test");
    assertFalse(CertifiedHost.isFor(nameless, ServerName.of("server.test")));
  }

  @Test
  @DisplayName("TLS-R-p a certificate that is needed must be there, also in a resumed session")
  void certificates() {
    assertNotNull(refused(true, null, facts("TLSv1.3")));
    assertNotNull(refused(true, "server.test", facts("TLSv1.2")));
    assertNull(refused(false, null, facts("TLSv1.2")));
    assertNull(refused(true, null, facts("TLSv1.2", CERTIFICATE)));
  }

  @Test
  @DisplayName("TLS-R-p the version must be one that the configuration allows")
  void versions() {
    assertNotNull(refused(false, null, facts("TLSv1.1")));
    assertNull(refused(false, null, facts("TLSv1.2")));
  }
}
