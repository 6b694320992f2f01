package dev.tercet.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a client's configuration says, what its copies keep, and what weakens it. */
class TlsConfigTest {
  private static final EngineConfigurer CONFIGURER = (engine, parameters) -> {};
  private static final TlsConfig SET =
      TlsConfig.DEFAULT
          .withTrust(PemFixtures.trust())
          .withIdentity(PemFixtures.identity())
          .withAlpn("h2", "http/1.1")
          .withVersions(TlsVersion.TLS_1_3)
          .withHttpsCompatible(true)
          .withHandshakeTimeout(Duration.ofSeconds(7))
          .withCloseNotifyReadTimeout(Duration.ofSeconds(3))
          .withConfigurer(CONFIGURER);

  private static void assertOptionsKept(TlsConfig config) {
    assertEquals(List.of("h2", "http/1.1"), config.alpn());
    assertEquals(Set.of(TlsVersion.TLS_1_3), config.versions());
    assertTrue(config.httpsCompatible());
    assertEquals(Duration.ofSeconds(7), config.handshakeTimeout());
    assertEquals(Duration.ofSeconds(3), config.closeNotifyReadTimeout());
    assertSame(CONFIGURER, config.configurer());
  }

  @Test
  @DisplayName("TLS-M6 TLS-A3 the default checks names, is strict, and gives a handshake 30 s")
  void defaults() {
    TlsConfig config = TlsConfig.DEFAULT;
    assertTrue(config.checksHostname());
    assertFalse(config.httpsCompatible());
    assertEquals(List.of(), config.alpn());
    assertEquals(EnumSet.allOf(TlsVersion.class), config.versions());
    assertEquals(Duration.ofSeconds(30), config.handshakeTimeout());
    assertEquals(Duration.ZERO, config.closeNotifyReadTimeout());
    assertNull(config.configurer());
    assertEquals("TlsConfig(TlsTrust(system), versions=[TLSv1.2, TLSv1.3])", config.toString());
  }

  @Test
  @DisplayName("TLS-A6 every copy keeps what it does not change")
  void copies() {
    assertOptionsKept(SET);
    assertTrue(SET.checksHostname());
    assertOptionsKept(SET.withTrust(TlsTrust.system()));
    assertOptionsKept(SET.withIdentity(null));
    assertOptionsKept(SET.dangerouslyTrustAnything());
    assertOptionsKept(SET.dangerouslyWithoutHostnameCheck());
    assertEquals(
        "TlsConfig(TlsTrust(1 certificates), TlsIdentity(CN=ec), versions=[TLSv1.3],"
            + " alpn=[h2, http/1.1], httpsCompatible)",
        SET.toString());
    assertFalse(SET.withIdentity(null).toString().contains("CN=ec"));
    assertTrue(SET.withTrust(TlsTrust.system()).toString().contains("TlsIdentity(CN=ec)"));
    assertTrue(SET.dangerouslyTrustAnything().toString().contains("TlsIdentity(CN=ec)"));
    assertTrue(SET.withIdentity(null).toString().contains("TlsTrust(1 certificates)"));
  }

  @Test
  @DisplayName("TLS-M6 what is dangerous says so, and only it switches a check off")
  void dangerous() {
    TlsConfig nameless = SET.dangerouslyWithoutHostnameCheck();
    assertFalse(nameless.checksHostname());
    assertTrue(nameless.toString().endsWith(", DANGEROUS: NO_NAME)"), nameless.toString());
    TlsConfig anything = SET.dangerouslyTrustAnything();
    assertFalse(anything.checksHostname());
    assertTrue(anything.toString().contains("TlsTrust(anything)"), anything.toString());
    assertTrue(anything.toString().endsWith(", DANGEROUS: NOTHING)"), anything.toString());
    TlsConfig both = anything.dangerouslyWithoutHostnameCheck();
    assertTrue(both.toString().endsWith(", DANGEROUS: NOTHING)"), both.toString());
  }

