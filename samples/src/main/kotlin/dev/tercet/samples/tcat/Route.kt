package dev.tercet.samples.tcat

import dev.tercet.ConnectReport
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openUnixSocket
import dev.tercet.tls.TlsConfig
import java.nio.ByteBuffer

/**
 * The way to an address: through proxies, the nearest first, with TLS wherever an address says so. Files are read, and names checked, when it
 * is made: a mistake is told before anything is sent.
 */
class Route(target: Address, tls: TlsSettings = TlsSettings(), via: List<Address> = emptyList()) {
    /** @property config null without TLS */
    private class Stop(val address: Address, val serverName: String?, val config: TlsConfig?)

    private val stops: List<Stop>

    init {
        val proxyConfig by lazy { tls.proxyConfig() }
        val proxies = via.map { Stop(it, host(it), if (it is Address.Tls) proxyConfig else null) }
        stops = proxies + Stop(target, tls.serverName ?: host(target), if (target is Address.Tls) tls.clientConfig() else null)
        stops.forEach { check(it) }
    }

    /** Connects, all the way. */
    suspend fun open(race: Command.Race = Command.Race(), trace: Trace? = null): Connection {
        val nearest = stops.first().address
        val socket = at(nearest) { nearest.openSocket(race) { trace?.say(timeLine(it)) } }
        var connection = Connection(socket)
        try {
            trace?.say("connected from ${Address.of(socket.localAddress)} to ${Address.of(socket.remoteAddress)}")
            connection = secured(connection, stops.first(), trace)
            for ((proxy, next) in stops.zipWithNext()) {
                at(proxy.address) { openTunnel(connection, next.address.below as Address.Tcp) }
                trace?.say("tunnel through ${proxy.address} to ${next.address}")
                connection = secured(connection, next, trace)
            }
            return connection
        } catch (e: Throwable) {
            connection.closeForcefully()
            throw e
        }
    }

    private suspend fun secured(connection: Connection, stop: Stop, trace: Trace?): Connection {
        val config = stop.config ?: return connection
        val tls = TlsStream.wrapClient(connection.stream, stop.serverName, config)
        at(stop.address) { handshake(tls, stop.address, trace) }
        return Connection(connection.socket, tls)
    }

    private companion object {
        fun host(address: Address): String? = (address.below as? Address.Tcp)?.host

        /** Wrapping does no I/O, and refuses what it cannot do. */
        fun check(stop: Stop) {
            try {
                TlsStream.wrapClient(Nowhere, stop.serverName, stop.config ?: return).closeForcefully()
            } catch (e: IllegalArgumentException) {
                throw UsageException("${stop.address}: ${e.message}")
            }
        }
    }
}

/** Connects the socket. [onReport] is told how that went, when there was something to choose. */
private suspend fun Address.openSocket(race: Command.Race, onReport: (ConnectReport) -> Unit): SocketStream = try {
    when (val below = below) {
        is Address.Tcp -> openTcpStream(checkNotNull(below.host), below.port, race.happyEyeballsDelay, race.localAddress, onReport)
        is Address.Unix -> openUnixSocket(below.path)
        else -> throw UsageException("$this has no connections")
    }
} catch (e: IllegalArgumentException) {
    // Refused before anything was done: a path that is too long for a socket, for instance.
    throw UsageException("$this: ${e.message}")
}

/** A stream that is never used. */
private object Nowhere : Stream {
    override suspend fun sendAll(data: ByteBuffer) = error("nowhere")

    override suspend fun waitSendAllMightNotBlock() = error("nowhere")

    override suspend fun receiveSome(into: ByteBuffer) = error("nowhere")

    override suspend fun close() = Unit

    override fun closeForcefully() = Unit
}
