package dev.tercet.coroutines.net

import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.coroutines.AsyncResource
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.loop.currentNetwork
import dev.tercet.coroutines.socket.SocketStream
import dev.tercet.coroutines.socket.StreamSocket
import dev.tercet.internal.names.Lookup
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.nio.ConnectLog
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.UnknownHostException

/**
 * Connects to a host. Its addresses are tried one after the other, in the resolver's order, until one connects.
 *
 * *Errors:* [ConnectFailedException] when no address could be connected to, with one suppressed failure per address; [UnknownHostException]
 * when the host has none; [IllegalArgumentException] for an empty host or a port outside 1..65535, before anything is done.
 *
 * *Cancellation:* no connection is left, and none under way: when this has thrown, nothing more is sent (spec IO-HE14).
 *
 * *Thread-safety:* any coroutine.
 *
 * @param host a name or an IP literal, IPv6 without brackets
 * @param port 1 to 65535
 * @param localAddress a name or literal to connect from; addresses of the other family then cannot be connected to
 * @param onReport told at the end who was tried, when, and how it ended, on success and on failure; must not block
 */
public suspend fun openTcpStream(
    host: String,
    port: Int,
    localAddress: String? = null,
    onReport: ((ConnectReport) -> Unit)? = null,
): SocketStream {
    val log = ConnectLog(host, port)
    localAddress?.let(Addresses::requireHost)
    val network = currentNetwork()
    val targets = lookup(network, host)
    val locals = localAddress?.let { lookup(network, it) }
    log.lookedUp(targets)
    while (true) {
        val target = log.next() ?: throw failed(log, onReport)
        val stream =
            try {
                connect(network, target, ConnectLog.localFor(locals, localAddress, target))
            } catch (e: IOException) {
                log.failed(e)
                continue
            }
        log.won()
        stream.closeIfThrows { onReport?.invoke(log.report()) }
        return stream
    }
}

private fun failed(log: ConnectLog, onReport: ((ConnectReport) -> Unit)?): ConnectFailedException {
    val report = log.report()
    onReport?.invoke(report)
    return ConnectFailedException(report)
}

/** Resolves a name on this network; literals do not reach the resolver. */
internal suspend fun lookup(network: NetworkProvider, host: String): List<InetAddress> {
    val lookup = Lookup.start(network.resolver(), host)
    lookup.await()
    return lookup.result()
}

private suspend fun connect(network: NetworkProvider, target: InetSocketAddress, local: InetSocketAddress?): SocketStream {
    val socket =
        try {
            StreamSocket(network.openStream(Addresses.family(target.address)))
        } catch (e: UnsupportedOperationException) {
            throw ConnectLog.familyMissing(target, e)
        }
    return socket.closeIfThrows {
        if (local != null) socket.bind(local)
        socket.connect(target)
        SocketStream(socket)
    }
}

/**
 * Runs [body], and if it throws, closes this resource and waits for the close, whatever else happens: until then a connect that was given up
 * would still be sending.
 */
internal suspend inline fun <T> AsyncResource.closeIfThrows(body: () -> T): T = try {
    body()
} catch (failure: Throwable) {
    withContext(NonCancellable) { close() }
    throw failure
}
