package dev.tercet.tls;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The DTLS configuration of a server. Immutable.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsServerConfig {
  private final Function<@Nullable String, @Nullable TlsIdentity> identities;
  private final String who;
  private final ClientAuth clientAuth;
  private final @Nullable TlsTrust clientTrust;
  private final DtlsOptions options;
  private final DtlsReplacement replacement;

  private DtlsServerConfig(
      Function<@Nullable String, @Nullable TlsIdentity> identities,
      String who,
      ClientAuth clientAuth,
      @Nullable TlsTrust clientTrust,
      DtlsOptions options,
      DtlsReplacement replacement) {
    this.identities = identities;
    this.who = who;
    this.clientAuth = clientAuth;
    this.clientTrust = clientTrust;
    this.options = options;
    this.replacement = replacement;
  }

  /**
   * A server with an identity.
   *
   * @param identity the identity of the server
   * @return a configuration: the server requests no certificates, a handshake may take 60 seconds
   */
  public static DtlsServerConfig of(TlsIdentity identity) {
    return of(name -> identity, identity.toString());
  }

  /**
   * A server with several identities, chosen by the name that a client requests (RFC 6066, section
   * 3).
   *
   * @param byServerName maps the requested name to the server's identity, or to null to reject the
   *     client. The name is in lower case and looks like a DNS name; it is null when the client
   *     sends none. Called in each full handshake, on a thread that may block, several at a time
   * @return a configuration, otherwise as {@link #of(TlsIdentity)}
   */
  public static DtlsServerConfig choosing(
      Function<@Nullable String, @Nullable TlsIdentity> byServerName) {
    return of(byServerName, "chosen by name");
  }

  private static DtlsServerConfig of(
      Function<@Nullable String, @Nullable TlsIdentity> identities, String who) {
    return new DtlsServerConfig(
        identities,
        who,
        ClientAuth.NONE,
        null,
        DtlsOptions.DEFAULT,
        DtlsReplacement.AFTER_HANDSHAKE);
  }

  /**
   * Requests a certificate of clients.
   *
   * @param clientAuth whether they must have one
   * @param trust the trusted authorities
   * @return a copy
   */
  public DtlsServerConfig withClientAuth(ClientAuth clientAuth, TlsTrust trust) {
    return new DtlsServerConfig(identities, who, clientAuth, trust, options, replacement);
  }

  /**
   * Chooses an application protocol (RFC 7301). A client that offers some, and none of these, is
   * rejected; one that offers none is accepted.
   *
   * @param protocols the preferred one first; none for no choice
   * @return a copy
   * @throws IllegalArgumentException when a name is empty or longer than 255 bytes
   */
  public DtlsServerConfig withAlpn(String... protocols) {
    return with(options.withAlpn(List.of(protocols)));
  }

  /**
   * Limits the time of the handshake. When it expires, the channel is Broken.
   *
   * @param timeout more than zero, 60 seconds by default; null for none
   * @return a copy
   * @throws IllegalArgumentException when it is zero or negative
   */
  public DtlsServerConfig withHandshakeTimeout(@Nullable Duration timeout) {
    return with(options.withHandshakeTimeout(timeout));
  }

  /**
   * Sends close_notify when a channel is closed; see {@link DtlsConfig#withSendCloseNotify}.
   *
   * @param send true by default
   * @return a copy
   */
  public DtlsServerConfig withSendCloseNotify(boolean send) {
    return with(options.withSendCloseNotify(send));
  }

  /**
   * Sets when a new association from the same address replaces an existing one.
   *
   * @param replacement {@link DtlsReplacement#AFTER_HANDSHAKE} by default
   * @return a copy
   */
  public DtlsServerConfig withReplacement(DtlsReplacement replacement) {
    return new DtlsServerConfig(identities, who, clientAuth, clientTrust, options, replacement);
  }

  private DtlsServerConfig with(DtlsOptions changed) {
    return new DtlsServerConfig(identities, who, clientAuth, clientTrust, changed, replacement);
  }

  /**
   * The identity of the server.
   *
   * @return maps the name that a client requests, null for none, to an identity, or to null to
   *     reject
   */
  public Function<@Nullable String, @Nullable TlsIdentity> identities() {
    return identities;
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
   * The authorities whose certificates are trusted.
   *
   * @return null when no certificate is ever requested
   */
  public @Nullable TlsTrust clientTrust() {
    return clientTrust;
  }

  /**
   * The application protocols to choose from.
   *
   * @return the preferred one first; empty for no choice
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
   * When a new association from the same address replaces an existing one.
   *
   * @return as set
   */
  public DtlsReplacement replacement() {
    return replacement;
  }

  @Override
  public String toString() {
    return "DtlsServerConfig("
        + who
        + options
        + (clientAuth == ClientAuth.NONE ? "" : ", clientAuth=" + clientAuth)
        + ", replacement="
        + replacement
        + ")";
  }
}
