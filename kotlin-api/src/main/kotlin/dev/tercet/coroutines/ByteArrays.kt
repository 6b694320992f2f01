@file:JvmName("ByteArrays")

package dev.tercet.coroutines

import dev.tercet.internal.text.TextLine
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.nio.ByteBuffer
import kotlin.math.max
import kotlin.math.min

/**
 * Sends a part of an array, the whole of it by default; otherwise as [SendStream.sendAll] of a buffer.
 *
 * *Errors:* [IndexOutOfBoundsException] when the range is not inside the array; else as [SendStream.sendAll].
 *
 * *Cancellation:* an unknown part of the data has been sent; the stream is open, and usable only for closing (spec IO-S8).
 *
 * *Thread-safety:* one sender at a time; receiving concurrently is fine.
 *
 * @param data the array of the bytes; not retained
 * @param offset where they begin, 0 to `data.size`
 * @param length how many, 0 to `data.size - offset`
 */
public suspend fun SendStream.sendAll(data: ByteArray, offset: Int = 0, length: Int = data.size - offset): Unit =
    sendAll(ByteBuffer.wrap(data, offset, length))

/**
 * Sends each chunk of a flow, one after the other.
 *
 * *Errors:* as [SendStream.sendAll], and what the flow throws.
 *
 * *Cancellation:* an unknown part of the data has been sent; the stream is open, and usable only for closing (spec IO-S8).
 *
 * *Thread-safety:* one sender at a time; between two chunks another may send.
 *
 * @param chunks the source of the bytes; an array must not change before the flow emits the next
 */
public suspend fun SendStream.sendAll(chunks: Flow<ByteArray>): Unit = chunks.collect { sendAll(it) }

/**
 * Sends a line of UTF-8 text, followed by CR LF, as Internet protocols require (spec IO-B7). For a line feed alone use [sendAll].
 *
 * *Errors:* [IllegalArgumentException] when the line contains a carriage return or a line feed, so that foreign text cannot start a new
 * line; else as [SendStream.sendAll].
 *
 * *Cancellation:* an unknown part of the data has been sent; the stream is open, and usable only for closing (spec IO-S8).
 *
 * *Thread-safety:* one sender at a time; receiving concurrently is fine.
 *
 * @param line without its end
 */
public suspend fun SendStream.sendLine(line: String): Unit = sendAll(TextLine.encoded(line))

/**
 * Receives up to 65,536 bytes into a fresh array, as soon as there are any.
 *
 * *Errors:* as [ReceiveStream.receiveSome].
 *
 * *Cancellation:* no effect: no byte is lost, the next call gets them.
 *
 * *Thread-safety:* one receiver at a time; sending concurrently is fine.
 *
 * @return at least one byte, or an empty array at EOF
 */
public suspend fun ReceiveStream.receiveSome(): ByteArray = receiveSome(DEFAULT_RECEIVE_BYTES)

/**
 * Receives some bytes into a fresh array, as soon as there are any. Tercet's own streams hold no buffer while they wait.
 *
 * *Errors:* [IllegalArgumentException] when [maxBytes] is below 1, even on a closed stream (spec IO-R3); else as [ReceiveStream.receiveSome].
 *
 * *Cancellation:* no effect: no byte is lost, the next call gets them.
 *
 * *Thread-safety:* one receiver at a time; sending concurrently is fine.
 *
 * @param maxBytes how many at most, 1 or more
 * @return 1 to [maxBytes] bytes, or an empty array at EOF
 */
public suspend fun ReceiveStream.receiveSome(maxBytes: Int): ByteArray =
    if (this is WaitsForReadiness) receiveSome(maxBytes) else receiveThroughBuffer(maxBytes)

private suspend fun ReceiveStream.receiveThroughBuffer(maxBytes: Int): ByteArray {
    requireMaxBytes(maxBytes)
    val bytes = ByteArray(min(maxBytes, DEFAULT_RECEIVE_BYTES))
    val n = receiveSome(ByteBuffer.wrap(bytes))
    return if (n == bytes.size) bytes else bytes.copyOf(max(n, 0))
}

/**
 * The received bytes, chunk by chunk, until EOF. No chunk is empty (spec IO-R7).
 *
 * The flow is cold: nothing is received before it is collected. A second collection continues where the first stopped, so collect it once. It
 * closes nothing.
 *
 * *Errors:* of the collection, as [ReceiveStream.receiveSome].
 *
 * *Cancellation:* no byte is lost except those of emitted chunks.
 *
 * *Thread-safety:* one receiver at a time.
 */
public fun ReceiveStream.chunks(): Flow<ByteArray> = flow {
    while (true) {
        val chunk = receiveSome()
        if (chunk.isEmpty()) break
        emit(chunk)
    }
}

/**
 * The received bytes, line by line, until EOF, as UTF-8 text. A line ends with a line feed, with or without a carriage return before it,
 * neither of which is in the result (spec IO-R7). Text after the last line feed is a line too, unless it is empty. To treat it as an error,
 * use [BufferedReceiveStream.receiveLine].
 *
 * The flow is cold and receives ahead: bytes after the last collected line are in the flow, not in the stream. So collect it once and to
 * its end, or call this on a [BufferedStream] or a [BufferedReceiveStream], which lose nothing. It closes nothing.
 *
 * *Errors:* [IllegalArgumentException] when [maxBytes] is negative; of the collection, [dev.tercet.TooLongException] when a line is longer
 * than [maxBytes]; else as [ReceiveStream.receiveSome].
 *
 * *Cancellation:* as that of [BufferedReceiveStream.receiveLine].
 *
 * *Thread-safety:* one receiver at a time.
 *
 * @param maxBytes how many bytes a line may have without its end, 0 or more
 */
public fun ReceiveStream.lines(maxBytes: Int = DEFAULT_LINE_BYTES): Flow<String> {
    require(maxBytes >= 0) { "maxBytes must be at least 0, not $maxBytes" }
    val buffered = (this as? BufferedStream<*>)?.receiving ?: this as? BufferedReceiveStream ?: BufferedReceiveStream(this)
    return flow {
        while (true) emit(buffered.receiveLineOrRest(maxBytes) ?: break)
    }
}

private const val DEFAULT_RECEIVE_BYTES = 65_536