  @Test
  @DisplayName("TLS-M6 trust that is given after anything was believed checks everything again")
  void trustAfterAnything() {
    TlsConfig again = SET.dangerouslyTrustAnything().withTrust(PemFixtures.trust());
    assertTrue(again.checksHostname());
    assertTrue(again.toString().contains("TlsTrust(1 certificates)"), again.toString());
    assertFalse(again.toString().contains("DANGEROUS"), again.toString());
    // Who has switched off the check of the name, and nothing else, has not asked for it now.
    TlsConfig nameless = SET.dangerouslyWithoutHostnameCheck().withTrust(PemFixtures.trust());
    assertFalse(nameless.checksHostname());
    TlsConfig nobody = SET.dangerouslyTrustAnything().withIdentity(null);
    assertFalse(nobody.checksHostname());
    assertTrue(nobody.toString().contains("TlsTrust(anything)"), nobody.toString());
  }

  @Test
  @DisplayName("TLS-S3 TLS-S5 copies share engines and sessions if they ask the same of the server")
  void engines() {
    for (TlsConfig copy :
        List.of(
            SET.withAlpn("x"),
            SET.withHttpsCompatible(false),
            SET.withHandshakeTimeout(null),
            SET.withCloseNotifyReadTimeout(Duration.ZERO),
            SET.withVersions(TlsVersion.TLS_1_3),
            SET.withConfigurer(CONFIGURER))) {
      assertSame(SET.engineFactory(), copy.engineFactory());
    }
    assertNotSame(SET.engineFactory(), SET.dangerouslyWithoutHostnameCheck().engineFactory());
    assertNotSame(SET.engineFactory(), SET.withVersions(TlsVersion.TLS_1_2).engineFactory());
    assertNotSame(SET.engineFactory(), SET.withConfigurer(null).engineFactory());
    assertNotSame(SET.engineFactory(), SET.withTrust(TlsTrust.system()).engineFactory());
    assertNotSame(SET.engineFactory(), SET.withIdentity(null).engineFactory());
    assertNotSame(SET.engineFactory(), SET.dangerouslyTrustAnything().engineFactory());
  }

  @Test
  @DisplayName("TLS-S5 clients of one context find their sessions by what they ask of the server")
  void sessionsOfOneContext() throws Exception {
    TlsConfig strict = TlsConfig.of(fresh());
    assertEquals(port(strict), port(strict.withAlpn("x")));
    TlsConfig nameless = strict.dangerouslyWithoutHostnameCheck();
    assertNotEquals(port(strict), port(nameless));
    assertNotEquals(port(strict), port(strict.withVersions(TlsVersion.TLS_1_3)));
    assertNotEquals(port(nameless), port(strict.dangerouslyWithoutHostnameCheck()));
    TlsServerConfig server = TlsServerConfig.of(fresh());
    assertSame(server.engineFactory(), server.withAlpn("x").engineFactory());
    assertNotSame(server.engineFactory(), server.withClientAuth(ClientAuth.NEED).engineFactory());
    TlsServerConfig own = TlsServerConfig.of(PemFixtures.identity());
    TlsServerConfig need = own.withClientAuth(ClientAuth.NEED, PemFixtures.trust());
    assertNotSame(own.engineFactory(), need.engineFactory());
    assertNotSame(need.engineFactory(), need.withClientAuth(ClientAuth.NONE).engineFactory());
    TlsEngineFactory custom =
        (role, host, port) -> {
          throw new AssertionError(host);
        };
    assertSame(custom, TlsConfig.of(custom).dangerouslyWithoutHostnameCheck().engineFactory());
  }

  private static int port(TlsConfig config) {
    return config.engineFactory().create(TlsRole.CLIENT, "server.test", 0).getPeerPort();
  }

  @Test
  @DisplayName("TLS-A4 engines that were given bring trust and identity, which cannot be changed")
  void engineGiven() throws Exception {
    SSLContext context = fresh();
    TlsConfig given = TlsConfig.of((role, host, port) -> context.createSSLEngine());
    for (TlsConfig config : List.of(given, given.withAlpn("h2"), TlsConfig.of(fresh()))) {
      assertTrue(config.checksHostname());
      assertTrue(config.toString().startsWith("TlsConfig(engines given, "), config.toString());
      String trust =
          message(
              assertThrows(IllegalStateException.class, () -> config.withTrust(TlsTrust.system())));
      assertTrue(trust.startsWith("the trust of"), trust);
      String identity =
          message(assertThrows(IllegalStateException.class, () -> config.withIdentity(null)));
      assertTrue(identity.startsWith("the identity of"), identity);
      assertThrows(IllegalStateException.class, config::dangerouslyTrustAnything);
    }
  }

