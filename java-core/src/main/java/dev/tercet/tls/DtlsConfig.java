package dev.tercet.tls;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The DTLS configuration of a client. Immutable.
 *
 * <p>The default is safe: the authorities of the platform, and the name of the server is checked.
 * Every option that weakens it has a name that begins with {@code dangerously}. The version is 1.2,
 * the suites are those with forward secrecy and authenticated encryption.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsConfig {
  /** The platform's authorities, the server's name is checked, no ALPN. */
  public static final DtlsConfig DEFAULT =
      new DtlsConfig(TlsTrust.system(), null, DtlsOptions.DEFAULT, PeerChecks.ALL);

  private final TlsTrust trust;
  private final @Nullable TlsIdentity identity;
  private final DtlsOptions options;
  private final PeerChecks checks;

  private DtlsConfig(
      TlsTrust trust, @Nullable TlsIdentity identity, DtlsOptions options, PeerChecks checks) {
    this.trust = trust;
    this.identity = identity;
    this.options = options;
    this.checks = checks;
  }

  /**
   * Trusts other authorities than the platform's.
   *
   * @param trust the authorities, instead of the previous ones
   * @return a copy
   */
  public DtlsConfig withTrust(TlsTrust trust) {
    return new DtlsConfig(
        trust, identity, options, checks == PeerChecks.NOTHING ? PeerChecks.ALL : checks);
  }

  /**
   * Authenticates this client to servers that request a certificate.
   *
   * @param identity the identity of this client; null for none
   * @return a copy
   */
  public DtlsConfig withIdentity(@Nullable TlsIdentity identity) {
    return new DtlsConfig(trust, identity, options, checks);
  }

  /**
   * Offers application protocols (RFC 7301). If the server chooses among others, and has none of
   * them, it ends the handshake.
   *
   * @param protocols the preferred one first; none for no offer
   * @return a copy
   * @throws IllegalArgumentException when a name is empty or longer than 255 bytes
   */
  public DtlsConfig withAlpn(String... protocols) {
    return with(options.withAlpn(List.of(protocols)));
  }

  /**
   * Limits the time of the handshake. When it expires, the channel is Broken.
   *
   * @param timeout more than zero, 60 seconds by default; null for none
   * @return a copy
   * @throws IllegalArgumentException when it is zero or negative
   */
  public DtlsConfig withHandshakeTimeout(@Nullable Duration timeout) {
    return with(options.withHandshakeTimeout(timeout));
  }

  /**
   * Sends close_notify when a channel is closed, and answers the peer's (RFC 5246, section 7.2.1):
   * one datagram, which may be lost like any other. Some peers treat it as an error: that of Trio
   * 0.22 fails.
   *
   * @param send true by default
   * @return a copy
   */
  public DtlsConfig withSendCloseNotify(boolean send) {
    return with(options.withSendCloseNotify(send));
  }

  /**
   * Does not check that the certificate is the server's. <strong>Any holder of a certificate of a
   * trusted authority can then impersonate the server.</strong>
   *
   * @return a copy
   */
  public DtlsConfig dangerouslyWithoutHostnameCheck() {
    return new DtlsConfig(
        trust,
        identity,
        options,
        checks == PeerChecks.NOTHING ? PeerChecks.NOTHING : PeerChecks.NO_NAME);
  }

  /**
   * Trusts any certificate. <strong>Anybody on the path can then impersonate the server, and read
   * and change everything.</strong>
   *
   * @return a copy
   */
  public DtlsConfig dangerouslyTrustAnything() {
    return new DtlsConfig(TlsTrust.anything(), identity, options, PeerChecks.NOTHING);
  }

  private DtlsConfig with(DtlsOptions changed) {
    return new DtlsConfig(trust, identity, changed, checks);
  }

  /**
   * The authorities whose certificates are trusted.
   *
   * @return as set
   */
  public TlsTrust trust() {
    return trust;
  }

  /**
   * The identity of this client.
   *
   * @return null for none
   */
  public @Nullable TlsIdentity identity() {
    return identity;
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
   * The limit of the handshake.
   *
   * @return null for none
   */
  public @Nullable Duration handshakeTimeout() {
    return options.handshakeTimeout();
  }

  /**
   * Whether a close sends close_notify.
   *
   * @return as set
   */
  public boolean sendCloseNotify() {
    return options.sendCloseNotify();
  }

  /**
   * Whether the name of the server is checked, so that it must be known.
   *
   * @return false after {@code dangerously...}
   */
  public boolean checksHostname() {
    return checks == PeerChecks.ALL;
  }

  @Override
  public String toString() {
    return "DtlsConfig("
        + trust
        + (identity == null ? "" : ", " + identity)
        + options
        + (checks == PeerChecks.ALL ? "" : ", DANGEROUS: " + checks)
        + ")";
  }
}
