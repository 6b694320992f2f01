package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsInfo;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFactsTest {
  @ParameterizedTest
  @CsvSource({
    "9999, 10000, false, true",
    "10001, 10001, false, false",
    "10001, 10500, false, true",
    "10000, 10500, false, false",
    "10000, 10999, false, false",
    "10000, 11000, false, true",
    "10000, 10000, true,  false",
    "10000, 10001, true,  true",
  })
  @DisplayName(
      "TLS-J8 a session whose age is known in whole seconds is old in the next second; the JDK's at once")
  void age(long createdMillis, long startedMillis, boolean isExact, boolean older) {
    assertEquals(older, TlsFacts.isOlder(createdMillis, startedMillis, isExact));
  }

  private static ScriptedEngine engine() {
    ScriptedEngine engine = new ScriptedEngine(true);
    engine.session.open("TLSv1.3");
    engine.session.createdMillis = 5_000;
    return engine;
  }

  @Test
  @DisplayName("TLS-J1 TLS-J3 no application protocol is null, however the engine says so")
  void alpn() {
    ScriptedEngine engine = engine();
    assertNull(TlsFacts.of(engine, 0).alpn());
    engine.alpn = "";
    assertNull(TlsFacts.of(engine, 0).alpn());
    engine.alpn = "h2";
    TlsInfo facts = TlsFacts.of(engine, 0);
    assertEquals("h2", facts.alpn());
    assertEquals("TLSv1.3", facts.version());
    assertEquals("NOTHING", facts.cipherSuite());
    engine.knowsAlpn = false;
    assertNull(TlsFacts.of(engine, 0).alpn());
  }

  @Test
  @DisplayName("TLS-J4 TLS-J5 certificates that are missing or of another kind are none")
  void certificates() throws Exception {
    ScriptedEngine engine = engine();
    engine.session.peer = null;
    assertEquals(List.of(), TlsFacts.of(engine, 0).peerCertificates());
    assertEquals(List.of(), TlsFacts.of(engine, 0).localCertificates());
    X509Certificate mine;
    try (InputStream in = Files.newInputStream(PemFixtures.path("root.pem"))) {
      mine = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    Certificate other = new OtherCertificate();
    engine.session.peer = new Certificate[] {other, mine};
    engine.session.local = new Certificate[] {mine, other};
    assertEquals(List.of(mine), TlsFacts.of(engine, 0).peerCertificates());
    assertEquals(List.of(mine), TlsFacts.of(engine, 0).localCertificates());
  }

  @Test
  @DisplayName("TLS-J8 an engine that is not the JDK's is taken for one that knows whole seconds")
  void otherEngine() {
    ScriptedEngine engine = engine();
    assertFalse(TlsFacts.of(engine, 5_999).sessionReused());
    assertTrue(TlsFacts.of(engine, 6_000).sessionReused());
  }

  private static final class OtherCertificate extends Certificate {
    private static final long serialVersionUID = 1;

    OtherCertificate() {
      super("other");
    }

    @Override
    public byte[] getEncoded() {
      return new byte[0];
    }

    @Override
    public void verify(PublicKey key) {}

    @Override
    public void verify(PublicKey key, String provider) {}

    @Override
    public String toString() {
      return "other";
    }

    @Override
    public PublicKey getPublicKey() {
      throw new UnsupportedOperationException();
    }
  }
}
