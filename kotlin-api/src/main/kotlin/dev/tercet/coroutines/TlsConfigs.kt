package dev.tercet.coroutines

import dev.tercet.tls.ClientAuth
import dev.tercet.tls.EngineConfigurer
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsIdentity
import dev.tercet.tls.TlsServerConfig
import dev.tercet.tls.TlsTrust
import dev.tercet.tls.TlsVersion
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/**
 * The TLS configuration of a client, with named parameters; the class documents them. From an `SSLContext` or an engine factory:
 * `TlsConfig.of`.
 *
 * @param trust the trusted authorities
 * @param identity the identity of this client, for servers that request one
 * @param alpn the application protocols to offer, the preferred one first
 * @param versions at least one
 * @param httpsCompatible whether close_notify may be missing
 * @param handshakeTimeout more than zero; null for none
 * @param closeNotifyReadTimeout how long a close waits for the peer's close_notify, zero or more
 * @param configurer changes each engine before its use
 * @param dangerouslyWithoutHostnameCheck see [TlsConfig.dangerouslyWithoutHostnameCheck]
 * @param dangerouslyTrustAnything see [TlsConfig.dangerouslyTrustAnything]
 */
public fun TlsConfig(
    trust: TlsTrust = TlsTrust.system(),
    identity: TlsIdentity? = null,
    alpn: List<String> = emptyList(),
    versions: Set<TlsVersion> = TlsVersion.entries.toSet(),
    httpsCompatible: Boolean = false,
    handshakeTimeout: Duration? = 30.seconds,
    closeNotifyReadTimeout: Duration = Duration.ZERO,
    configurer: EngineConfigurer? = null,
    dangerouslyWithoutHostnameCheck: Boolean = false,
    dangerouslyTrustAnything: Boolean = false,
): TlsConfig {
    var config = TlsConfig.DEFAULT
    // Only what differs: what is as in the default shares its engines, and with them the sessions that can be resumed.
    if (trust !== TlsTrust.system()) config = config.withTrust(trust)
    if (identity != null) config = config.withIdentity(identity)
    if (dangerouslyTrustAnything) config = config.dangerouslyTrustAnything()
    if (dangerouslyWithoutHostnameCheck) config = config.dangerouslyWithoutHostnameCheck()
    return config
        .withAlpn(*alpn.toTypedArray())
        .withVersions(*versions.toTypedArray())
        .withHttpsCompatible(httpsCompatible)
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withCloseNotifyReadTimeout(closeNotifyReadTimeout.toJavaDuration())
        .withConfigurer(configurer)
}

/**
 * The TLS configuration of a server, with named parameters; the class documents them. From an `SSLContext` or an engine factory:
 * `TlsServerConfig.of`.
 *
 * @param identity the identity of the server
 * @param alpn the application protocols to choose from, the preferred one first
 * @param clientAuth whether the server requests a certificate of its clients
 * @param clientTrust the trusted authorities for client certificates; required if the server requests certificates
 * @param versions at least one
 * @param httpsCompatible whether close_notify may be missing
 * @param handshakeTimeout more than zero; null for none
 * @param configurer changes each engine before its use
 */
public fun TlsServerConfig(
    identity: TlsIdentity,
    alpn: List<String> = emptyList(),
    clientAuth: ClientAuth = ClientAuth.NONE,
    clientTrust: TlsTrust? = null,
    versions: Set<TlsVersion> = TlsVersion.entries.toSet(),
    httpsCompatible: Boolean = false,
    handshakeTimeout: Duration? = 30.seconds,
    configurer: EngineConfigurer? = null,
): TlsServerConfig {
    val config = TlsServerConfig.of(identity)
    return (if (clientTrust == null) config.withClientAuth(clientAuth) else config.withClientAuth(clientAuth, clientTrust))
        .withAlpn(*alpn.toTypedArray())
        .withVersions(*versions.toTypedArray())
        .withHttpsCompatible(httpsCompatible)
        .withHandshakeTimeout(handshakeTimeout?.toJavaDuration())
        .withConfigurer(configurer)
}
