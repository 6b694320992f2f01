package dev.tercet.tls;

import dev.tercet.internal.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The TLS configuration of a client. Immutable.
 *
 * <p>The default is safe: the authorities of the platform, TLS 1.2 and 1.3, and the name of the
 * server is checked. Every option that weakens it has a name that begins with {@code dangerously}.
 *
 * <p>Connections of one configuration share sessions for resumption. So do copies that differ only
 * in application protocols, time limits, and close_notify behaviour. So make one configuration and
 * reuse it.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class TlsConfig {
  /**
   * The platform's authorities, TLS 1.2 and 1.3, the server's name is checked, no ALPN, 30 s for
   * the handshake.
   */
  public static final TlsConfig DEFAULT =
      new TlsConfig(
          TlsTrust.system(), null, null, TlsOptions.DEFAULT, Duration.ZERO, PeerChecks.ALL);

  private final TlsTrust trust;
  private final @Nullable TlsIdentity identity;
  private final boolean enginesGiven;
  private final TlsEngineFactory engines;
  private final TlsOptions options;
  private final Duration closeNotifyReadTimeout;
  private final PeerChecks checks;

  /** With engines that follow from trust and identity, unless some are given. */
  private TlsConfig(
      TlsTrust trust,
      @Nullable TlsIdentity identity,
      @Nullable TlsEngineFactory given,
      TlsOptions options,
      Duration closeNotifyReadTimeout,
      PeerChecks checks) {
    this.trust = trust;
    this.identity = identity;
    this.enginesGiven = given != null;
    this.engines = given != null ? given : ContextEngines.of(identity, trust);
    this.options = options;
    this.closeNotifyReadTimeout = closeNotifyReadTimeout;
    this.checks = checks;
  }

  /**
   * A copy that shares the engines, and with them the sessions that can be resumed, if it asks the
   * same of the server.
   */
  private TlsConfig(
      TlsConfig from, TlsOptions options, Duration closeNotifyReadTimeout, PeerChecks checks) {
    this.trust = from.trust;
    this.identity = from.identity;
    this.enginesGiven = from.enginesGiven;
    this.engines =
        checks == from.checks && options.asksTheSameAs(from.options)
            ? from.engines
            : ContextEngines.apart(from.engines);
    this.options = options;
    this.closeNotifyReadTimeout = closeNotifyReadTimeout;
    this.checks = checks;
  }

  /**
   * A client whose trust and identity are those of a context.
   *
   * @param context initialized
   * @return a configuration, otherwise as {@link #DEFAULT}
   */
  public static TlsConfig of(SSLContext context) {
    return of(ContextEngines.of(context));
  }

  /**
   * A client with custom engines, which bring their trust and identity.
   *
   * @param engines called for each connection
   * @return a configuration, otherwise as {@link #DEFAULT}
   */
  public static TlsConfig of(TlsEngineFactory engines) {
    return new TlsConfig(
        TlsTrust.system(), null, engines, TlsOptions.DEFAULT, Duration.ZERO, PeerChecks.ALL);
  }

  /**
   * Trusts other authorities than the platform's.
   *
   * @param trust the authorities, instead of the previous ones
   * @return a copy
   * @throws IllegalStateException when the configuration was made from a context or a factory
   */
  public TlsConfig withTrust(TlsTrust trust) {
    requireOwnEngines("trust");
    return new TlsConfig(
        trust,
        identity,
        null,
        options,
        closeNotifyReadTimeout,
        checks == PeerChecks.NOTHING ? PeerChecks.ALL : checks);
  }

  /**
   * Authenticates this client to servers that request a certificate.
   *
   * @param identity the identity of this client; null for none
   * @return a copy
   * @throws IllegalStateException when the configuration was made from a context or a factory
   */
  public TlsConfig withIdentity(@Nullable TlsIdentity identity) {
    requireOwnEngines("identity");
    return new TlsConfig(trust, identity, null, options, closeNotifyReadTimeout, checks);
  }

  /**
   * Offers application protocols (RFC 7301). If the server has none of them, the handshake fails
   * with the JDK's engine.
   *
   * @param protocols the preferred one first; none for no offer
   * @return a copy
   * @throws IllegalArgumentException when a name is empty or longer than 255 bytes
   */
  public TlsConfig withAlpn(String... protocols) {
    return with(options.withAlpn(List.of(protocols)));
  }

  /**
   * Restricts the versions.
   *
   * @param versions at least one
   * @return a copy
   * @throws IllegalArgumentException when there is none
   */
  public TlsConfig withVersions(TlsVersion... versions) {
    return with(options.withVersions(List.of(versions)));
  }

  /**
   * Accepts EOF without close_notify from peers, and sends none: HTTP allows it and many peers do
   * it. Truncation then looks like EOF. Use it only for protocols whose messages mark their own
   * end.
   *
   * @param httpsCompatible false by default
   * @return a copy
   */
  public TlsConfig withHttpsCompatible(boolean httpsCompatible) {
    return with(options.withHttpsCompatible(httpsCompatible));
  }

  /**
   * Limits the time of the handshake. When it expires, the stream is Broken, with a {@link
   * dev.tercet.TooSlowException} as the cause.
   *
   * @param timeout more than zero; 30 s by default; null for none
   * @return a copy
   * @throws IllegalArgumentException when it is zero or negative
   */
  public TlsConfig withHandshakeTimeout(@Nullable Duration timeout) {
    return with(options.withHandshakeTimeout(timeout));
  }

  /**
   * A close sends close_notify and then waits for the peer's. Use it only for peers that require
   * it; data that they send meanwhile is discarded.
   *
   * @param timeout maximum time; zero, the default, for no wait
   * @return a copy
   * @throws IllegalArgumentException when it is negative
   */
  public TlsConfig withCloseNotifyReadTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "the timeout must not be negative: " + Durations.text(timeout));
    }
    return new TlsConfig(this, options, timeout, checks);
  }

  /**
   * Changes each engine before its use.
   *
   * @param configurer null for nothing
   * @return a copy
   */
  public TlsConfig withConfigurer(@Nullable EngineConfigurer configurer) {
    return with(options.withConfigurer(configurer));
  }

  /**
   * Does not check that the certificate is the server's. Custom engines that check it themselves
   * still do so. <strong>Any holder of a certificate of a trusted authority can then impersonate
   * the server.</strong>
   *
   * @return a copy
   */
  public TlsConfig dangerouslyWithoutHostnameCheck() {
    return new TlsConfig(
        this,
        options,
        closeNotifyReadTimeout,
        checks == PeerChecks.NOTHING ? PeerChecks.NOTHING : PeerChecks.NO_NAME);
  }

  /**
   * Trusts any certificate. <strong>Anybody on the path can then impersonate the server, and read
   * and change everything.</strong>
   *
   * @return a copy
   * @throws IllegalStateException when the configuration was made from a context or a factory
   */
  public TlsConfig dangerouslyTrustAnything() {
    requireOwnEngines("trust");
    return new TlsConfig(
        TlsTrust.anything(), identity, null, options, closeNotifyReadTimeout, PeerChecks.NOTHING);
  }

  /**
   * The factory of the engines.
   *
   * @return the given factory, or one that follows from trust and identity
   */
  public TlsEngineFactory engineFactory() {
    return engines;
  }

  /**
   * Whether the name of the server is checked, so that it must be known.
   *
   * @return false after {@code dangerously...}
   */
  public boolean checksHostname() {
    return checks == PeerChecks.ALL;
  }

  /**
   * The application protocols that are offered.
   *
   * @return the preferred one first; empty for no offer
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
   * How long a close waits for the peer's close_notify.
   *
   * @return zero for not at all
   */
  public Duration closeNotifyReadTimeout() {
    return closeNotifyReadTimeout;
  }

  /**
   * The configurer of engines.
   *
   * @return null for none
   */
  public @Nullable EngineConfigurer configurer() {
    return options.configurer();
  }

  private TlsConfig with(TlsOptions options) {
    return new TlsConfig(this, options, closeNotifyReadTimeout, checks);
  }

  private void requireOwnEngines(String what) {
    if (enginesGiven) {
      throw new IllegalStateException(
          "the " + what + " of this configuration is that of its SSLContext or engine factory");
    }
  }

  @Override
  public String toString() {
    return "TlsConfig("
        + (enginesGiven ? "engines given" : trust)
        + (identity == null ? "" : ", " + identity)
        + ", "
        + options
        + (checks == PeerChecks.ALL ? "" : ", DANGEROUS: " + checks)
        + ")";
  }
}
