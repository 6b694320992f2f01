package dev.tercet.coroutines.dtls

import dev.tercet.ClientAuth
import dev.tercet.DtlsConfig
import dev.tercet.DtlsReplacement
import dev.tercet.DtlsServerConfig
import dev.tercet.TlsIdentity
import dev.tercet.TlsTrust
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/**
 * How a client speaks DTLS, with named parameters; the class says what they mean.
 *
 * @param trust whose certificates are believed
 * @param identity who this client is, for servers that ask
 * @param alpn the application protocols to offer, the preferred one first
 * @param handshakeTimeout more than zero; null for none
 * @param sendCloseNotify whether a close tells the peer
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
    var config = DtlsConfig.DEFAULT
    if (trust !== TlsTrust.system()) config = config.withTrust(trust)
    if (identity != null) config = config.withIdentity(identity)
    if (dangerouslyTrustAnything) config = config.dangerouslyTrustAnything()
    if (dangerouslyWithoutHostnameCheck) config = config.dangerouslyWithoutHostnameCheck()
    return config
        .withAlpn(*alpn.toTypedArray())
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withSendCloseNotify(sendCloseNotify)
}

/**
 * How a server speaks DTLS, with named parameters; the class says what they mean. A server with several identities:
 * `DtlsServerConfig.choosing`.
 *
 * @param identity who the server is
 * @param alpn the application protocols to choose from, the preferred one first
 * @param clientAuth whether clients are asked for a certificate
 * @param clientTrust whose certificates are believed then; must be given if they are asked
 * @param handshakeTimeout more than zero; null for none
 * @param sendCloseNotify whether a close tells the peer
 * @param replacement when a client that comes back from the same address replaces its old association
 */
public fun DtlsServerConfig(
    identity: TlsIdentity,
    alpn: List<String> = emptyList(),
    clientAuth: ClientAuth = ClientAuth.NONE,
    clientTrust: TlsTrust? = null,
    handshakeTimeout: Duration? = 60.seconds,
    sendCloseNotify: Boolean = true,
    replacement: DtlsReplacement = DtlsReplacement.AFTER_HANDSHAKE,
): DtlsServerConfig {
    require(clientTrust != null || clientAuth == ClientAuth.NONE) { "clients that are asked for a certificate need a clientTrust" }
    val config = DtlsServerConfig.of(identity)
    return (if (clientTrust == null) config else config.withClientAuth(clientAuth, clientTrust))
        .withAlpn(*alpn.toTypedArray())
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withSendCloseNotify(sendCloseNotify)
        .withReplacement(replacement)
}
