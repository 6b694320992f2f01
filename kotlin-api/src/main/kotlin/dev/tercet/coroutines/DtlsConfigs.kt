package dev.tercet.coroutines

import dev.tercet.tls.ClientAuth
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsReplacement
import dev.tercet.tls.DtlsServerConfig
import dev.tercet.tls.TlsIdentity
import dev.tercet.tls.TlsTrust
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/**
 * The DTLS configuration of a client, with named parameters; the class documents them.
 *
 * @param trust the trusted authorities
 * @param identity the identity of this client, for servers that request one
 * @param alpn the application protocols to offer, the preferred one first
 * @param handshakeTimeout more than zero; null for none
 * @param sendCloseNotify whether a close sends close_notify, and the peer's is answered
 * @param dangerouslyWithoutHostnameCheck see [DtlsConfig.dangerouslyWithoutHostnameCheck]
 * @param dangerouslyTrustAnything see [DtlsConfig.dangerouslyTrustAnything]
 */
public fun DtlsConfig(
    trust: TlsTrust = TlsTrust.system(),
    identity: TlsIdentity? = null,
    alpn: List<String> = emptyList(),
    handshakeTimeout: Duration? = 60.seconds,
    sendCloseNotify: Boolean = true,
    dangerouslyWithoutHostnameCheck: Boolean = false,
    dangerouslyTrustAnything: Boolean = false,
): DtlsConfig {
    var config = DtlsConfig.DEFAULT.withTrust(trust).withIdentity(identity)
    if (dangerouslyTrustAnything) config = config.dangerouslyTrustAnything()
    if (dangerouslyWithoutHostnameCheck) config = config.dangerouslyWithoutHostnameCheck()
    return config
        .withAlpn(*alpn.toTypedArray())
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withSendCloseNotify(sendCloseNotify)
}

/**
 * The DTLS configuration of a server, with named parameters; the class documents them. For a server with several identities, chosen by the
 * name that a client requests, see the other form.
 *
 * @param identity the identity of the server
 * @param alpn the application protocols to choose from, the preferred one first
 * @param clientAuth whether the server requests a certificate of its clients
 * @param clientTrust the trusted authorities for client certificates; required if the server requests certificates
 * @param handshakeTimeout more than zero; null for none
 * @param sendCloseNotify whether a close sends close_notify, and the peer's is answered
 * @param replacement when a new association from the same address replaces an existing one
 */
public fun DtlsServerConfig(
    identity: TlsIdentity,
    alpn: List<String> = emptyList(),
    clientAuth: ClientAuth = ClientAuth.NONE,
    clientTrust: TlsTrust? = null,
    handshakeTimeout: Duration? = 60.seconds,
    sendCloseNotify: Boolean = true,
    replacement: DtlsReplacement = DtlsReplacement.AFTER_HANDSHAKE,
): DtlsServerConfig = DtlsServerConfig.of(identity).with(alpn, clientAuth, clientTrust, handshakeTimeout, sendCloseNotify, replacement)

/**
 * The DTLS configuration of a server with several identities, chosen by the name that a client requests.
 *
 * @param alpn the application protocols to choose from, the preferred one first
 * @param clientAuth whether the server requests a certificate of its clients
 * @param clientTrust the trusted authorities for client certificates; required if the server requests certificates
 * @param handshakeTimeout more than zero; null for none
 * @param sendCloseNotify whether a close sends close_notify, and the peer's is answered
 * @param replacement when a new association from the same address replaces an existing one
 * @param byServerName maps the requested name, null for none, to the server's identity, or to null to reject the client. It may block: see
 *   [DtlsServerConfig.choosing]
 */
public fun DtlsServerConfig(
    alpn: List<String> = emptyList(),
    clientAuth: ClientAuth = ClientAuth.NONE,
    clientTrust: TlsTrust? = null,
    handshakeTimeout: Duration? = 60.seconds,
    sendCloseNotify: Boolean = true,
    replacement: DtlsReplacement = DtlsReplacement.AFTER_HANDSHAKE,
    byServerName: (serverName: String?) -> TlsIdentity?,
): DtlsServerConfig =
    DtlsServerConfig.choosing(byServerName).with(alpn, clientAuth, clientTrust, handshakeTimeout, sendCloseNotify, replacement)

private fun DtlsServerConfig.with(
    alpn: List<String>,
    clientAuth: ClientAuth,
    clientTrust: TlsTrust?,
    handshakeTimeout: Duration?,
    sendCloseNotify: Boolean,
    replacement: DtlsReplacement,
): DtlsServerConfig {
    require(clientAuth == ClientAuth.NONE || clientTrust != null) { "whose certificates? give clientTrust" }
    return (if (clientTrust == null) this else withClientAuth(clientAuth, clientTrust))
        .withAlpn(*alpn.toTypedArray())
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withSendCloseNotify(sendCloseNotify)
        .withReplacement(replacement)
}
