package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.certificates.TestKeyType;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTrust;
import dev.tercet.tls.TlsVersion;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which certificate is shown, and to whom. */
@Timeout(60)
class TlsIdentitiesTest {
  private static final char[] PASSWORD = "secret".toCharArray();
  private static final TestCa CA = TlsPairs.CA;

  private static KeyStore store(TestIdentity... identities) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < identities.length; i++) {
      store.setKeyEntry(
          "key " + i,
          identities[i].key(),
          PASSWORD,
          identities[i].chain().toArray(Certificate[]::new));
    }
    return store;
  }

  /** What the client sees of a server. */
  private static TlsInfo seen(KeyStore store, String name, TlsConfig client) throws Exception {
    TlsServerConfig server = TlsServerConfig.of(TlsIdentity.of(store, PASSWORD));
    var transports = MemoryStreams.pair();
    var pair =
        new Pair<>(
            TlsStream.wrapClient(transports.left(), name, client),
            TlsStream.wrapServer(transports.right(), server));
    TlsInfo info = TlsPairs.handshaken(pair).left().info();
    pair.left().closeForcefully();
    pair.right().closeForcefully();
    return info;
  }

  private static void assertServed(
      TestIdentity expected, KeyStore store, String name, TlsVersion version) throws Exception {
    TlsConfig client = TlsPairs.stranger().withVersions(version);
    assertEquals(expected.chain(), seen(store, name, client).peerCertificates(), name);
  }

  @ParameterizedTest
  @EnumSource(TlsVersion.class)
  @DisplayName("TLS-T4 of several keys in a store the one for the client's name is used")
  void byName(TlsVersion version) throws Exception {
    TestIdentity[] all = {
      CA.leaf("a.test").issue(), CA.leaf("b.test").issue(), CA.leaf("*.c.test").issue()
    };
    KeyStore store = store(all);
    assertServed(all[0], store, "a.test", version);
    assertServed(all[1], store, "b.test", version);
    assertServed(all[2], store, "x.c.test", version);
  }

  @ParameterizedTest
  @EnumSource(TlsVersion.class)
  @DisplayName("TLS-T4 the name counts across kinds of keys, whichever comes first")
  void acrossKinds(TlsVersion version) throws Exception {
    TestIdentity ec = CA.leaf("ec.test").issue();
    TestIdentity rsa = CA.leaf("rsa.test").withKeyType(TestKeyType.RSA).issue();
    for (KeyStore store : List.of(store(ec, rsa), store(rsa, ec))) {
      assertServed(ec, store, "ec.test", version);
      assertServed(rsa, store, "rsa.test", version);
    }
  }

  @ParameterizedTest
  @EnumSource(TlsVersion.class)
  @DisplayName("TLS-T4 an expired certificate is not used while there is one that is valid")
  void byValidity(TlsVersion version) throws Exception {
    Instant now = Instant.now();
    TestIdentity expired =
        CA.leaf("a.test")
            .withValidity(now.minus(Duration.ofDays(90)), now.minus(Duration.ofDays(1)))
            .issue();
    TestIdentity future =
        CA.leaf("a.test")
            .withValidity(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(90)))
            .issue();
    TestIdentity renewed = CA.leaf("a.test").issue();
    TestIdentity rsa = CA.leaf("a.test").withKeyType(TestKeyType.RSA).issue();
    for (KeyStore store :
        List.of(store(expired, renewed), store(renewed, expired), store(future, renewed))) {
      assertServed(renewed, store, "a.test", version);
    }
    assertServed(rsa, store(expired, rsa), "a.test", version);
  }

  @Test
  @DisplayName("TLS-T4 where no key fits there is a certificate all the same")
  void noneFits() throws Exception {
    KeyStore store = store(CA.leaf("a.test").issue(), CA.leaf("b.test").issue());
    TlsConfig unchecked = TlsPairs.stranger().dangerouslyWithoutHostnameCheck();
    assertEquals(1, seen(store, "other.test", unchecked).peerCertificates().size());
  }

  private static List<X509Certificate> shown(TlsVersion version, TlsTrust trust, TlsIdentity client)
      throws Exception {
    TlsServerConfig server =
        TlsPairs.SERVER.withClientAuth(ClientAuth.NEED, trust).withVersions(version);
    var pair =
        TlsPairs.wrap(MemoryStreams.pair(), TlsPairs.stranger().withIdentity(client), server);
    InThread shaking = InThread.start(() -> pair.left().doHandshake());
    try {
      pair.right().doHandshake();
      return pair.right().info().peerCertificates();
    } finally {
      pair.right().closeForcefully();
      shaking.outcome();
    }
  }

  @ParameterizedTest
  @EnumSource(TlsVersion.class)
  @DisplayName("TLS-T5 a client whose certificate is trusted for itself is let in, nobody else")
  void pinnedClient(TlsVersion version) throws Exception {
    TestIdentity client = TestCa.create("of clients").leaf("client.test").issue();
    X509Certificate pinned = client.chain().get(0);
    for (TlsTrust trust : List.of(TlsTrust.of(pinned), TlsTrust.of(CA.certificate(), pinned))) {
      assertEquals(client.chain(), shown(version, trust, client.identity()));
    }
    TestIdentity other = TestCa.create("of others").leaf("client.test").issue();
    assertThrows(
        BrokenResourceException.class, () -> shown(version, TlsTrust.of(pinned), other.identity()));
  }
}
