package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.bouncycastle.DtlsEngines;
import dev.tercet.internal.dtls.bouncycastle.Identities;
import dev.tercet.internal.dtls.bouncycastle.LossyPair;
import dev.tercet.internal.dtls.bouncycastle.LossyPair.Row;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.RecordProtection;
import dev.tercet.proto.tls.TlsAlert;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.DtlsServerConfig;
import dev.tercet.tls.TestCertificates;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is believed in a handshake of DTLS, what is agreed on, and how a refusal looks. */
class DtlsTrustTest {
  private static final Row GOOD = new Row(0, false, 1472, 1472, false, false);

  /** Whose authority nobody else has. */
  private static final Identities OTHER = Identities.of("EC", 2, Identities.HOST);

  private static final DtlsServerConfig SMALL = DtlsServerConfig.of(Identities.SMALL.identity());
  private static final DtlsConfig TRUSTING = DtlsConfig.DEFAULT.withTrust(Identities.SMALL.trust());

  @Test
  void dtlsL1_aServerWithTheRightNameAndAuthorityIsBelieved() {
    DtlsInfo info = client(TRUSTING, Identities.HOST, SMALL);
    assertEquals("DTLSv1.2", info.version());
    assertEquals("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", info.cipherSuite());
    assertEquals(Identities.SMALL.chain(), info.peerCertificates());
    assertEquals(List.of(), info.localCertificates());
    assertNull(info.alpn());
  }

  @Test
  void dtlsL1_aServerWithAnotherNameIsRefusedSayingWhatWasExpectedAndFound() {
    Throwable failure = refusedByClient(TRUSTING, "wrong.test", SMALL, "certificate_unknown");
    assertInstanceOf(SSLHandshakeException.class, failure);
    assertHas(failure, CertificateException.class);
    assertSays(failure, "expected: wrong.test; found: server.test, 192.0.2.7");
  }

  @Test
  void dtlsL1_theNameOfAServerMayBeItsAddressAndIsNotSentThen() {
    List<@Nullable String> asked = new ArrayList<>();
    DtlsServerConfig server =
        DtlsServerConfig.choosing(
            name -> {
              asked.add(name);
              return Identities.SMALL.identity();
            });
    client(TRUSTING, Identities.ADDRESS, server);
    assertEquals(Collections.singletonList(null), asked);
    Throwable failure = refusedByClient(TRUSTING, "192.0.2.8", SMALL, "certificate_unknown");
    assertSays(failure, "expected: 192.0.2.8; found: server.test, 192.0.2.7");
  }

  @Test
  void dtlsL1_anUnknownAuthorityIsRefused() {
    Throwable failure =
        refusedByClient(
            DtlsConfig.DEFAULT.withTrust(OTHER.trust()), Identities.HOST, SMALL, "unknown_ca");
    assertHas(failure, CertificateException.class);
    assertSays(failure, "issued by CN=server.test");
  }

  @Test
  void dtlsL1_anExpiredCertificateIsRefused() {
    Identities expired = Identities.expired();
    Throwable failure =
        refusedByClient(
            DtlsConfig.DEFAULT.withTrust(expired.trust()),
            Identities.HOST,
            DtlsServerConfig.of(expired.identity()),
            "certificate_expired");
    assertSays(failure, "valid from");
  }

  @Test
  void dtlsL1_theSystemsAuthoritiesDoNotKnowATestServer() {
    refusedByClient(DtlsConfig.DEFAULT, Identities.HOST, SMALL, "unknown_ca");
  }

