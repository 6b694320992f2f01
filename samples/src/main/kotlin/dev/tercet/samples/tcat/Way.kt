package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * How to get to an address, as the command line says it. `connect`, `check` and `cert` have the same options for it.
 *
 * @property happyEyeballsDelay null for one address at a time
 * @property family which addresses of hosts to use
 * @property via proxies, the nearest first
 * @property startTls what is spoken before TLS; null when TLS comes first
 */
data class Way(
    val happyEyeballsDelay: Duration? = USUAL_DELAY,
    val localAddress: String? = null,
    val family: AddressFamily = AddressFamily.ANY,
    val via: List<Address> = emptyList(),
    val startTls: StartTlsProtocol? = null,
    val tls: TlsSettings = TlsSettings(),
) {
    /** With one option more, whose value is read from [options]. */
    fun with(option: String, options: Options): Way = when (option) {
        "--happy-eyeballs-delay" -> copy(happyEyeballsDelay = options.millisOrNone())
        "--local-address" -> copy(localAddress = options.value())
        in FAMILY_OPTIONS -> copy(family = options.family(family))
        "--via" -> copy(via = via + options.connectionTo())
        "--starttls" -> copy(startTls = options.choice(StartTlsProtocol.WORDS, StartTlsProtocol::of))
        else -> copy(tls = tls.with(option, options))
    }

    /** Without what is about TLS only. */
    fun withoutTls() = copy(startTls = null, tls = TlsSettings())

    /** Throws if an option makes no sense for [target]. */
    fun requireFor(target: Address) {
        requireForVia(target)
        val first = via.firstOrNull() ?: target
        if (localAddress != null && first.below is Address.Unix) throw UsageException("--local-address is not for Unix sockets: $first")
        if (happyEyeballsDelay != USUAL_DELAY && first.below !is Address.Tcp) {
            throw UsageException("--happy-eyeballs-delay is for tcp: and tls: addresses")
        }
        if (startTls != null && target !is Address.Tls) {
            val meant = (target as? Address.Tcp)?.let { Address.Tls(it).toString() }
            throw UsageException("--starttls is for tls: and tls+unix: addresses, and $target is none: ${didYouMean(meant)}TLS follows it")
        }
        family.requireFor(first)
        tls.requireForConnect(target, via)
    }

    /** A proxy is asked for a host and a port, so it can be neither or lead to neither a Unix socket nor datagrams. */
    private fun requireForVia(target: Address) {
        if (via.isEmpty()) return
        for (proxy in via) if (proxy.below !is Address.Tcp) throw UsageException("--via must be a tcp: or tls: address, not $proxy")
        if (target.below !is Address.Tcp) throw UsageException("--via leads to tcp: and tls: addresses, not to $target")
        for (next in via.drop(1) + target) {
            val host = (next.below as Address.Tcp).host.orEmpty()
            if (host.any { it !in '!'..'~' }) throw UsageException("a proxy must be given the name in ASCII (xn--...), not as in $next")
        }
    }

    companion object {
        val FAMILY_OPTIONS = setOf("-4", "-6")

        val OPTIONS = FAMILY_OPTIONS + setOf("--happy-eyeballs-delay", "--local-address", "--via", "--starttls") + TlsSettings.OPTIONS

        private val USUAL_DELAY = 250.milliseconds
    }
}
