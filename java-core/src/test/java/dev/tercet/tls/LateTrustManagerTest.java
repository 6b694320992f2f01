package dev.tercet.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The system's authorities are read in a handshake, and not where a stream is wrapped. */
class LateTrustManagerTest {
  private static final X509Certificate[] CHAIN = {};
  private int reads;
  private int readable = 1;

  private X509ExtendedTrustManager read() throws IOException {
    if (++reads < readable) {
      throw new IOException("no such file");
    }
    return assertInstanceOf(X509ExtendedTrustManager.class, TlsTrust.anything().trustManager());
  }

  @Test
  @DisplayName("TLS-A1 making an engine reads no authorities; the first who asks does, once")
  void readOnce() throws Exception {
    LateTrustManager late = new LateTrustManager(this::read);
    TlsConfig config = TlsConfig.DEFAULT.withTrust(TlsTrust.of(late));
    SSLEngine engine = TlsEngines.client(config, ServerName.of("a.test")).engine();
    engine.beginHandshake();
    assertEquals(0, reads);
    late.checkServerTrusted(CHAIN, "ECDHE_ECDSA", engine);
    late.checkServerTrusted(CHAIN, "ECDHE_ECDSA", engine);
    assertEquals(0, late.getAcceptedIssuers().length);
    assertEquals(1, reads);
  }

  @Test
  @DisplayName("TLS-M4 when they cannot be read, nobody is believed, and the next one tries again")
  void unreadable() throws Exception {
    readable = 3;
    LateTrustManager late = new LateTrustManager(this::read);
    CertificateException e =
        assertThrows(
            CertificateException.class, () -> late.checkServerTrusted(CHAIN, "ECDHE_ECDSA"));
    assertTrue(String.valueOf(e.getMessage()).contains("no such file"));
    assertEquals(0, late.getAcceptedIssuers().length);
    late.checkServerTrusted(CHAIN, "ECDHE_ECDSA");
    assertEquals(3, reads);
  }

  @Test
  @DisplayName("TLS-Q2 the system's trust is of this kind")
  void system() {
    assertInstanceOf(LateTrustManager.class, TlsTrust.system().trustManager());
  }

  @Test
  @Timeout(60)
  @DisplayName("TLS-Q2 a thread that has read them keeps no other from reading them")
  void threads() throws Exception {
    readable = 2;
    LateTrustManager late = new LateTrustManager(this::read);
    assertEquals(0, late.getAcceptedIssuers().length);
    Thread other = new Thread(late::getAcceptedIssuers);
    other.start();
    other.join();
    assertEquals(2, reads);
  }
}
