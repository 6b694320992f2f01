package dev.tercet.samples.tcat

import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream

/**
 * What tcat talks over: a socket, or what was built on one, such as TLS, or TLS in TLS.
 *
 * **The end of one direction.** A socket can say it, and TLS 1.3 can: close_notify is then for what we send, and we go on receiving. In TLS 1.2
 * close_notify ends both directions, and HTTP's manner (`--https-compatible`) knows no close_notify at all. There [sendEof] does nothing, and whoever
 * has handed on an end looks at [endsByHalves] to know whether the peer has heard of it. It hears of it when the connection is closed.
 *
 * @property socket at the bottom
 * @property stream at the top
 * @param around what bytes go through before they come to [stream]; it changes none of them
 */
class Connection private constructor(val socket: SocketStream, val stream: Stream, around: Stream) :
    HalfCloseableStream,
    Stream by around {
    constructor(socket: SocketStream, stream: Stream = socket) : this(socket, stream, stream)

    /** The same connection: no faster than [show] allows, and what moves is in the transcript, under [name]. */
    internal fun shown(show: Command.Show, transcript: Transcript?, name: Any): Connection {
        val paced = if (show.rate == null) stream else Pace.over(stream, show.rate)
        return Connection(socket, stream, transcript?.Peer(name)?.over(paced) ?: paced)
    }

    /** Whether one direction can end and the other go on. With TLS it must not be asked before the handshake. */
    val endsByHalves: Boolean
        get() = when (stream) {
            is HalfCloseableStream -> true
            is TlsStream<*> -> stream.info.version == "TLSv1.3" && !stream.httpsCompatible
            else -> false
        }

    override suspend fun sendEof() {
        when (stream) {
            is HalfCloseableStream -> stream.sendEof()
            is TlsStream<*> -> if (endsByHalves) stream.sendEof()
        }
    }

    override fun toString() = stream.toString()
}
