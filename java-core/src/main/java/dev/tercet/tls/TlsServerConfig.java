package dev.tercet.tls;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The TLS configuration of a server. Immutable.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class TlsServerConfig {
  /** Longer than any honest handshake; peers that say nothing must not stay for ever. */
  private final @Nullable TlsIdentity identity;

  private final TlsEngineFactory engines;
  private final TlsOptions options;
  private final ClientAuth clientAuth;

  private TlsServerConfig(
      @Nullable TlsIdentity identity,
      TlsEngineFactory engines,
      TlsOptions options,
      ClientAuth clientAuth) {
    this.identity = identity;
    this.engines = engines;
    this.options = options;
    this.clientAuth = clientAuth;
  }

  /**
   * A server with an identity.
   *
   * @param identity the identity of the server
   * @return a configuration: TLS 1.2 and 1.3, the server requests no certificates, a handshake may
   *     take 30 seconds
   */
  public static TlsServerConfig of(TlsIdentity identity) {
    return new TlsServerConfig(
        identity, ContextEngines.of(identity, null), TlsOptions.DEFAULT, ClientAuth.NONE);
  }

  /**
   * A server whose identity and trust are those of a context.
   *
   * @param context initialized, with a key
   * @return a configuration, otherwise as {@link #of(TlsIdentity)}
   */
  public static TlsServerConfig of(SSLContext context) {
    return of(ContextEngines.of(context));
  }

  /**
   * A server with custom engines, which bring their identity and trust.
   *
   * @param engines called for each connection
   * @return a configuration, otherwise as {@link #of(TlsIdentity)}
   */
  public static TlsServerConfig of(TlsEngineFactory engines) {
    return new TlsServerConfig(null, engines, TlsOptions.DEFAULT, ClientAuth.NONE);
  }

  /**
   * Offers application protocols (RFC 7301). The JDK's engine rejects a client that offers some,
   * and none of these; one that offers none is accepted.
   *
   * @param protocols the preferred one first; none for no choice
   * @return a copy
   * @throws IllegalArgumentException when a name is empty or longer than 255 bytes
   */
  public TlsServerConfig withAlpn(String... protocols) {
    return with(options.withAlpn(List.of(protocols)));
  }

  /**
   * Requests a certificate of clients.
   *
   * @param clientAuth whether they must have one
   * @param trust the trusted authorities
   * @return a copy
   * @throws IllegalStateException when the configuration was made from a context or a factory,
   *     whose own trust counts: see {@link #withClientAuth(ClientAuth)}
   */
  public TlsServerConfig withClientAuth(ClientAuth clientAuth, TlsTrust trust) {
    if (identity == null) {
      throw new IllegalStateException(
          "the trust of this configuration is that of its SSLContext or engine factory");
    }
    return new TlsServerConfig(identity, ContextEngines.of(identity, trust), options, clientAuth);
  }

  /**
   * Requests a certificate of clients. The context or the factory of this configuration decides on
   * its trust.
   *
   * @param clientAuth whether they must have one
   * @return a copy
   * @throws IllegalStateException when the configuration was made from an identity without trust
   */
  public TlsServerConfig withClientAuth(ClientAuth clientAuth) {
    if (identity != null && clientAuth != ClientAuth.NONE) {
      throw new IllegalStateException("whose certificates? call withClientAuth(clientAuth, trust)");
    }
    return new TlsServerConfig(
        identity,
        clientAuth == this.clientAuth ? engines : ContextEngines.apart(engines),
        options,
        clientAuth);
  }

  /**
   * Restricts the versions.
   *
   * @param versions at least one
   * @return a copy
   * @throws IllegalArgumentException when there is none
   */
  public TlsServerConfig withVersions(TlsVersion... versions) {
    return with(options.withVersions(List.of(versions)));
  }

  /**
   * Accepts EOF without close_notify from clients, and sends none; see {@link
   * TlsConfig#withHttpsCompatible}.
   *
   * @param httpsCompatible false by default
   * @return a copy
   */
  public TlsServerConfig withHttpsCompatible(boolean httpsCompatible) {
    return with(options.withHttpsCompatible(httpsCompatible));
  }

  /**
   * Limits the time of the handshake. When it expires, the stream is Broken.
   *
   * @param timeout more than zero, 30 seconds by default; null for none
   * @return a copy
   * @throws IllegalArgumentException when it is zero or negative
   */
  public TlsServerConfig withHandshakeTimeout(@Nullable Duration timeout) {
    return with(options.withHandshakeTimeout(timeout));
  }

  /**
   * Changes each engine before its use.
   *
   * @param configurer null for nothing
   * @return a copy
   */
  public TlsServerConfig withConfigurer(@Nullable EngineConfigurer configurer) {
    return with(options.withConfigurer(configurer));
  }

  /**
   * The factory of the engines.
   *
   * @return the given factory, or one that follows from identity and trust
   */
  public TlsEngineFactory engineFactory() {
    return engines;
  }

  /**
   * Whether the server requests a certificate of its clients.
   *
   * @return as set
   */
  public ClientAuth clientAuth() {
    return clientAuth;
  }

  /**
   * The application protocols that are offered.
   *
   * @return the preferred one first; empty for no choice
   */
  public List<String> alpn() {
    return options.alpn();
  }

  /**
   * The versions that may be used.
   *
   * @return at least one
   */
  public Set<TlsVersion> versions() {
    return options.versions();
  }

  /**
   * Whether close_notify may be missing.
   *
   * @return as set
   */
  public boolean httpsCompatible() {
    return options.httpsCompatible();
  }

  /**
   * The limit of the handshake.
   *
   * @return null for none
   */
  public @Nullable Duration handshakeTimeout() {
    return options.handshakeTimeout();
  }

  /**
   * The configurer of engines.
   *
   * @return null for none
   */
  public @Nullable EngineConfigurer configurer() {
    return options.configurer();
  }

  private TlsServerConfig with(TlsOptions changed) {
    return new TlsServerConfig(
        identity,
        changed.asksTheSameAs(options) ? engines : ContextEngines.apart(engines),
        changed,
        clientAuth);
  }

  @Override
  public String toString() {
    return "TlsServerConfig("
        + (identity == null ? "engines given" : identity)
        + ", "
        + options
        + (clientAuth == ClientAuth.NONE ? "" : ", clientAuth=" + clientAuth)
        + ")";
  }
}
