package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.RelayReport
import dev.tercet.RelayReport.Side
import dev.tercet.tls.NeedHandshakeException
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicReference

/**
 * Copies bytes between a client and a server in both directions, until both have ended. EOF of one direction is forwarded as a half-close.
 * Closes neither stream (spec IO-H11).
 *
 * ```
 * serveTcp(5432) { client -> openTcpStream("db.internal", 5432).use { server -> relay(client, server) } }
 * ```
 *
 * **Streams without half-close**, such as TLS 1.2 and custom streams, can send EOF only by closing. When the server ends and one of the two
 * is such a stream, this returns at once, because the client gets no other EOF. When the client ends and is such a stream, it accepts
 * nothing more, and this returns, too. When only the server is one, this waits for its answer.
 *
 * *Errors:* the first failure of one of the streams; the other direction is cancelled.
 *
 * *Cancellation:* both directions are cancelled; an unknown part of the received bytes has been sent.
 *
 * *Thread-safety:* any coroutine; no other task may send to or receive from the two streams.
 *
 * @param client the side that has connected
 * @param server the side that was connected to
 * @return the bytes in each direction, and the side whose EOF came first
 */
public suspend fun relay(client: Stream, server: Stream): RelayReport {
    val first = AtomicReference<Side>()
    val forth = OneWay(client, server) { first.compareAndSet(null, Side.CLIENT) }
    val back = OneWay(server, client) { first.compareAndSet(null, Side.SERVER) }
    nursery {
        val answering = startSoon { back.run() }
        val asking =
            startSoon {
                forth.run()
                if (!client.endsByHalves) answering.cancel()
            }
        answering.join()
        if (!client.endsByHalves || !server.endsByHalves) asking.cancel()
    }
    return RelayReport(forth.bytes, back.bytes, first.get())
}

private class OneWay(private val from: Stream, private val to: Stream, private val onEnd: () -> Unit) {
    @Volatile
    var bytes = 0L
        private set

    suspend fun run() {
        val buffer = ByteBuffer.allocate(BUFFER_BYTES)
        while (true) {
            val n = from.receiveSome(buffer.clear())
            if (n == -1) break
            to.sendAll(buffer.flip())
            bytes += n
        }
        onEnd()
        try {
            to.sendEofIfPossible()
        } catch (_: BrokenResourceException) {
            // It has gone already, after its own end perhaps. Who receives from it decides whether that is an error.
        }
    }
}

private tailrec suspend fun Stream.sendEofIfPossible() {
    when (this) {
        is HalfCloseableStream -> sendEof()
        is TlsStream<*> -> if (endsByHalves) sendEof()
        is BufferedStream<*> -> transportStream.sendEofIfPossible()
    }
}

/** Whether one direction can end and the other go on. */
private val Stream.endsByHalves: Boolean
    get() = when (this) {
        is HalfCloseableStream -> true

        is BufferedStream<*> -> transportStream.endsByHalves

        is TlsStream<*> ->
            try {
                !httpsCompatible && info.version == "TLSv1.3"
            } catch (_: NeedHandshakeException) {
                // It has carried nothing, so nobody waits for more.
                false
            }

        else -> false
    }

/** On the heap: a thousand idle connections hold little memory then. */
private const val BUFFER_BYTES = 16 * 1024
