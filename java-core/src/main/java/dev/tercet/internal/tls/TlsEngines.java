package dev.tercet.internal.tls;

import dev.tercet.EngineConfigurer;
import dev.tercet.TlsConfig;
import dev.tercet.TlsEngineFactory;
import dev.tercet.TlsRole;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engine of one connection and sets what the configuration says. It fails closed: a
 * client that is to check a name and has none, or whose configurer has switched the check off, gets
 * no engine (spec TLS-A4, TLS-M6).
 */
public final class TlsEngines {
  /** No port: but the JDK keeps sessions only of servers whose port it has been told. */
  private static final int UNKNOWN_PORT = 0;

  private static final String CHECK_NAMES = "HTTPS";

  private TlsEngines() {}

  /**
   * The engine of a client.
   *
   * @param config how it speaks
   * @param name the server's; null for none
   * @return a fresh engine
   * @throws IllegalArgumentException when the name would have to be checked, and is not known
   */
  public static SSLEngine client(TlsConfig config, @Nullable ServerName name) {
    boolean checked = config.checksHostname();
    if (checked && name == null) {
      throw new IllegalArgumentException(
          "a client must say which server it expects: give the server's host name;"
              + " TlsConfig.dangerouslyWithoutHostnameCheck() switches the check off");
    }
    String host = name == null ? null : name.host();
    TlsEngineFactory factory = config.engineFactory();
    SSLEngine engine = factory.create(TlsRole.CLIENT, host, UNKNOWN_PORT);
    try {
      configureClient(engine, config, name);
      return engine;
    } catch (RuntimeException e) {
      factory.release(engine);
      throw e;
    }
  }

  private static void configureClient(
      SSLEngine engine, TlsConfig config, @Nullable ServerName name) {
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters(engine, config.versions(), config.alpn());
    SNIHostName sni = name == null ? null : name.sni();
    List<SNIServerName> names = sni == null ? List.of() : List.of(sni);
    parameters.setServerNames(names);
    String check = config.checksHostname() ? CHECK_NAMES : null;
    parameters.setEndpointIdentificationAlgorithm(check);
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
  }

  /**
   * The engine of a server.
   *
   * @param config how it speaks
   * @return a fresh engine
   */
  public static SSLEngine server(TlsServerConfig config) {
    TlsEngineFactory factory = config.engineFactory();
    SSLEngine engine = factory.create(TlsRole.SERVER, null, UNKNOWN_PORT);
    try {
      configureServer(engine, config);
      return engine;
    } catch (RuntimeException e) {
      factory.release(engine);
      throw e;
    }
  }

  private static void configureServer(SSLEngine engine, TlsServerConfig config) {
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters(engine, config.versions(), config.alpn());
    switch (config.clientAuth()) {
      case NONE -> parameters.setNeedClientAuth(false);
      case WANT -> parameters.setWantClientAuth(true);
      case NEED -> parameters.setNeedClientAuth(true);
    }
    // In the order of the server, who knows its own machine.
    parameters.setUseCipherSuitesOrder(true);
    configure(config.configurer(), engine, parameters);
    set(engine, parameters);
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
    Set<String> supported = Set.of(engine.getSupportedProtocols());
    List<String> protocols = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      if (versions.contains(version) && supported.contains(version.protocolName())) {
        protocols.add(0, version.protocolName());
      }
    }
    if (protocols.isEmpty()) {
      throw new IllegalArgumentException("the engine has none of " + versions);
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
