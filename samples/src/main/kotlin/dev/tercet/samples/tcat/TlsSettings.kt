package dev.tercet.samples.tcat

import dev.tercet.coroutines.DtlsConfig
import dev.tercet.coroutines.DtlsServerConfig
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.tls.ClientAuth
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsServerConfig
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsIdentity
import dev.tercet.tls.TlsServerConfig
import dev.tercet.tls.TlsTrust
import dev.tercet.tls.TlsVersion
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** What the command line says about TLS. The files are read by the functions that make configurations of it. */
data class TlsSettings(
    val ca: Path? = null,
    val cert: Path? = null,
    val key: Path? = null,
    val serverName: String? = null,
    val insecure: Boolean = false,
    val alpn: List<String> = emptyList(),
    val clientAuth: ClientAuth? = null,
    val httpsCompatible: Boolean = false,
    val versions: Set<TlsVersion>? = null,
) {
    /** With one option more, whose value is read from [options]. */
    fun with(option: String, options: Options): TlsSettings = when (option) {
        "--ca" -> copy(ca = options.path())
        "--cert" -> copy(cert = options.path())
        "--key" -> copy(key = options.path())
        "--server-name" -> copy(serverName = options.choice("a name or an IP address") { it.ifEmpty { null } })
        "--insecure", "-k" -> copy(insecure = options.flag())
        "--alpn" -> copy(alpn = options.list("names of protocols, with commas between them") { it.takeIf(::isProtocol) })
        "--client-auth" -> copy(clientAuth = options.choice("none, want or need") { CLIENT_AUTH[it] })
        "--https-compatible" -> copy(httpsCompatible = options.flag())
        "--tls-versions" -> copy(versions = options.list("1.2, 1.3 or 1.2,1.3") { VERSIONS[it] }.toSet())
        else -> error("not about TLS: $option")
    }

    /** Throws if an option makes no sense for a connection to [target] through [via]. */
    fun requireForConnect(target: Address, via: List<Address>) {
        if (clientAuth != null) throw UsageException("--client-auth is for tcat listen")
        requireForDtls(target)
        if (!target.isSecured) {
            // A tls: proxy is believed or not; the rest is between us and the target.
            val others = if (via.any { it is Address.Tls }) copy(ca = null, insecure = false) else this
            others.firstGiven()?.let { throw UsageException("$it is for $SECURED, and $target is none") }
        }
        requireForClient(target)
    }

    /** Throws if an option makes no sense for a server at [address], which connects to [forward] if that is not null. */
    fun requireForListen(address: Address, forward: Address?) {
        requireForDtls(address)
        val isServer = address.isSecured
        val isClient = forward is Address.Tls
        if (!isServer && !isClient) {
            firstGiven()?.let { throw UsageException("$it is for $SECURED, and $address is none") }
        }
        if (isServer && cert == null) {
            throw UsageException("$address needs --cert FILE, who it is, and --key FILE unless the key is in the same file")
        }
        val asks = clientAuth != null && clientAuth != ClientAuth.NONE
        if (!isServer && clientAuth != null) throw UsageException("--client-auth is for $SECURED, and $address is none")
        if (asks && ca == null) throw UsageException("--client-auth needs --ca FILE: whose certificates are to be believed")
        if (ca != null && !asks && !isClient) throw UsageException("--ca without --client-auth: clients are not asked for certificates")
        if (!isClient) {
            if (serverName != null) throw UsageException("--server-name is for clients: tcat connect, or --forward to a tls: address")
            if (insecure) throw UsageException("--insecure is for clients: tcat connect, or --forward to a tls: address")
        }
        // The authorities may be for the clients, and anybody good enough as target.
        if (isClient) copy(ca = ca.takeUnless { asks && isServer }).requireForClient(forward) else requireKeyHasCert()
    }

    private val Address.isSecured get() = this is Address.Tls || this is Address.Dtls

    private fun requireForDtls(address: Address) {
        if (address !is Address.Dtls) return
        if (versions !=
            null
        ) {
            throw UsageException("--tls-versions is for tls: and tls+unix: addresses; of DTLS there is 1.2 only: $address")
        }
        if (httpsCompatible) throw UsageException("--https-compatible is for tls: and tls+unix: addresses, and $address is none")
    }

    private fun requireForClient(target: Address) {
        requireKeyHasCert()
        if (insecure && ca != null) throw UsageException("--insecure believes anybody, so --ca makes no sense")
        if (target is Address.Tls && target.below is Address.Unix && serverName == null && !insecure) {
            throw UsageException("$target has no host whose name could be checked: --server-name NAME, or --insecure")
        }
    }

    private fun requireKeyHasCert() {
        if (key != null && cert == null) throw UsageException("--key needs --cert FILE: whose key it is")
    }

    private fun firstGiven(): String? = listOf(
        "--ca" to ca,
        "--cert" to cert,
        "--key" to key,
        "--server-name" to serverName,
        "--insecure" to insecure.takeIf { it },
        "--alpn" to alpn.ifEmpty { null },
        "--client-auth" to clientAuth,
        "--https-compatible" to httpsCompatible.takeIf { it },
        "--tls-versions" to versions,
    ).firstOrNull { (_, value) -> value != null }?.first

    /** How to speak to a target. */
    fun clientConfig(): TlsConfig = TlsConfig(
        trust = trust,
        identity = identity,
        alpn = alpn,
        versions = versions ?: TlsVersion.entries.toSet(),
        httpsCompatible = httpsCompatible,
        dangerouslyTrustAnything = insecure,
    )

    /** How to speak to a proxy, which is not told who we are, nor what is spoken through it. */
    fun proxyConfig(): TlsConfig = TlsConfig(trust = trust, dangerouslyTrustAnything = insecure)

    fun serverConfig(): TlsServerConfig = TlsServerConfig(
        identity = checkNotNull(identity),
        alpn = alpn,
        clientAuth = clientAuth ?: ClientAuth.NONE,
        clientTrust = clientTrust(),
        versions = versions ?: TlsVersion.entries.toSet(),
        httpsCompatible = httpsCompatible,
    )

    fun dtlsClientConfig(): DtlsConfig = DtlsConfig(
        trust = trust,
        identity = identity,
        alpn = alpn,
        dangerouslyTrustAnything = insecure,
    )

    fun dtlsServerConfig(): DtlsServerConfig = DtlsServerConfig(
        identity = checkNotNull(identity),
        alpn = alpn,
        clientAuth = clientAuth ?: ClientAuth.NONE,
        clientTrust = clientTrust(),
    )

    private fun clientTrust(): TlsTrust? = if (ca == null || clientAuth == null || clientAuth == ClientAuth.NONE) null else trust

    /** Whom to believe. The file is read once, and not before it is needed. */
    val trust: TlsTrust by lazy { ca?.let { file -> reading("--ca" to file) { TlsTrust.fromPem(file) } } ?: TlsTrust.system() }

    private val identity: TlsIdentity? by lazy {
        cert?.let { chain ->
            if (key == null) {
                reading("--cert" to chain) { TlsIdentity.fromPem(chain, chain) }
            } else {
                reading("--cert" to chain, "--key" to key) { TlsIdentity.fromPem(chain, key) }
            }
        }
    }

    companion object {
        private const val SECURED = "tls:, tls+unix: and dtls: addresses"

        private val CLIENT_AUTH = ClientAuth.entries.associateBy { it.name.lowercase() }
        private val VERSIONS = mapOf("1.2" to TlsVersion.TLS_1_2, "1.3" to TlsVersion.TLS_1_3)

        val OPTIONS =
            setOf("--ca", "--cert", "--key", "--server-name", "--insecure", "-k", "--alpn", "--client-auth", "--https-compatible") +
                "--tls-versions"

        /** RFC 7301, section 3.1. */
        private fun isProtocol(name: String) = name.encodeToByteArray().size in 1..255
    }
}

/** Files that cannot be read are a mistake of the command line, and told with the option that names them. */
private fun <T> reading(vararg files: Pair<String, Path>, read: () -> T): T {
    for ((option, file) in files) {
        val problem =
            when {
                !Files.exists(file) -> "no such file"
                Files.isDirectory(file) -> "is a directory"
                !Files.isReadable(file) -> "permission denied"
                else -> continue
            }
        throw UsageException("$option $file: $problem")
    }
    return try {
        read()
    } catch (e: IOException) {
        // The library names the file, and the line in it.
        throw UsageException("${files.joinToString(", ") { it.first }}: ${e.message}")
    }
}
