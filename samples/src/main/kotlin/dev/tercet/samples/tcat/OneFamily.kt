package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import dev.tercet.Resolver
import java.io.IOException
import java.net.InetAddress
import java.util.concurrent.CompletionStage

/** For `-4` and `-6`: of all addresses of a host those of one [family]. A literal needs no resolver, so the command line refuses it before. */
internal class OneFamily(private val all: Resolver, private val family: AddressFamily) : Resolver {
    override fun lookup(host: String, family: AddressFamily): CompletionStage<List<InetAddress>> =
        all.lookup(host, this.family).thenApply { found ->
            found.ifEmpty { throw IOException("$host has no ${this.family.title} address") }
        }

    override fun reverse(address: InetAddress): CompletionStage<String?> = all.reverse(address)
}

internal val AddressFamily.title: String get() = if (this == AddressFamily.IPV4) "IPv4" else "IPv6"

private val AddressFamily.option: String get() = if (this == AddressFamily.IPV4) "-4" else "-6"

/** Throws if [address] cannot be of this family. */
internal fun AddressFamily.requireFor(address: Address) {
    if (this == AddressFamily.ANY) return
    val host =
        when (val below = address.below) {
            is Address.Tcp -> below.host
            is Address.Udp -> below.host
            else -> throw UsageException("$option is for hosts, and $address has none")
        }
    host?.let(::requireForHost)
}

/** Throws if [host] is an address of the other family. */
internal fun AddressFamily.requireForHost(host: String) {
    val literal =
        when {
            ':' in host -> AddressFamily.IPV6
            host.all { it in '0'..'9' || it == '.' } -> AddressFamily.IPV4
            else -> return
        }
    if (this != AddressFamily.ANY && this != literal) throw UsageException("$option, but $host is an ${literal.title} address")
}
