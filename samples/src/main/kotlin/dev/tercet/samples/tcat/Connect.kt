package dev.tercet.samples.tcat

import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.use
import kotlin.time.Duration
import kotlin.time.TimeSource

/** `tcat connect` */
suspend fun connect(command: Command.Connect, host: Host) {
    val address = command.address
    if (address is Address.Udp) return connectDatagrams(command, address, host)
    if (address is Address.Dtls) return connectDtls(command, address, host)
    val trace = Trace(host, command.trace)
    val route = Route(address, command.way)
    Transcript.keeping(command.show, host) { transcript ->
        val connection: Connection =
            at(address) {
                failAfter(command.timeout ?: Duration.INFINITE) { route.open(trace) }
            }
        val start = TimeSource.Monotonic.markNow()
        val socket = connection.socket
        try {
            connection.shown(command.show, transcript, address).use { converse(Named(it, address), host, command.quiet) }
        } finally {
            trace.say { "closed: ${progress(socket.bytesSent, socket.bytesReceived, start.elapsedNow())}" }
        }
    }
}

private suspend fun converse(peer: Named<Connection>, host: Host, quiet: Duration?) {
    if (quiet != null || peer.stream.endsByHalves) return converse(peer, host, quiet ?: Duration.INFINITE)
    val limit = Quiet.WHERE_STDIN_CANNOT_END
    // The peer is not told that stdin has ended, and may wait for it for ever.
    converse(peer, host, limit) {
        host.complain(
            "${peer.name}: closed, since nothing came for ${inSeconds(limit)} after the end of stdin; -q sets the time",
        )
    }
}