  @Test
  void dtlsL1_aPlainTrustManagerLeavesTheCheckOfTheNameToUs() {
    TlsTrust plain =
        TlsTrust.of(
            new X509TrustManager() {
              @Override
              public void checkClientTrusted(X509Certificate[] chain, String type) {}

              @Override
              public void checkServerTrusted(X509Certificate[] chain, String type) {}

              @Override
              public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
              }
            });
    DtlsConfig config = DtlsConfig.DEFAULT.withTrust(plain);
    client(config, Identities.HOST, SMALL);
    Throwable failure = refusedByClient(config, "wrong.test", SMALL, "certificate_unknown");
    assertSays(failure, "expected: wrong.test");
  }

  @Test
  void dtlsL1_aClientThatChecksNamesAndKnowsNoneGetsNoEngine() {
    DtlsEngines engines = new DtlsEngines(new LockStepThreads(), new SecureRandom());
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> engines.client(TRUSTING, null, LossyPair.SERVER_ADDRESS, 0, () -> {}));
    assertSays(missing, "dangerouslyWithoutHostnameCheck");
    assertThrows(
        IllegalArgumentException.class,
        () -> engines.client(TRUSTING, "no name", LossyPair.SERVER_ADDRESS, 0, () -> {}));
  }

  @Test
  void dtlsL1_onlyWhatIsCalledDangerousSwitchesChecksOff() {
    client(TRUSTING.dangerouslyWithoutHostnameCheck(), "wrong.test", SMALL);
    client(TRUSTING.dangerouslyWithoutHostnameCheck(), null, SMALL);
    client(DtlsConfig.DEFAULT.dangerouslyTrustAnything(), null, SMALL);
    refusedByClient(
        DtlsConfig.DEFAULT.dangerouslyTrustAnything().withTrust(OTHER.trust()),
        Identities.HOST,
        SMALL,
        "unknown_ca");
  }

  @Test
  void dtlsL13_aClientsCertificateIsNeededWantedOrNotAskedFor() {
    DtlsConfig named = TRUSTING.withIdentity(OTHER.identity());
    DtlsServerConfig need = SMALL.withClientAuth(ClientAuth.NEED, OTHER.trust());
    DtlsServerConfig want = SMALL.withClientAuth(ClientAuth.WANT, OTHER.trust());
    assertEquals(OTHER.chain(), server(named, need).peerCertificates());
    assertEquals(OTHER.chain(), server(named, want).peerCertificates());
    assertEquals(List.of(), server(TRUSTING, want).peerCertificates());
    assertEquals(List.of(), server(named, SMALL).peerCertificates());
    Throwable none = refusedByServer(TRUSTING, need);
    assertInstanceOf(SSLHandshakeException.class, none);
    assertSays(none, "the client has shown no certificate");
    // The client takes the authorities that the server names for a reason to show none.
    DtlsConfig stranger = TRUSTING.withIdentity(Identities.RSA.identity());
    assertEquals(List.of(), server(stranger, want).peerCertificates());
  }

  @Test
  void dtlsL13_aClientThatIsNotBelievedIsRefusedAlsoWhenItNeedNotShowAnything() {
    Identities imposter = Identities.of("EC", 2, Identities.HOST);
    DtlsConfig client = TRUSTING.withIdentity(imposter.identity());
    for (ClientAuth auth : List.of(ClientAuth.NEED, ClientAuth.WANT)) {
      // Its authority has the name of the right one, and another key.
      Throwable failure = refusedByServer(client, SMALL.withClientAuth(auth, OTHER.trust()));
      assertHas(failure, CertificateException.class);
    }
  }

  @Test
  void dtlsL13_rsaKeysServeBothSides() {
    Identities rsa = Identities.RSA;
    DtlsConfig client = DtlsConfig.DEFAULT.withTrust(rsa.trust()).withIdentity(rsa.identity());
    DtlsServerConfig server =
        DtlsServerConfig.of(rsa.identity()).withClientAuth(ClientAuth.NEED, rsa.trust());
    DtlsInfo info = server(client, server);
    assertEquals("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", info.cipherSuite());
    assertEquals(rsa.chain(), info.peerCertificates());
    assertEquals(rsa.chain(), info.localCertificates());
  }

  @Test
  void dtlsL13_aKeyStoreWithBothKindsOfKeysServesTheEcKeyFirst() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Identities each : List.of(Identities.RSA, Identities.SMALL)) {
      X509Certificate[] chain = each.chain().toArray(X509Certificate[]::new);
      store.setKeyEntry(each.key().getAlgorithm(), each.key(), new char[0], chain);
    }
    DtlsServerConfig server = DtlsServerConfig.of(TlsIdentity.of(store, new char[0]));
    DtlsInfo info = client(TRUSTING, Identities.HOST, server);
    assertEquals(Identities.SMALL.chain(), info.peerCertificates());
  }

  @Test
  void dtlsL13_theIdentityIsChosenByTheNameThatTheClientAsksFor() {
    DtlsServerConfig server =
        DtlsServerConfig.choosing(
            name ->
                switch (String.valueOf(name)) {
                  case "server.test" -> Identities.SMALL.identity();
                  case "broken.test" -> throw new IllegalStateException("the test says so");
                  default -> null;
                });
    client(TRUSTING, "Server.Test", server);
    DtlsConfig lax = TRUSTING.dangerouslyWithoutHostnameCheck();
    Throwable unknown = refusedByServer(lax, "other.test", server, "unrecognized_name");
    assertSays(unknown, "no server is chosen for the name \"other.test\"");
    Throwable none = refusedByServer(lax, null, server, "unrecognized_name");
    assertSays(none, "the ClientHello has no server name (SNI)");
    Throwable broken = refusedByServer(lax, "broken.test", server, "internal_error");
    assertSays(broken, "choosing an identity has failed");
  }

  @Test
  void dtlsL13_theServerChoosesAmongTheApplicationProtocolsInItsOwnOrder() {
    DtlsConfig client = TRUSTING.withAlpn("coap", "b/2", "ä");
    assertEquals("ä", client(client, Identities.HOST, SMALL.withAlpn("ä", "coap")).alpn());
    assertEquals("b/2", server(client, SMALL.withAlpn("x", "b/2", "coap")).alpn());
    assertNull(client(client, Identities.HOST, SMALL).alpn());
    assertNull(client(TRUSTING, Identities.HOST, SMALL.withAlpn("coap")).alpn());
    refusedByServer(client, Identities.HOST, SMALL.withAlpn("x"), "no_application_protocol");
  }

  @Test
  void dtlsL13_anIdentityWithoutAnEcOrRsaKeyIsAClearError() throws Exception {
    KeyPair keys = TestCertificates.keys("Ed25519");
    TlsIdentity none =
        TlsIdentity.of(keys.getPrivate(), TestCertificates.of(keys, "Ed25519", "CN=none"));
    Throwable failure =
        refusedByServer(TRUSTING, Identities.HOST, DtlsServerConfig.of(none), "handshake_failure");
    assertSays(failure, "has neither an EC nor an RSA key");
  }

  @Test
  void dtlsI5_aSealedFatalAlertEndsTheSessionWithItsName() {
    TlsAlertException alert = new TlsAlertException("internal_error", new SSLException("80"));
    DtlsSession session =
        DtlsSession.client(new DoneAtOnce(new Alerting(alert)), MachineLan.SETTINGS);
    session.start(0);
    assertEquals(State.ESTABLISHED, session.state());
    byte[] sealed = new byte[40];
    byte[] header = {21, (byte) 0xFE, (byte) 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, 27};
    System.arraycopy(header, 0, sealed, 0, header.length);
    session.receive(ByteBuffer.wrap(sealed), 0);
    assertEquals(State.FAILED, session.state());
    assertEquals(alert, session.failure());
    assertThrows(IllegalStateException.class, () -> session.send(new byte[] {1}));
  }

  /** An engine whose handshake is over before it has begun. */
  private record DoneAtOnce(RecordProtection keys) implements HandshakeEngine {
    @Override
    public void start() {}

    @Override
    public void feed(byte[] bytes) {}

    @Override
    public Step poll() {
      return new Step(List.of(), keys, null);
    }

    @Override
    public void abort() {}
  }

  /** Keys that open every record to an alert. */
  private record Alerting(TlsAlertException alert) implements RecordProtection {
    @Override
    public Opened open(DtlsRecord opened) {
      return new Opened(Content.FATAL_ALERT, null, alert);
    }

    @Override
    public byte[] seal(byte[] data) {
      throw new AssertionError();
    }

    @Override
    public byte[] closeNotify() {
      throw new AssertionError();
    }

    @Override
    public DtlsInfo info() {
      throw new AssertionError();
    }

    @Override
    public int cleartextBytes(int datagramBytes) {
      throw new AssertionError();
    }
  }

  @Test
  void dtlsL14_aCloseMayBeSilentAndNothingCanBeSentAfterIt() {
    for (boolean isSaid : new boolean[] {true, false}) {
      try (LossyPair pair = new LossyPair(GOOD, 1)) {
        pair.handshake();
        pair.settle();
        pair.client.close(isSaid);
        assertThrows(IllegalStateException.class, () -> pair.client.send(new byte[] {1}));
        int before = pair.datagrams;
        pair.pump();
        assertEquals(isSaid ? 1 : 0, pair.datagrams - before);
        pair.settle();
        assertEquals(isSaid ? State.PEER_CLOSED : State.ESTABLISHED, pair.server().state());
      }
    }
  }

  @Test
  void withoutBouncyCastleMakingEnginesSaysWhatToAdd() throws Exception {
    URL core = DtlsEngines.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader alone = new URLClassLoader(new URL[] {core}, null)) {
      Class<?> engines = alone.loadClass(DtlsEngines.class.getName());
      Throwable thrown =
          assertThrows(
                  InvocationTargetException.class,
                  () -> engines.getConstructors()[0].newInstance(null, null))
              .getCause();
      assertInstanceOf(IllegalStateException.class, thrown);
      assertSays(thrown, "org.bouncycastle:bctls-jdk18on");
    }
  }

  private static DtlsInfo client(
      DtlsConfig client, @Nullable String name, DtlsServerConfig server) {
    try (LossyPair pair = pair(client, name, server)) {
      pair.handshake();
      return info(pair.client);
    }
  }

  private static DtlsInfo server(DtlsConfig client, DtlsServerConfig server) {
    try (LossyPair pair = pair(client, Identities.HOST, server)) {
      pair.handshake();
      return info(pair.server());
    }
  }

  /** The failure of a client that has ended at once, and told the server so once. */
  private static Throwable refusedByClient(
      DtlsConfig client, @Nullable String name, DtlsServerConfig server, String alert) {
    try (LossyPair pair = pair(client, name, server)) {
      return refused(pair, false, alert);
    }
  }

  private static Throwable refusedByServer(DtlsConfig client, DtlsServerConfig server) {
    try (LossyPair pair = pair(client, Identities.HOST, server)) {
      return refused(pair, true, null);
    }
  }

  private static Throwable refusedByServer(
      DtlsConfig client, @Nullable String name, DtlsServerConfig server, String alert) {
    try (LossyPair pair = pair(client, name, server)) {
      return refused(pair, true, alert);
    }
  }

  private static Throwable refused(LossyPair pair, boolean isServer, @Nullable String alert) {
    List<String> alerts = new ArrayList<>();
    pair.attacker =
        sent -> {
          if (sent.get(0)[0] == 21) {
            alerts.add(TlsAlert.nameOf(sent.get(0)[14]));
          }
          return sent;
        };
    pair.start();
    long begin = pair.nowNanos;
    while (isServer
        ? pair.server == null || pair.server.state() == State.HANDSHAKING
        : pair.client.state() == State.HANDSHAKING) {
      assertTrue(pair.step());
    }
    DtlsSession ended = isServer ? pair.server() : pair.client;
    assertEquals(State.FAILED, ended.state());
    // DTLS-L2, DTLS-D10: before any timeout.
    assertTrue(pair.nowNanos - begin < 1_000_000_000L);
    assertEquals(1, alerts.size());
    if (alert != null) {
      assertEquals(alert, alerts.get(0));
    }
    Throwable failure = ended.failure();
    assertNotNull(failure);
    assertInstanceOf(SSLException.class, failure);
    return failure;
  }

  private static LossyPair pair(DtlsConfig client, @Nullable String name, DtlsServerConfig server) {
    LossyPair pair = new LossyPair(GOOD, 1);
    pair.clientConfig = client;
    pair.serverConfig = server;
    pair.serverName = name;
    pair.restart();
    return pair;
  }

  private static DtlsInfo info(DtlsSession session) {
    DtlsInfo info = session.info();
    if (info == null) {
      throw new AssertionError("no facts in " + session.state());
    }
    return info;
  }

  private static void assertSays(Throwable failure, String words) {
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(words), message);
  }

  private static void assertHas(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (type.isInstance(e)) {
        return;
      }
    }
    throw new AssertionError("no " + type, failure);
  }
}
