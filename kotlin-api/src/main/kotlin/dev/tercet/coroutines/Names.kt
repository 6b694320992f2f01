package dev.tercet.coroutines

import dev.tercet.NameInfo
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.names.AddressQuestion
import dev.tercet.internal.names.NameQuestions
import dev.tercet.internal.names.Reply
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.io.IOException
import java.net.InetSocketAddress
import java.net.UnknownHostException

/**
 * Looks up a host: the addresses of a name, in the resolver's order. A literal is only parsed (spec IO-K7, IO-K8). This is for low-level
 * sockets; the others take names.
 *
 * A non-ASCII name is looked up by its A-labels. A name that IDNA 2003 and IDNA 2008 map to different hosts is rejected.
 *
 * *Errors:* [UnknownHostException] when the name has no addresses, another [IOException] when the lookup fails; [IllegalArgumentException]
 * for a host that is neither a name nor a literal, "127.1" and "[::1]" for example, and for the port, before any lookup.
 *
 * *Cancellation:* immediate; the answer is ignored.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param host a name or an IP literal, IPv6 without brackets; null or empty for this machine, ::1 and 127.0.0.1
 * @param port 0 to 65535
 * @return at least one address, without duplicates
 */
public suspend fun getaddrinfo(host: String?, port: Int): List<InetSocketAddress> {
    AddressQuestion.requirePort(port)
    AddressQuestion.requireHost(host)
    currentCoroutineContext().ensureActive()
    val lookup = AddressQuestion.startAll(currentNetwork().resolver(), host)
    lookup.await()
    return AddressQuestion.answers(lookup, port)
}

/**
 * Looks up the names of an address: the host by a reverse lookup, the service in `/etc/services`. Without a name the result is the address
 * or port as text (spec IO-K10). A name proves nothing: the system's resolver checks that it has the address, other resolvers may not.
 *
 * *Errors:* an [IOException] when the resolver fails; [IllegalArgumentException] for an unresolved address.
 *
 * *Cancellation:* immediate; the answer is ignored.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param address resolved
 * @return the names of host and service
 */
public suspend fun getnameinfo(address: InetSocketAddress): NameInfo {
    NameQuestions.requireNumeric(address)
    currentCoroutineContext().ensureActive()
    val host = await(NameQuestions.hostName(currentNetwork().resolver(), address))
    return NameQuestions.nameInfo(address, host, await(NameQuestions.services()))
}

/**
 * Looks up the number of a protocol above IP, in `/etc/protocols` and a small built-in table: tcp is 6, udp is 17 (spec IO-K11).
 *
 * *Errors:* an [IOException] when there is no such protocol; [IllegalArgumentException] for an empty name or one with spaces.
 *
 * *Cancellation:* no effect.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param name in the case of the table; aliases are accepted too
 * @return the number of the protocol
 */
public suspend fun getprotobyname(name: String): Int {
    NameQuestions.requireProtocolName(name)
    currentCoroutineContext().ensureActive()
    return NameQuestions.protocol(await(NameQuestions.protocols()), name)
}

private suspend fun <T> await(reply: Reply<T>): T {
    try {
        reply.answered().await()
        return reply.result()
    } finally {
        reply.abandon()
    }
}
