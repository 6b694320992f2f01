package dev.tercet;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a server speaks DTLS. Immutable.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsServerConfig {
  private final Function<@Nullable String, @Nullable TlsIdentity> identities;
  private final String who;
  private final ClientAuth clientAuth;
  private final @Nullable TlsTrust clientTrust;
  private final List<String> alpn;
  private final @Nullable Duration handshakeTimeout;
  private final boolean sendCloseNotify;
  private final DtlsReplacement replacement;

  private DtlsServerConfig(
      Function<@Nullable String, @Nullable TlsIdentity> identities,
      String who,
      ClientAuth clientAuth,
      @Nullable TlsTrust clientTrust,
      List<String> alpn,
      @Nullable Duration handshakeTimeout,
      boolean sendCloseNotify,
      DtlsReplacement replacement) {
    this.identities = identities;
    this.who = who;
    this.clientAuth = clientAuth;
    this.clientTrust = clientTrust;
    this.alpn = alpn;
    this.handshakeTimeout = handshakeTimeout;
    this.sendCloseNotify = sendCloseNotify;
    this.replacement = replacement;
  }

  /**
   * A server with an identity.
   *
   * @param identity who it is
   * @return a configuration: clients are not asked for certificates, a handshake may take 60
   *     seconds
   */
  public static DtlsServerConfig of(TlsIdentity identity) {
    return of(name -> identity, identity.toString());
  }

  /**
   * A server that is several, by the name that a client asks for (RFC 6066, section 3).
   *
   * @param byServerName from the name, in lower case and looking like a DNS name, or null when the
   *     client says none, to who the server is for it; null to refuse the client. Called in each
   *     full handshake, on a thread that may wait, several at a time
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
        List.of(),
        DtlsConfig.DEFAULT_HANDSHAKE_TIMEOUT,
        true,
        DtlsReplacement.AFTER_HANDSHAKE);
  }

  /**
   * Asks clients for a certificate.
   *
   * @param clientAuth whether they must have one
   * @param trust whose certificates are believed
   * @return a copy
   */
  public DtlsServerConfig withClientAuth(ClientAuth clientAuth, TlsTrust trust) {
    return new DtlsServerConfig(
        identities, who, clientAuth, trust, alpn, handshakeTimeout, sendCloseNotify, replacement);
  }

  /**
   * Chooses an application protocol (RFC 7301). A client that offers some, and none of these, is
   * refused; one that offers none is not.
   *
   * @param protocols the preferred one first; none for no choice
   * @return a copy
   * @throws IllegalArgumentException when a name is empty or longer than 255 bytes
   */
  public DtlsServerConfig withAlpn(String... protocols) {
    return new DtlsServerConfig(
        identities,
        who,
        clientAuth,
        clientTrust,
        TlsOptions.checkedAlpn(List.of(protocols)),
        handshakeTimeout,
        sendCloseNotify,
        replacement);
  }

  /**
   * Limits the time of the handshake. When it is over, the channel is Broken.
   *
   * @param timeout more than zero, 60 seconds by default; null for none
   * @return a copy
   * @throws IllegalArgumentException when it is zero or negative
   */
  public DtlsServerConfig withHandshakeTimeout(@Nullable Duration timeout) {
    return new DtlsServerConfig(
        identities,
        who,
        clientAuth,
        clientTrust,
        alpn,
        TlsOptions.checkedTimeout(timeout),
        sendCloseNotify,
        replacement);
  }

  /**
   * Says goodbye when a channel is closed; see {@link DtlsConfig#withSendCloseNotify}.
   *
   * @param send true by default
   * @return a copy
   */
  public DtlsServerConfig withSendCloseNotify(boolean send) {
    return new DtlsServerConfig(
        identities, who, clientAuth, clientTrust, alpn, handshakeTimeout, send, replacement);
  }

  /**
   * Sets when an association gives way to a new one from the same address.
   *
   * @param replacement {@link DtlsReplacement#AFTER_HANDSHAKE} by default
   * @return a copy
   */
  public DtlsServerConfig withReplacement(DtlsReplacement replacement) {
    return new DtlsServerConfig(
        identities,
        who,
        clientAuth,
        clientTrust,
        alpn,
        handshakeTimeout,
        sendCloseNotify,
        replacement);
  }

  /**
   * Who the server is.
   *
   * @return from the name that a client asks for, null for none, to an identity; null to refuse
   */
  public Function<@Nullable String, @Nullable TlsIdentity> identities() {
    return identities;
  }

  /**
   * Whether clients are asked for a certificate.
   *
   * @return as set
   */
  public ClientAuth clientAuth() {
    return clientAuth;
  }

  /**
   * Whose certificates are believed.
   *
   * @return null when clients were never to be asked
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
    return alpn;
  }

  /**
   * The limit of the handshake.
   *
   * @return null for none
   */
  public @Nullable Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  /**
   * Whether a close says goodbye.
   *
   * @return as set
   */
  public boolean sendCloseNotify() {
    return sendCloseNotify;
  }

  /**
   * When an association gives way to a new one from the same address.
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
        + (alpn.isEmpty() ? "" : ", alpn=" + alpn)
        + (clientAuth == ClientAuth.NONE ? "" : ", clientAuth=" + clientAuth)
        + ", replacement="
        + replacement
        + ")";
  }
}
