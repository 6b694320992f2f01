@file:JvmName("Blocking")

package dev.tercet.coroutines.adapt

import dev.tercet.coroutines.AsyncResource
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.receiveSome
import dev.tercet.internal.wait.Parking
import java.io.InputStream
import java.io.OutputStream
import java.nio.ByteBuffer
import dev.tercet.blocking.HalfCloseableStream as BlockingHalfCloseableStream
import dev.tercet.blocking.ReceiveStream as BlockingReceiveStream
import dev.tercet.blocking.SendStream as BlockingSendStream
import dev.tercet.blocking.Stream as BlockingStream

/**
 * A blocking view of this stream: each operation runs as a coroutine on the calling thread, which blocks until it has ended. It is
 * half-closeable if this one is.
 *
 * *Errors:* of its operations, as of this stream's; [IllegalStateException] on an event loop's thread, which must not block.
 *
 * *Cancellation:* an interrupt of the thread, or the expiry of a Java `CancelScope` around it, cancels the coroutine. If it has finished
 * nevertheless, its result is returned.
 *
 * *Thread-safety:* as this stream. Threads and coroutines may use it in turn.
 *
 * @return a view of this stream; closing it closes this one
 */
public fun Stream.asBlocking(): BlockingStream = if (this is HalfCloseableStream) asBlocking() else BlockingBoth(this)

/**
 * A blocking view of this stream; as the form for a [Stream], and half-closeable.
 *
 * *Errors:* as the form for a [Stream].
 *
 * *Cancellation:* as the form for a [Stream].
 *
 * *Thread-safety:* as this stream.
 */
public fun HalfCloseableStream.asBlocking(): BlockingHalfCloseableStream = BlockingHalfCloseable(this)

/**
 * This stream as the JDK's type: each read is a `receiveSome`, closing it closes this stream.
 *
 * *Errors:* of its methods, as of this stream's; [IllegalStateException] on an event loop's thread, which must not block.
 *
 * *Cancellation:* an interrupt of the thread, or the expiry of a Java `CancelScope` around it, becomes [java.io.InterruptedIOException]. The
 * interrupt flag is kept, and no byte is lost.
 *
 * *Thread-safety:* as this stream.
 */
public fun ReceiveStream.asInputStream(): InputStream = BlockingReceive(this).asInputStream()

/**
 * This stream as the JDK's type: each write is a `sendAll`, closing it closes this stream.
 *
 * *Errors:* of its methods, as of this stream's; [IllegalStateException] on an event loop's thread, which must not block.
 *
 * *Cancellation:* an interrupt of the thread, and the expiry of a Java `CancelScope` around it, become [java.io.InterruptedIOException]; the
 * interrupt flag is kept.
 *
 * *Thread-safety:* as this stream.
 */
public fun SendStream.asOutputStream(): OutputStream = BlockingSend(this).asOutputStream()

private class BlockingSend(private val stream: SendStream) : BlockingSendStream {
    override fun sendAll(data: ByteBuffer) = callBlocking { stream.sendAll(data) }

    override fun waitSendAllMightNotBlock() = callBlocking { stream.waitSendAllMightNotBlock() }

    override fun close() = closeBlocking(stream)

    override fun closeForcefully() = stream.closeForcefully()

    override fun toString() = "blocking $stream"
}

private class BlockingReceive(private val stream: ReceiveStream) : BlockingReceiveStream {
    override fun receiveSome(into: ByteBuffer) = callBlocking { stream.receiveSome(into) }

    override fun receiveSome(maxBytes: Int) = callBlocking { stream.receiveSome(maxBytes) }

    override fun close() = closeBlocking(stream)

    override fun closeForcefully() = stream.closeForcefully()

    override fun toString() = "blocking $stream"
}

private open class BlockingBoth(private val stream: Stream) : BlockingStream {
    override fun sendAll(data: ByteBuffer) = callBlocking { stream.sendAll(data) }

    override fun waitSendAllMightNotBlock() = callBlocking { stream.waitSendAllMightNotBlock() }

    override fun receiveSome(into: ByteBuffer) = callBlocking { stream.receiveSome(into) }

    override fun receiveSome(maxBytes: Int) = callBlocking { stream.receiveSome(maxBytes) }

    override fun close() = closeBlocking(stream)

    override fun closeForcefully() = stream.closeForcefully()

    override fun toString() = "blocking $stream"
}

private class BlockingHalfCloseable(private val stream: HalfCloseableStream) :
    BlockingBoth(stream),
    BlockingHalfCloseableStream {
    override fun sendEof() = callBlocking { stream.sendEof() }
}

/**
 * Closes as [dev.tercet.Resource] promises it: an interrupt makes it forceful, keeps its flag and is not thrown; an expired scope makes it
 * forceful and is thrown.
 */
private fun closeBlocking(resource: AsyncResource) {
    try {
        callBlocking { resource.close() }
    } catch (e: InterruptedException) {
        resource.closeForcefully()
        Thread.currentThread().interrupt()
        Parking.throwIfExpired()
    } catch (e: Throwable) {
        resource.closeForcefully()
        throw e
    }
}
