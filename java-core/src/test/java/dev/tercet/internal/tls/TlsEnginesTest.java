package dev.tercet.internal.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.EngineConfigurer;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an engine is told, and that none is handed out that was told something else. */
class TlsEnginesTest {
  private static final TlsConfig CLIENT = TlsConfig.DEFAULT.withTrust(PemFixtures.trust());
  private static final TlsServerConfig SERVER = TlsServerConfig.of(PemFixtures.identity());
  private static final ServerName NAME = ServerName.of("server.test");

  /** Engines of the JDK, with a list of those that came back. */
  private static final class Factory implements TlsEngineFactory {
    private final List<String> calls = new ArrayList<>();
    private final List<SSLEngine> made = new ArrayList<>();
    private final List<SSLEngine> released = new ArrayList<>();

    @Override
    public SSLEngine create(TlsRole role, @Nullable String host, int port) {
      calls.add(role + " " + host + " " + port);
      try {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        made.add(engine);
        return engine;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void release(SSLEngine engine) {
      released.add(engine);
    }
  }

  private static SSLParameters client(TlsConfig config, @Nullable ServerName name) {
    SSLEngine engine = TlsEngines.client(config, name).engine();
    assertTrue(engine.getUseClientMode());
    return engine.getSSLParameters();
  }

  private static SSLParameters server(TlsServerConfig config) {
    SSLEngine engine = TlsEngines.server(config).engine();
    assertFalse(engine.getUseClientMode());
    return engine.getSSLParameters();
  }

  @Test
  @DisplayName("TLS-M5 TLS-M6 a client sends the name that it checks, and an address to nobody")
  void names() {
    SSLParameters named = client(CLIENT, NAME);
    assertEquals("HTTPS", named.getEndpointIdentificationAlgorithm());
    assertEquals(List.of(new SNIHostName("server.test")), named.getServerNames());
    SSLParameters address = client(CLIENT, ServerName.of("192.0.2.7"));
    assertEquals("HTTPS", address.getEndpointIdentificationAlgorithm());
    assertEquals(List.of(), address.getServerNames());
  }

  @Test
  @DisplayName("TLS-M6 without the check a name is sent all the same, and none is needed")
  void unchecked() {
    TlsConfig config = CLIENT.dangerouslyWithoutHostnameCheck();
    SSLParameters named = client(config, NAME);
    assertNull(named.getEndpointIdentificationAlgorithm());
    assertEquals(List.of(new SNIHostName("server.test")), named.getServerNames());
    assertEquals(List.of(), client(config, null).getServerNames());
  }

  @Test
  @DisplayName("TLS-A4 a client that is to check a name and has none gets no engine")
  void nameless() {
    Factory factory = new Factory();
    String why =
        message(
            assertThrows(
                IllegalArgumentException.class,
                () -> TlsEngines.client(TlsConfig.of(factory), null).engine()));
    assertTrue(why.contains("dangerouslyWithoutHostnameCheck"), why);
    assertEquals(List.of(), factory.calls);
  }

  @Test
  @DisplayName("TLS-A2 a factory is told the role, and a client's the server's name")
  void factory() {
    Factory factory = new Factory();
    SSLEngine client = TlsEngines.client(TlsConfig.of(factory), NAME).engine();
    SSLEngine server = TlsEngines.server(TlsServerConfig.of(factory)).engine();
    assertEquals(List.of("CLIENT server.test 0", "SERVER null 0"), factory.calls);
    assertEquals(List.of(client, server), factory.made);
    assertEquals(List.of(), factory.released);
  }

  @Test
  @DisplayName("TLS-M5 a configurer that changes the check or the name gets no engine")
  void weakened() {
    EngineConfigurer unchecked =
        (engine, parameters) -> parameters.setEndpointIdentificationAlgorithm(null);
    assertRefused(unchecked, "has changed the check of the host name");
    EngineConfigurer other =
        (engine, parameters) -> parameters.setServerNames(List.of(new SNIHostName("other.test")));
    assertRefused(other, "has changed the server name that is sent");
    EngineConfigurer silent = (engine, parameters) -> parameters.setServerNames(List.of());
    assertRefused(silent, "has changed the server name that is sent");
  }

  private static void assertRefused(EngineConfigurer configurer, String why) {
    Factory factory = new Factory();
    TlsConfig config = TlsConfig.of(factory).withConfigurer(configurer);
    String told =
        message(
            assertThrows(
                IllegalArgumentException.class, () -> TlsEngines.client(config, NAME).engine()));
    assertTrue(told.contains(why), told);
    assertEquals(factory.made, factory.released);
    assertEquals(1, factory.released.size());
  }

  @Test
  @DisplayName("TLS-A7 what a configurer sets counts; a server's whose configurer fails goes back")
  void configured() {
    String[] suites = {"TLS_AES_256_GCM_SHA384"};
    EngineConfigurer chosen = (engine, parameters) -> parameters.setCipherSuites(suites);
    assertArrayEquals(suites, client(CLIENT.withConfigurer(chosen), NAME).getCipherSuites());
    assertArrayEquals(suites, server(SERVER.withConfigurer(chosen)).getCipherSuites());
    Factory factory = new Factory();
    IllegalStateException failure = new IllegalStateException("of the configurer");
    TlsServerConfig failing =
        TlsServerConfig.of(factory)
            .withConfigurer(
                (engine, parameters) -> {
                  throw failure;
                });
    assertSame(
        failure,
        assertThrows(IllegalStateException.class, () -> TlsEngines.server(failing).engine()));
    assertEquals(factory.made, factory.released);
    assertEquals(1, factory.released.size());
  }

  @Test
  @DisplayName("TLS-A2 TLS-R-o role and order of suites are set, whatever the factory has set")
  void setOnAnyEngine() {
    TlsEngineFactory odd =
        (role, host, port) -> {
          SSLEngine engine = new Factory().create(role, host, port);
          engine.setUseClientMode(role == TlsRole.SERVER);
          SSLParameters parameters = engine.getSSLParameters();
          parameters.setUseCipherSuitesOrder(false);
          engine.setSSLParameters(parameters);
          return engine;
        };
    assertTrue(server(TlsServerConfig.of(odd)).getUseCipherSuitesOrder());
    assertEquals("HTTPS", client(TlsConfig.of(odd), NAME).getEndpointIdentificationAlgorithm());
  }

  @Test
  @DisplayName("TLS-A6 versions are those of the configuration, the newest first")
  void versions() {
    assertArrayEquals(new String[] {"TLSv1.3", "TLSv1.2"}, client(CLIENT, NAME).getProtocols());
    assertArrayEquals(
        new String[] {"TLSv1.2"},
        client(CLIENT.withVersions(TlsVersion.TLS_1_2), NAME).getProtocols());
    assertArrayEquals(
        new String[] {"TLSv1.3"}, server(SERVER.withVersions(TlsVersion.TLS_1_3)).getProtocols());
  }

  @Test
  @DisplayName("TLS-A6 application protocols, the demand for a certificate, the server's order")
  void options() {
    String[] protocols = {"h2", "http/1.1"};
    assertArrayEquals(
        protocols, client(CLIENT.withAlpn(protocols), NAME).getApplicationProtocols());
    assertArrayEquals(protocols, server(SERVER.withAlpn(protocols)).getApplicationProtocols());
    assertEquals(0, client(CLIENT, NAME).getApplicationProtocols().length);
    SSLParameters nobody = server(SERVER);
    assertFalse(nobody.getNeedClientAuth());
    assertFalse(nobody.getWantClientAuth());
    assertTrue(nobody.getUseCipherSuitesOrder());
    SSLParameters want = server(SERVER.withClientAuth(ClientAuth.WANT, PemFixtures.trust()));
    assertTrue(want.getWantClientAuth());
    assertFalse(want.getNeedClientAuth());
    SSLParameters need = server(SERVER.withClientAuth(ClientAuth.NEED, PemFixtures.trust()));
    assertTrue(need.getNeedClientAuth());
  }

  /** A factory that sets something on each engine of the JDK. */
  private static TlsEngineFactory setting(Consumer<SSLParameters> setting) {
    return (role, host, port) -> {
      SSLEngine engine = new Factory().create(role, host, port);
      engine.setUseClientMode(role == TlsRole.CLIENT);
      SSLParameters parameters = engine.getSSLParameters();
      setting.accept(parameters);
      engine.setSSLParameters(parameters);
      return engine;
    };
  }

  @Test
  @DisplayName("TLS-R-q a factory's demand for client certificates stays, whatever is configured")
  void demandOfTheFactory() {
    TlsServerConfig need = TlsServerConfig.of(setting(p -> p.setNeedClientAuth(true)));
    for (ClientAuth configured : ClientAuth.values()) {
      assertTrue(server(need.withClientAuth(configured)).getNeedClientAuth(), "" + configured);
    }
    TlsServerConfig want = TlsServerConfig.of(setting(p -> p.setWantClientAuth(true)));
    assertTrue(server(want).getWantClientAuth());
    assertTrue(server(want.withClientAuth(ClientAuth.NEED)).getNeedClientAuth());
  }

  @Test
  @DisplayName("TLS-R-q a factory's versions are restricted further, and never widened")
  void versionsOfTheFactory() {
    for (TlsVersion only : TlsVersion.values()) {
      String[] protocols = {only.protocolName()};
      TlsEngineFactory factory = setting(p -> p.setProtocols(protocols));
      assertArrayEquals(protocols, client(TlsConfig.of(factory), NAME).getProtocols());
      assertArrayEquals(protocols, server(TlsServerConfig.of(factory)).getProtocols());
      TlsVersion other = only == TlsVersion.TLS_1_2 ? TlsVersion.TLS_1_3 : TlsVersion.TLS_1_2;
      TlsConfig none = TlsConfig.of(factory).withVersions(other);
      String why =
          message(
              assertThrows(
                  IllegalArgumentException.class, () -> TlsEngines.client(none, NAME).engine()));
      assertTrue(why.contains(only.protocolName()), why);
    }
  }

  @Test
  @DisplayName("TLS-R-q a factory's check of the name, its suites and its names stay")
  void checksOfTheFactory() {
    for (String rule : List.of("HTTPS", "LDAPS")) {
      TlsConfig config = TlsConfig.of(setting(p -> p.setEndpointIdentificationAlgorithm(rule)));
      for (TlsConfig each : List.of(config, config.dangerouslyWithoutHostnameCheck())) {
        assertEquals(rule, client(each, NAME).getEndpointIdentificationAlgorithm());
      }
    }
    String[] suites = {"TLS_AES_256_GCM_SHA384"};
    List<SNIServerName> sent = List.of(new SNIHostName("other.test"));
    TlsEngineFactory set =
        setting(
            p -> {
              p.setCipherSuites(suites);
              p.setServerNames(sent);
              p.setAlgorithmConstraints(CONSTRAINTS);
              p.setSNIMatchers(List.of(SNIHostName.createSNIMatcher("a")));
            });
    SSLParameters nameless = client(TlsConfig.of(set).dangerouslyWithoutHostnameCheck(), null);
    assertEquals(sent, nameless.getServerNames());
    assertArrayEquals(suites, nameless.getCipherSuites());
    assertArrayEquals(suites, server(TlsServerConfig.of(set)).getCipherSuites());
    assertEquals(1, server(TlsServerConfig.of(set)).getSNIMatchers().size());
    assertSame(CONSTRAINTS, nameless.getAlgorithmConstraints());
  }

  private static final AlgorithmConstraints CONSTRAINTS =
      new AlgorithmConstraints() {
        @Override
        public boolean permits(
            Set<CryptoPrimitive> primitives,
            String algorithm,
            @Nullable AlgorithmParameters parameters) {
          return true;
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
          return true;
        }
      };

  @Test
  @DisplayName("TLS-R-q a configurer cannot switch off a demand for client certificates")
  void demandSwitchedOff() {
    TlsServerConfig need =
        SERVER
            .withClientAuth(ClientAuth.NEED, PemFixtures.trust())
            .withConfigurer((engine, parameters) -> parameters.setWantClientAuth(true));
    String why =
        message(
            assertThrows(IllegalArgumentException.class, () -> TlsEngines.server(need).engine()));
    assertTrue(why.contains("switched off the demand"), why);
  }

  private static SessionDemands demands(TlsConfig config, @Nullable ServerName name) {
    return (SessionDemands) TlsEngines.client(config, name).demands();
  }

  @Test
  @DisplayName("TLS-R-p the name is looked for after the handshake, unless the JDK's engine does")
  void demands() throws Exception {
    Set<String> both = Set.of("TLSv1.2", "TLSv1.3");
    assertEquals(new SessionDemands(both, true, null), demands(CLIENT, NAME));
    ServerName odd = ServerName.of("a_b.test");
    assertEquals(new SessionDemands(both, true, odd), demands(CLIENT, odd));
    TlsConfig unchecked = CLIENT.dangerouslyWithoutHostnameCheck();
    for (ServerName name : new ServerName[] {NAME, odd}) {
      assertEquals(new SessionDemands(both, false, null), demands(unchecked, name));
    }
    SSLContext foreign =
        SSLContext.getInstance("TLS", new BouncyCastleJsseProvider(new BouncyCastleProvider()));
    foreign.init(null, null, null);
    TlsConfig other = TlsConfig.of(foreign);
    assertEquals(NAME, demands(other, NAME).host());
    assertNull(demands(other.dangerouslyWithoutHostnameCheck(), NAME).host());
  }
}
