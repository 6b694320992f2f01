package dev.tercet.samples.tcat

import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.nursery
import java.nio.ByteBuffer

/** A stream and the name that complaints have for it. */
class Named<out S>(val stream: S, val name: Any)

/**
 * Copies until the end, through one buffer. It is a heap buffer: the loop's threads have a direct one for the system call, so that a
 * thousand idle connections hold little memory, and what files and pipes take is an array anyway.
 */
suspend fun pump(from: Named<ReceiveStream>, to: Named<SendStream>, bufferBytes: Int = CONNECTION_BUFFER_BYTES) {
    val buffer = ByteBuffer.allocate(bufferBytes)
    while (at(from.name) { from.stream.receiveSome(buffer.clear()) } != -1) at(to.name) { to.stream.sendAll(buffer.flip()) }
}

/** Copies until the end, and hands on the end. */
suspend fun pumpAndEnd(from: Named<ReceiveStream>, to: Named<HalfCloseableStream>, bufferBytes: Int = CONNECTION_BUFFER_BYTES) {
    pump(from, to, bufferBytes)
    at(to.name) { to.stream.sendEof() }
}

/**
 * Connects a client and a target with each other until both directions have ended; if one fails, the other is cancelled.
 *
 * Where one of them cannot end by halves: its own end is the end of it all, since it would take nothing more. The end of the target is, too,
 * since the client is told of it only by closing; that of the client is not, or the target's answer would be lost.
 */
suspend fun relay(client: Named<Connection>, target: Named<Connection>) = nursery {
    val back = startSoon { pumpAndEnd(target, client) }
    val forth =
        startSoon {
            pumpAndEnd(client, target)
            if (!client.stream.endsByHalves) back.cancel()
        }
    back.join()
    if (!client.stream.endsByHalves || !target.stream.endsByHalves) forth.cancel()
}

/** A server has two of these per connection. */
const val CONNECTION_BUFFER_BYTES = 16 * 1024
