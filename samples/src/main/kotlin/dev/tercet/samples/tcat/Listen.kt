package dev.tercet.samples.tcat

import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.serveUnix
import dev.tercet.coroutines.use
import dev.tercet.tls.DtlsServerConfig
import dev.tercet.tls.TlsServerConfig
import java.io.IOException
import java.net.SocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * `tcat listen`. The first INT or TERM stops it gracefully: no new connections, and those there are get some time. The second ends it at once,
 * as the first does when the one connection that is served is all there is.
 */
suspend fun listen(command: Command.Listen, host: Host) {
    if (command.address is Address.Udp) return listenForDatagrams(command, command.address, host)
    val dtls = (command.address as? Address.Dtls)?.let { command.tls.dtlsServerConfig() }
    val service = command.service.handler(host)
    val config = (command.address as? Address.Tls)?.let { command.tls.serverConfig() }
    val report = Transcript.keeping(command.show, host) { serveUntilStopped(command, dtls, config, service, it, host) }
    val served = report ?: throw IOException("stopped by a signal")
    Trace(host, command.trace).say { served }
    if (command.once && served.cancelled() > 0) {
        val limit = command.timeout?.let(::inSeconds)
        throw IOException("the connection was cut: no byte has moved for $limit")
    }
}

/** Null when a signal has ended it at once. */
private suspend fun serveUntilStopped(
    command: Command.Listen,
    dtls: DtlsServerConfig?,
    config: TlsServerConfig?,
    service: suspend (Named<Connection>) -> Unit,
    transcript: Transcript?,
    host: Host,
): ServeReport? {
    val stop = StopSignal()
    var report: ServeReport? = null
    host.signals.receiving { receive ->
        nursery {
            val serving = startSoon {
                report =
                    if (dtls ==
                        null
                    ) {
                        serve(command, config, service, transcript, stop, host)
                    } else {
                        serveDtls(command, dtls, transcript, stop, host)
                    }
            }
            val stopping =
                startSoon {
                    receive()
                    if (!stop.isStopped) {
                        stop.stop()
                        receive()
                    }
                    serving.cancel()
                }
            serving.join()
            stopping.cancel()
        }
    }
    return report
}

private suspend fun serve(
    command: Command.Listen,
    config: TlsServerConfig?,
    service: suspend (Named<Connection>) -> Unit,
    transcript: Transcript?,
    stop: StopSignal,
    host: Host,
): ServeReport {
    val trace = Trace(host, command.trace)
    val nameOf = if (config == null) { address: SocketAddress -> Address.of(address) } else Address::ofTls
    val handler: suspend (SocketStream) -> Unit = { socket ->
        val peer = nameOf(socket.remoteAddress)
        if (command.once) stop.stop()
        trace.say { "connection from $peer" }
        if (config == null) {
            Connection(socket).shown(command.show, transcript, peer).use { service(Named(it, peer)) }
        } else {
            val tls = TlsStream.wrapServer(socket, config)
            Connection(socket, tls).shown(command.show, transcript, peer).use {
                at(peer) { handshake(tls, peer, trace) }
                service(Named(it, peer))
            }
        }
        trace.say { "end of connection from $peer: sent ${socket.bytesSent}, received ${socket.bytesReceived} bytes" }
    }
    val onHandlerError = if (command.once) OnHandlerError.PROPAGATE else OnHandlerError { failure, _ -> host.report(failure) }
    val maxConnections = if (command.once) 1 else command.maxConnections
    val drain = if (command.once) Duration.INFINITE else DRAIN
    var isListening = false
    val status =
        TaskStatus<List<SocketListener>> { listeners ->
            // For scripts: they wait for this line, and learn the port from it.
            host.stderr.println("listening " + listeners.joinToString(" ") { nameOf(it.localAddress) })
            isListening = true
        }
    try {
        return at(command.address) {
            when (val address = command.address.below) {
                is Address.Tcp ->
                    serveTcp(
                        address.port,
                        address.host,
                        onHandlerError = onHandlerError,
                        maxConnections = maxConnections,
                        stop = stop,
                        drain = drain,
                        idleTimeout = command.timeout,
                        taskStatus = status,
                        handler = handler,
                    )

                is Address.Unix ->
                    serveUnix(
                        address.path,
                        onHandlerError = onHandlerError,
                        maxConnections = maxConnections,
                        stop = stop,
                        drain = drain,
                        idleTimeout = command.timeout,
                        taskStatus = status,
                        handler = handler,
                    )

                else -> throw UsageException("$address has no connections")
            }
        }
    } catch (e: IllegalArgumentException) {
        // Before that it is about the address, after that it is a bug.
        if (isListening) throw e
        throw UsageException("${command.address}: ${e.message}")
    }
}

/** One connection failed; the others go on. */
internal fun Host.report(failure: Throwable) = if (failure is IOException) complain(describe(failure)) else throw failure

/** How long connections may take to end after the first signal. */
internal val DRAIN = 10.seconds
