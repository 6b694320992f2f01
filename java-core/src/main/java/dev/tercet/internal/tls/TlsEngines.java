package dev.tercet.internal.tls;

import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.EngineConfigurer;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engine of one connection and sets what the configuration says. It fails closed: a
 * client that is to check a name and has none, or whose configurer has switched the check off, gets
 * no engine (spec TLS-A4, TLS-M6).
 *
 * <p>What the engine's factory has set is made stricter, never weaker (spec TLS-R-q): versions that
 * it has not enabled stay off, a check of the name and a demand for a certificate stay on, and what
 * the configuration knows nothing about, cipher suites for instance, is not touched.
 */
public final class TlsEngines {
  /** No port: but the JDK keeps sessions only of servers whose port it has been told. */
  private static final int UNKNOWN_PORT = 0;

  private static final String CHECK_NAMES = "HTTPS";

  /** What a factory may have set itself; the second is the stricter one. */
  private static final Set<String> NAME_RULES = Set.of(CHECK_NAMES, "LDAPS");

  private TlsEngines() {}

  /**
   * The engine of a client.
   *
   * @param name the server's; null for none
   * @return a fresh engine
   * @throws IllegalArgumentException when the name would have to be checked, and is not known
   */
  public static ConfiguredEngine client(TlsConfig config, @Nullable ServerName name) {
    boolean checked = config.checksHostname();
    if (checked && name == null) {
      throw new IllegalArgumentException(
          "a client verifies the name of its server: give the server's host name;"
              + " TlsConfig.dangerouslyWithoutHostnameCheck() switches the check off");
    }
    String host = name == null ? null : name.host();
    TlsEngineFactory factory = config.engineFactory();
    SSLEngine engine = factory.create(TlsRole.CLIENT, host, UNKNOWN_PORT);
    try {
      return configureClient(engine, config, name);
    } catch (RuntimeException e) {
      factory.release(engine);
      throw e;
    }
  }

  private static ConfiguredEngine configureClient(
      SSLEngine engine, TlsConfig config, @Nullable ServerName name) {
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters(engine, config.versions(), config.alpn());
    if (name != null) {
      parameters.setServerNames(name.sni() == null ? List.of() : List.of(name.sni()));
    }
    if (parameters.getServerNames() == null) {
      parameters.setServerNames(List.of());
    }
    List<SNIServerName> names = parameters.getServerNames();
    boolean checked = config.checksHostname();
    boolean isEnginesTask = checked && name != null && !name.isUnknownToTheJdk();
    if (isEnginesTask && !checksNames(parameters)) {
      parameters.setEndpointIdentificationAlgorithm(CHECK_NAMES);
    }
    // Also where the configuration asks for no check: the factory may have set one.
    String check = parameters.getEndpointIdentificationAlgorithm();
    configure(config.configurer(), engine, parameters);
    if (!Objects.equals(parameters.getEndpointIdentificationAlgorithm(), check)) {
      throw new IllegalArgumentException(
          "the configurer has changed the check of the host name; to switch it off,"
              + " use TlsConfig.dangerouslyWithoutHostnameCheck()");
    }
    if (!names.equals(parameters.getServerNames())) {
      throw new IllegalArgumentException(
          "the configurer has changed the server name that is sent; it must be the one that is"
              + " checked");
    }
    set(engine, parameters);
    boolean isChecked = isEnginesTask && isOfTheJdk(engine);
    return new ConfiguredEngine(
        engine,
        new SessionDemands(
            Set.of(parameters.getProtocols()), checked, checked && !isChecked ? name : null));
  }

  private static boolean checksNames(SSLParameters parameters) {
    String rule = parameters.getEndpointIdentificationAlgorithm();
    return rule != null && NAME_RULES.contains(rule.toUpperCase(Locale.ROOT));
  }

  /** The JDK's checks names by itself when the trust manager knows none; others may not. */
  private static boolean isOfTheJdk(SSLEngine engine) {
    return engine.getClass().getModule() == SSLEngine.class.getModule();
  }

  /**
   * The engine of a server.
   *
   * @return a fresh engine
   */
  public static ConfiguredEngine server(TlsServerConfig config) {
    TlsEngineFactory factory = config.engineFactory();
    SSLEngine engine = factory.create(TlsRole.SERVER, null, UNKNOWN_PORT);
    try {
      return configureServer(engine, config);
    } catch (RuntimeException e) {
      factory.release(engine);
      throw e;
    }
  }

  private static ConfiguredEngine configureServer(SSLEngine engine, TlsServerConfig config) {
    boolean needs = engine.getNeedClientAuth();
    boolean wants = engine.getWantClientAuth();
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters(engine, config.versions(), config.alpn());
    needs |= parameters.getNeedClientAuth() || config.clientAuth() == ClientAuth.NEED;
    wants |= parameters.getWantClientAuth() || config.clientAuth() == ClientAuth.WANT;
    // Each of the two setters overrides the other.
    if (needs) {
      parameters.setNeedClientAuth(true);
    } else if (wants) {
      parameters.setWantClientAuth(true);
    }
    // In the order of the server, who knows its own machine.
    parameters.setUseCipherSuitesOrder(true);
    configure(config.configurer(), engine, parameters);
    if (needs && !parameters.getNeedClientAuth()) {
      throw new IllegalArgumentException(
          "the configurer has switched off the demand for client certificates");
    }
    set(engine, parameters);
    return new ConfiguredEngine(
        engine,
        new SessionDemands(
            Set.of(parameters.getProtocols()), parameters.getNeedClientAuth(), null));
  }

  /** An engine may leave out what it does not know, without a word (spec TLS-R-o). */
  private static void set(SSLEngine engine, SSLParameters wanted) {
    engine.setSSLParameters(wanted);
    SSLParameters taken = engine.getSSLParameters();
    String check = wanted.getEndpointIdentificationAlgorithm();
    if (check != null && !check.equals(taken.getEndpointIdentificationAlgorithm())) {
      throw new IllegalArgumentException("this TLS engine does not check the name of the server");
    }
    if (wanted.getNeedClientAuth() && !taken.getNeedClientAuth()) {
      throw new IllegalArgumentException("this TLS engine cannot insist on client certificates");
    }
    String[] protocols = wanted.getApplicationProtocols();
    if (protocols.length > 0 && !Arrays.equals(protocols, taken.getApplicationProtocols())) {
      throw new IllegalArgumentException(
          "this TLS engine takes no application protocols from its parameters: give them to its"
              + " factory, and none to the configuration");
    }
  }

  private static SSLParameters parameters(
      SSLEngine engine, Set<TlsVersion> versions, List<String> alpn) {
    // Its factory, or the platform, may allow fewer than it can. Some do not say.
    Set<String> enabled = Set.of(engine.getEnabledProtocols());
    if (enabled.isEmpty()) {
      enabled = Set.of(engine.getSupportedProtocols());
    }
    List<String> protocols = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      if (versions.contains(version) && enabled.contains(version.protocolName())) {
        protocols.add(0, version.protocolName());
      }
    }
    if (protocols.isEmpty()) {
      throw new IllegalArgumentException(
          "the engine has enabled none of " + versions + ", but " + enabled);
    }
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(protocols.toArray(String[]::new));
    if (!alpn.isEmpty()) {
      parameters.setApplicationProtocols(alpn.toArray(String[]::new));
    }
    return parameters;
  }

  private static void configure(
      @Nullable EngineConfigurer configurer, SSLEngine engine, SSLParameters parameters) {
    if (configurer != null) {
      configurer.configure(engine, parameters);
    }
  }
}
