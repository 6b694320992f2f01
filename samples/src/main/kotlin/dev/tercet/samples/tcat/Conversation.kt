package dev.tercet.samples.tcat

import dev.tercet.coroutines.task.nursery

/**
 * Stdin to the peer, the peer to stdout, until both directions have ended. Each end is handed on at once: that of stdin to the peer, that of
 * the peer to whoever reads our stdout.
 *
 * At a terminal the end of the peer is enough. A peer that listens on after its last word is rare, and a person who would have to press Ctrl-D
 * after every web page is not. Where a connection cannot end by halves, the end of the peer is the end of it all, too.
 */
suspend fun converse(peer: Named<Connection>, host: Host) = nursery {
    val sending = startSoon { pumpAndEnd(Named(host.stdin, STDIN), peer, STANDARD_BUFFER_BYTES) }
    val progress = startSoon { showProgress(peer.stream.socket, host) }
    pump(peer, Named(host.stdout, STDOUT), STANDARD_BUFFER_BYTES)
    at(STDOUT) { host.stdout.close() }
    if (host.terminals.stdin || !peer.stream.endsByHalves) sending.cancel()
    sending.join()
    progress.cancel()
}

/** There are two of these in a process, and each filling is a trip to another thread. */
private const val STANDARD_BUFFER_BYTES = 64 * 1024
