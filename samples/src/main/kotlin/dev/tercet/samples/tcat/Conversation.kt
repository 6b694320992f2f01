package dev.tercet.samples.tcat

import dev.tercet.coroutines.nursery
import kotlin.time.Duration

/**
 * Stdin to the peer, the peer to stdout, until both directions have ended. Each EOF is passed on at once: that of stdin to the peer, that of
 * the peer to whoever reads our stdout.
 *
 * At a terminal the EOF of the peer is enough. A peer that listens on after its last word is rare, and a person who would have to press Ctrl-D
 * after every web page is not. Where a connection cannot be half-closed, the EOF of the peer ends both directions, too.
 *
 * After the EOF of stdin, a peer that sends nothing for [quiet] is not waited for any longer; [onQuiet] runs then.
 */
suspend fun converse(peer: Named<Connection>, host: Host, quiet: Duration, onQuiet: () -> Unit = {}) = nursery {
    val lull = Quiet()
    val progress = Progress(if (host.isWatched) host.stdinBytes() else null)
    val sending = startSoon { pumpAndEnd(Named(progress.over(host.stdin), STDIN), peer, STANDARD_BUFFER_BYTES) }
    val showing = startSoon { showProgress(progress, peer.stream.socket, host) }
    val receiving = startSoon {
        pump(Named(lull.over(peer.stream), peer.name), Named(host.stdout, STDOUT), STANDARD_BUFFER_BYTES)
        at(STDOUT) { host.stdout.close() }
    }
    val watching = startSoon {
        sending.join()
        lull.await(quiet)
        onQuiet()
        receiving.cancel()
    }
    receiving.join()
    watching.cancel()
    if (host.standardStreams.stdinIsTerminal || !peer.stream.endsByHalves) sending.cancel()
    sending.join()
    showing.cancel()
}

/** There are two of these in a process, and each filling is a trip to another thread. */
private const val STANDARD_BUFFER_BYTES = 64 * 1024
