package dev.tercet.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which of several keys of a store a server uses, by what the client says. */
class NamedKeyManagerTest {
  private static final char[] PASSWORD = "secret".toCharArray();

  /** A key with its certificate. */
  private record Entry(KeyPair keys, X509Certificate certificate) {
    static Entry valid(String algorithm, String host) {
      Instant now = Instant.now();
      return of(algorithm, host, now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)));
    }

    static Entry expired(String algorithm, String host) {
      return of(algorithm, host, TestCertificates.FIRST, TestCertificates.LAST);
    }

    private static Entry of(String algorithm, String host, Instant first, Instant last) {
      KeyPair keys = TestCertificates.keys(algorithm);
      String signature =
          switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm;
          };
      return new Entry(
          keys,
          TestCertificates.between(
              keys, signature, "CN=" + host, first, last, new GeneralName(2, host)));
    }
  }

  private static TlsIdentity identity(Entry... entries) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < entries.length; i++) {
      store.setKeyEntry(
          "key " + i,
          entries[i].keys.getPrivate(),
          PASSWORD,
          new X509Certificate[] {entries[i].certificate});
    }
    return TlsIdentity.of(store, PASSWORD);
  }

  /** A client that asks for a name, null for none, and does not know these kinds of signatures. */
  private static X509Certificate served(
      TlsIdentity server, @Nullable String name, String... unknown) throws Exception {
    SSLEngine client =
        TlsConfig.DEFAULT
            .dangerouslyTrustAnything()
            .engineFactory()
            .create(TlsRole.CLIENT, null, 0);
    client.setUseClientMode(true);
    SSLParameters parameters = client.getSSLParameters();
    parameters.setServerNames(name == null ? List.of() : List.of(new SNIHostName(name)));
    parameters.setAlgorithmConstraints(new Without(List.of(unknown)));
    client.setSSLParameters(parameters);
    SSLEngine engine = TlsServerConfig.of(server).engineFactory().create(TlsRole.SERVER, null, 0);
    engine.setUseClientMode(false);
    ByteBuffer toServer = ByteBuffer.allocate(100_000);
    ByteBuffer toClient = ByteBuffer.allocate(100_000);
    for (int i = 0; i < 50; i++) {
      TlsConfigTest.step(client, toClient, toServer);
      TlsConfigTest.step(engine, toServer, toClient);
    }
    return (X509Certificate) client.getSession().getPeerCertificates()[0];
  }

  /** Permits all but some kinds of signatures. */
  private record Without(List<String> kinds) implements AlgorithmConstraints {
    private boolean permits(String algorithm) {
      String upper = algorithm.toUpperCase(Locale.ROOT);
      for (String kind : kinds) {
        if (upper.contains(kind)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives,
        String algorithm,
        @Nullable AlgorithmParameters parameters) {
      return permits(algorithm);
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
      return true;
    }

    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives,
        String algorithm,
        Key key,
        @Nullable AlgorithmParameters parameters) {
      return permits(algorithm);
    }
  }

  @Test
  @DisplayName("TLS-T4 the name counts across kinds of keys, in any order and any case")
  void acrossKinds() throws Exception {
    Entry ec = Entry.valid("EC", "ec.test");
    Entry rsa = Entry.valid("RSA", "rsa.test");
    Entry edwards = Entry.valid("Ed25519", "edwards.test");
    for (TlsIdentity server : List.of(identity(ec, rsa, edwards), identity(edwards, rsa, ec))) {
      assertEquals(ec.certificate, served(server, "ec.test"));
      assertEquals(rsa.certificate, served(server, "RSA.test"));
      assertEquals(edwards.certificate, served(server, "edwards.test"));
    }
  }

  @Test
  @DisplayName("TLS-T4 a certificate for another name is better than one out of its time")
  void byValidity() throws Exception {
    Entry expired = Entry.expired("EC", "a.test");
    Entry other = Entry.valid("RSA", "b.test");
    for (TlsIdentity server : List.of(identity(expired, other), identity(other, expired))) {
      assertEquals(other.certificate, served(server, "a.test"));
      assertEquals(other.certificate, served(server, null));
    }
  }

  @Test
  @DisplayName("TLS-T4 a key whose signatures the client cannot verify does not count")
  void unknownKinds() throws Exception {
    Entry ec = Entry.valid("EC", "ec.test");
    Entry rsa = Entry.valid("RSA", "rsa.test");
    Entry edwards = Entry.valid("Ed25519", "edwards.test");
    TlsIdentity server = identity(ec, rsa);
    assertEquals(ec.certificate, served(server, "rsa.test", "RSA"));
    assertEquals(rsa.certificate, served(server, "ec.test", "ECDSA"));
    assertEquals(ec.certificate, served(identity(ec, edwards), "edwards.test", "ED"));
  }

  /** Answers with what it was asked, so that a call that was not passed on shows. */
  private static final class Below extends X509ExtendedKeyManager {
    private final X509Certificate[] chain;
    private final PrivateKey key;
    private final List<@Nullable Object> asked = new ArrayList<>();

    Below(Entry entry) {
      this.chain = new X509Certificate[] {entry.certificate};
      this.key = entry.keys.getPrivate();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      asked.add(issuers);
      return type.equals("none") ? null : "engine server " + type;
    }

    @Override
    public String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      asked.add(issuers);
      return "engine client " + types[0];
    }

    @Override
    public String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      asked.add(issuers);
      return "server " + type;
    }

    @Override
    public String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      asked.add(issuers);
      return "client " + types[0];
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      asked.add(issuers);
      return new String[] {"servers " + type};
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      asked.add(issuers);
      return new String[] {"clients " + type};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return alias.equals("unknown") ? null : chain;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }

  @Test
  @DisplayName("TLS-T4 whatever is no choice of a server in a handshake is the manager's below")
  void passedOn() throws Exception {
    Entry entry = Entry.valid("EC", "ec.test");
    Below below = new Below(entry);
    Entry better = Entry.valid("RSA", "rsa.test");
    NamedKeyManager manager =
        new NamedKeyManager(below, List.of(entry.certificate, better.certificate));
    Principal[] issuers = {};
    String[] types = {"EC"};
    assertEquals("engine server EC", manager.chooseEngineServerAlias("EC", issuers, null));
    assertNull(manager.chooseEngineServerAlias("none", issuers, null));
    SSLEngine idle = TlsConfig.DEFAULT.engineFactory().create(TlsRole.CLIENT, "rsa.test", 0);
    assertEquals("engine server EC", manager.chooseEngineServerAlias("EC", issuers, idle));
    assertNull(manager.chooseEngineServerAlias("none", issuers, idle));
    assertEquals("engine client EC", manager.chooseEngineClientAlias(types, issuers, null));
    assertEquals("server EC", manager.chooseServerAlias("EC", issuers, null));
    assertEquals("client EC", manager.chooseClientAlias(types, issuers, null));
    assertArrayEquals(new String[] {"servers EC"}, manager.getServerAliases("EC", issuers));
    assertArrayEquals(new String[] {"clients EC"}, manager.getClientAliases("EC", issuers));
    assertSame(below.chain, manager.getCertificateChain("x"));
    assertSame(below.key, manager.getPrivateKey("x"));
    for (Object each : below.asked) {
      assertSame(issuers, each);
    }
  }

  @Test
  @DisplayName("TLS-T4 of several keys of one kind the one for the name is used, in any order")
  void withinKind() throws Exception {
    Entry a = Entry.valid("EC", "a.test");
    Entry b = Entry.valid("EC", "b.test");
    for (TlsIdentity server : List.of(identity(a, b), identity(b, a))) {
      assertEquals(a.certificate, served(server, "a.test"));
      assertEquals(b.certificate, served(server, "b.test"));
    }
  }
}
