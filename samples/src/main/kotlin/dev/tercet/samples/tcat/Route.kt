package dev.tercet.samples.tcat

import dev.tercet.ConnectReport
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openUnixSocket
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsTrust
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds

/**
 * The way to an address: through proxies, the nearest first, with TLS wherever an address says so. Files are read, and names checked, when it
 * is made: a mistake is told before anything is sent.
 *
 * @param trust whom to believe, instead of what the command line says
 */
class Route(target: Address, private val way: Way = Way(), trust: TlsTrust? = null) {
    /** @property config null without TLS */
    private class Stop(val address: Address, val serverName: String?, val config: TlsConfig?, val startTls: StartTlsProtocol? = null)

    private val stops: List<Stop>

    init {
        val proxyConfig by lazy { way.tls.proxyConfig() }
        val proxies = way.via.map { Stop(it, host(it), if (it is Address.Tls) proxyConfig else null) }
        val config = if (target is Address.Tls) way.tls.clientConfig().let { if (trust == null) it else it.withTrust(trust) } else null
        stops = proxies + Stop(target, way.tls.serverName ?: host(target), config, way.startTls)
        stops.forEach { check(it) }
    }

    /** Connects, all the way. */
    suspend fun open(trace: Trace? = null): Connection {
        val nearest = stops.first().address
        val socket = at(nearest) { nearest.openSocket(way) { report -> trace?.say { timeLine(report) } } }
        var connection = Connection(socket)
        try {
            trace?.say { "connected from ${Address.of(socket.localAddress)} to ${Address.of(socket.remoteAddress)}" }
            connection = secured(connection, stops.first(), trace)
            for ((proxy, next) in stops.zipWithNext()) {
                at(proxy.address) { openTunnel(connection, next.address.below as Address.Tcp) }
                trace?.say { "tunnel through ${proxy.address} to ${next.address}" }
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
        stop.startTls?.let { protocol ->
            at(stop.address) { agreeOnTls(connection, protocol, stop) }
            trace?.say { "$protocol with ${stop.address}: TLS follows" }
        }
        val tls = TlsStream.wrapClient(connection.stream, stop.serverName, config)
        at(stop.address) { handshake(tls, stop.address, trace) }
        return Connection(connection.socket, tls)
    }

    private suspend fun agreeOnTls(connection: Connection, protocol: StartTlsProtocol, stop: Stop) {
        val dialogue = protocol.dialogue(stop.serverName)
        if (moveOnAfter(START_TLS_LIMIT) { startTls(connection, dialogue) }) {
            throw IOException("the $protocol server did not agree to TLS within ${inSeconds(START_TLS_LIMIT)}")
        }
    }

    private companion object {
        /** As long as a handshake may take: a server that is silent before TLS is no better than one that is silent in it. */
        val START_TLS_LIMIT = 30.seconds

        fun host(address: Address): String? = (address.below as? Address.Tcp)?.host

        /** Making a dialogue and wrapping do no I/O, and refuse what they cannot do. */
        fun check(stop: Stop) {
            stop.startTls?.dialogue(stop.serverName)
            try {
                TlsStream.wrapClient(Nowhere, stop.serverName, stop.config ?: return).closeForcefully()
            } catch (e: IllegalArgumentException) {
                throw UsageException("${stop.address}: ${e.message}")
            }
        }
    }
}

/** Connects the socket. [onReport] is told how that went, when there was something to choose. */
private suspend fun Address.openSocket(way: Way, onReport: (ConnectReport) -> Unit): SocketStream = try {
    when (val below = below) {
        is Address.Tcp -> openTcpStream(checkNotNull(below.host), below.port, way.happyEyeballsDelay, way.localAddress, onReport)
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
