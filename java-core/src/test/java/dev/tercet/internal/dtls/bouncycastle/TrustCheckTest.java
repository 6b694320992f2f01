package dev.tercet.internal.dtls.bouncycastle;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
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

  @Test
  @DisplayName("DTLS-L1 a check says whom it trusts, and for which name if that counts")
  void text() {
    assertEquals(trust + " for server.test", ofServer(true, "server.test").toString());
    assertEquals(trust.toString(), ofServer(false, "server.test").toString());
    assertEquals(trust.toString(), TrustCheck.ofServer(trust, true, null).toString());
    assertEquals(trust.toString(), TrustCheck.ofClient(trust).toString());
  }

  @Test
  @DisplayName("DTLS-L1 what managers ask an engine is answered as in a handshake of DTLS 1.2")
  void standIn() {
    SNIHostName name = new SNIHostName("a.test");
    StandInSession session = new StandInSession("a.test", List.of(name));
    StandInEngine client = new StandInEngine("a.test", session, true, true);
    StandInEngine server = new StandInEngine(null, session, false, false);
    assertTrue(client.getUseClientMode());
    assertFalse(server.getUseClientMode());
    assertEquals("a.test", client.getPeerHost());
    assertSame(session, client.getSession());
    assertSame(session, client.getHandshakeSession());
    SSLParameters parameters = client.getSSLParameters();
    assertEquals("HTTPS", parameters.getEndpointIdentificationAlgorithm());
    assertNull(server.getSSLParameters().getEndpointIdentificationAlgorithm());
    assertEquals(List.of(name), parameters.getServerNames());
    assertNotNull(parameters.getAlgorithmConstraints());
    assertArrayEquals(new String[] {"DTLSv1.2"}, parameters.getProtocols());
    assertArrayEquals(new String[] {"DTLSv1.2"}, client.getSupportedProtocols());
    assertTrue(parameters.getCipherSuites().length > 0);
    assertArrayEquals(parameters.getCipherSuites(), client.getSupportedCipherSuites());
    assertEquals(HandshakeStatus.NEED_TASK, client.getHandshakeStatus());
    assertFalse(client.getNeedClientAuth() || client.getWantClientAuth());
    assertTrue(client.getEnableSessionCreation());
    assertFalse(client.isInboundDone() || client.isOutboundDone());
    assertNull(client.getDelegatedTask());
    assertThrows(UnsupportedOperationException.class, client::beginHandshake);
  }

  @Test
  @DisplayName(
      "DTLS-L1 the session of a handshake that is not over has names, and nobody's certificate")
  void standInSession() {
    List<SNIServerName> names = List.of(new SNIHostName("a.test"));
    StandInSession session = new StandInSession("a.test", names);
    assertEquals(names, session.getRequestedServerNames());
    assertEquals("a.test", session.getPeerHost());
    assertEquals(-1, session.getPeerPort());
    assertEquals("DTLSv1.2", session.getProtocol());
    assertEquals("SSL_NULL_WITH_NULL_NULL", session.getCipherSuite());
    assertFalse(session.isValid());
    List<String> signatures = List.of(session.getPeerSupportedSignatureAlgorithms());
    assertTrue(signatures.contains("SHA256withECDSA"));
    assertEquals(signatures, List.of(session.getLocalSupportedSignatureAlgorithms()));
    assertEquals(0, session.getId().length);
    assertEquals(0, session.getValueNames().length);
    assertEquals(0, session.getCreationTime() + session.getLastAccessedTime());
    assertEquals(0, session.getPacketBufferSize() + session.getApplicationBufferSize());
    assertThrows(SSLPeerUnverifiedException.class, session::getPeerCertificates);
    assertThrows(SSLPeerUnverifiedException.class, session::getPeerPrincipal);
  }
}