  private static SSLContext fresh() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    return context;
  }

  @Test
  @DisplayName("a limit that is none is refused")
  void limits() {
    TlsConfig config = TlsConfig.DEFAULT;
    assertEquals(
        Duration.ZERO, SET.withCloseNotifyReadTimeout(Duration.ZERO).closeNotifyReadTimeout());
    Duration less = Duration.ofNanos(-1);
    assertThrows(IllegalArgumentException.class, () -> config.withCloseNotifyReadTimeout(less));
    assertThrows(IllegalArgumentException.class, () -> config.withHandshakeTimeout(less));
    assertThrows(IllegalArgumentException.class, () -> config.withHandshakeTimeout(Duration.ZERO));
    assertNull(SET.withHandshakeTimeout(null).handshakeTimeout());
    assertThrows(IllegalArgumentException.class, config::withVersions);
    assertThrows(IllegalArgumentException.class, () -> config.withAlpn(""));
  }

  /** Shows one identity to everybody, and keeps what authorities it was told. */
  private static final class AnyIdentity extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager below = PemFixtures.identity().keyManager();
    private final List<Principal> issuers = new ArrayList<>();
    private int asked;

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      asked++;
      if (issuers != null) {
        this.issuers.addAll(Arrays.asList(issuers));
      }
      for (String type : types) {
        String[] aliases = below.getClientAliases(type, null);
        if (aliases != null && aliases.length > 0) {
          return aliases[0];
        }
      }
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return below.getClientAliases(type, null);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      throw new AssertionError("there is no socket");
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return below.getServerAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      throw new AssertionError("there is no socket");
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return below.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return below.getPrivateKey(alias);
    }
  }

  /** Whether a client with an identity gets through to a server that insists on one. */
  private static boolean isBelieved(TlsServerConfig server, AnyIdentity identity)
      throws SSLException {
    SSLEngine client =
        TlsConfig.DEFAULT
            .withTrust(PemFixtures.trust())
            .withIdentity(TlsIdentity.of(identity))
            .engineFactory()
            .create(TlsRole.CLIENT, "server.test", 0);
    SSLEngine engine = server.engineFactory().create(TlsRole.SERVER, null, 0);
    client.setUseClientMode(true);
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    ByteBuffer toServer = ByteBuffer.allocate(100_000);
    ByteBuffer toClient = ByteBuffer.allocate(100_000);
    try {
      for (int i = 0; i < 50; i++) {
        step(client, toClient, toServer);
        step(engine, toServer, toClient);
      }
    } catch (SSLException e) {
      return false;
    }
    return engine.getSession().getPeerCertificates().length > 0;
  }

  /** Does what an engine wishes next. */
  static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> {
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
          task.run();
        }
      }
      case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
        in.flip();
        SSLEngineResult unused = engine.unwrap(in, ByteBuffer.allocate(20_000));
        in.compact();
      }
      default -> {
        SSLEngineResult unused = engine.wrap(ByteBuffer.allocate(0), out);
      }
    }
  }

  @Test
  @DisplayName("TLS-M4 a server that was given no trust believes nobody, not the system's")
  void noTrust() throws Exception {
    AnyIdentity identity = new AnyIdentity();
    assertFalse(isBelieved(TlsServerConfig.of(PemFixtures.identity()), identity));
    assertEquals(1, identity.asked);
    assertEquals(List.of(), identity.issuers, "the system's authorities were named");

    AnyIdentity believed = new AnyIdentity();
    TlsServerConfig trusting =
        TlsServerConfig.of(PemFixtures.identity())
            .withClientAuth(ClientAuth.NEED, PemFixtures.trust());
    assertTrue(isBelieved(trusting, believed));
    assertEquals(1, believed.issuers.size());
  }

  @Test
  @DisplayName("TLS-S3 the engines of one configuration are of one context, made once")
  void oneContext() {
    TlsEngineFactory factory = SET.engineFactory();
    SSLEngine first = factory.create(TlsRole.CLIENT, "a.test", 443);
    SSLEngine second = factory.create(TlsRole.CLIENT, "a.test", 443);
    assertNotSame(first, second);
    assertEquals("a.test", first.getPeerHost());
    assertEquals(443, first.getPeerPort());
    assertNull(factory.create(TlsRole.SERVER, null, 443).getPeerHost());
  }
}
