package dev.tercet.samples

import dev.tercet.coroutines.*
import java.nio.ByteBuffer

/** A stream of one's own: rotates letters by 13, whatever the transport. Members take buffers only, so nothing leaks past the two overrides. */
class Rot13Stream(private val transport: Stream) : Stream by transport {
    override suspend fun sendAll(data: ByteBuffer) = transport.sendAll(rot13(data))

    override suspend fun receiveSome(into: ByteBuffer): Int {
        val start = into.position()
        return transport.receiveSome(into).also { rot13InPlace(into, start) }
    }
}

private fun rot13(data: ByteBuffer): ByteBuffer {
    val rotated = ByteBuffer.allocate(data.remaining())
    while (data.hasRemaining()) rotated.put(JavaRot13Stream.rot13(data.get()))
    return rotated.flip()
}

private fun rot13InPlace(buffer: ByteBuffer, start: Int) {
    for (i in start until buffer.position()) buffer.put(i, JavaRot13Stream.rot13(buffer.get(i)))
}
