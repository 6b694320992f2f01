@file:JvmName("Suspending")

package dev.tercet.coroutines.adapt

import dev.tercet.ClosedResourceException
import dev.tercet.Resource
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.WaitsForReadiness
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.requireMaxBytes
import dev.tercet.internal.wait.Exclusive
import dev.tercet.proto.ByteQueue
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.nio.ByteBuffer
import kotlin.math.min
import dev.tercet.blocking.HalfCloseableStream as BlockingHalfCloseableStream
import dev.tercet.blocking.ReceiveStream as BlockingReceiveStream
import dev.tercet.blocking.SendStream as BlockingSendStream
import dev.tercet.blocking.Stream as BlockingStream

/**
 * A suspending view of this stream: each operation blocks a thread of a dispatcher, at most one per direction. It is half-closeable if this
 * one is.
 *
 * *Errors:* of its operations, as of this stream's.
 *
 * *Cancellation:* interrupts the thread, and does not wait for it. A receive loses nothing: if the thread cannot be interrupted and
 * receives bytes later, the next receive gets them. Until then the thread is occupied.
 *
 * *Thread-safety:* as this stream. While the view is in use, do not use this stream directly.
 *
 * @param blocking a dispatcher whose threads may block; not an event loop
 * @return a view of this stream; closing it closes this one
 */
public fun BlockingStream.asSuspending(blocking: CoroutineDispatcher = Dispatchers.IO): Stream =
    if (this is BlockingHalfCloseableStream) asSuspending(blocking) else SuspendingBoth(this, blocking)

/**
 * A suspending view of this stream; as the form for a two-way stream, and half-closeable.
 *
 * *Errors:* as the form for a two-way stream.
 *
 * *Cancellation:* as the form for a two-way stream.
 *
 * *Thread-safety:* as this stream.
 */
public fun BlockingHalfCloseableStream.asSuspending(blocking: CoroutineDispatcher = Dispatchers.IO): HalfCloseableStream =
    SuspendingHalfCloseable(this, blocking)

/**
 * A suspending view of this stream; as the form for a two-way stream.
 *
 * *Errors:* as the form for a two-way stream.
 *
 * *Cancellation:* as the form for a two-way stream.
 *
 * *Thread-safety:* as this stream.
 */
public fun BlockingSendStream.asSuspending(blocking: CoroutineDispatcher = Dispatchers.IO): SendStream = SuspendingSend(this, blocking)

/**
 * A suspending view of this stream; as the form for a two-way stream.
 *
 * *Errors:* as the form for a two-way stream.
 *
 * *Cancellation:* as the form for a two-way stream.
 *
 * *Thread-safety:* as this stream.
 */
public fun BlockingReceiveStream.asSuspending(blocking: CoroutineDispatcher = Dispatchers.IO): ReceiveStream =
    SuspendingReceive(this, blocking)

private class SuspendingSend(private val stream: BlockingSendStream, private val blocking: CoroutineDispatcher) : SendStream {
    private val sending = Exclusive("another task is sending")
    private val budget = Budget()
    private val lane = BlockingLane(blocking)

    /** Hands over copies: the thread may still be at work when the caller, cancelled, has its buffer back. */
    override suspend fun sendAll(data: ByteBuffer) = exclusively {
        do {
            val chunk = ByteArray(min(data.remaining(), CHUNK_BYTES))
            data.get(chunk)
            lane.call { stream.sendAll(chunk) }
        } while (data.hasRemaining())
    }

    override suspend fun waitSendAllMightNotBlock() = exclusively { lane.call { stream.waitSendAllMightNotBlock() } }

    suspend fun sendEof(ofStream: BlockingHalfCloseableStream) = exclusively { lane.call { ofStream.sendEof() } }

    override suspend fun close() = closeOn(blocking, stream)

    override fun closeForcefully() = stream.closeForcefully()

    override fun toString() = "suspending $stream"

    private suspend inline fun exclusively(operation: () -> Unit) {
        sending.enter()
        try {
            budget.spend()
            operation()
            budget.waited()
        } finally {
            sending.exit()
        }
    }
}

private class SuspendingReceive(private val stream: BlockingReceiveStream, private val blocking: CoroutineDispatcher) :
    ReceiveStream,
    WaitsForReadiness {
    private val receiving = Exclusive("another task is receiving")
    private val budget = Budget()
    private val lane = BlockingLane(blocking)

    /** This, [ended] and [failure] belong to the thread of the [lane] while it is at work, and to who is in [receiving] else. */
    private val arrived = ByteQueue()
    private var ended = false
    private var failure: Throwable? = null

    @Volatile private var closed = false

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        receiving.enter()
        try {
            awaitSome(into.remaining())
            return if (arrived.isEmpty) -1 else arrived.take(into)
        } finally {
            receiving.exit()
        }
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        receiving.enter()
        try {
            awaitSome(maxBytes)
            return arrived.take(maxBytes)
        } finally {
            receiving.exit()
        }
    }

    fun markClosed() {
        closed = true
    }

    override suspend fun close() {
        markClosed()
        closeOn(blocking, stream)
    }

    override fun closeForcefully() {
        markClosed()
        stream.closeForcefully()
    }

    override fun toString() = "suspending $stream"

    /** Returns when something has arrived, or with nothing at the end. */
    private suspend fun awaitSome(maxBytes: Int) {
        budget.spend()
        ensureOpen(closed)
        lane.awaitIdle()
        if (arrived.isEmpty && failure == null && !ended) {
            lane.call { receive(maxBytes) }
            budget.waited()
        }
        ensureOpen(closed)
        failure?.let {
            failure = null
            throw it
        }
    }

    /** On the lane's thread. What happens is kept for whoever looks next: the caller may be gone. */
    private fun receive(maxBytes: Int) {
        try {
            val bytes = stream.receiveSome(maxBytes)
            if (bytes.isEmpty()) ended = true else arrived.give(bytes)
        } catch (e: InterruptedException) {
            throw e
        } catch (e: Throwable) {
            failure = e
        }
    }
}

private open class SuspendingBoth(private val stream: BlockingStream, private val blocking: CoroutineDispatcher) :
    Stream,
    WaitsForReadiness {
    protected val send = SuspendingSend(stream, blocking)
    private val receive = SuspendingReceive(stream, blocking)

    override suspend fun sendAll(data: ByteBuffer) = send.sendAll(data)

    override suspend fun waitSendAllMightNotBlock() = send.waitSendAllMightNotBlock()

    override suspend fun receiveSome(into: ByteBuffer) = receive.receiveSome(into)

    override suspend fun receiveSome(maxBytes: Int) = receive.receiveSome(maxBytes)

    override suspend fun close() {
        receive.markClosed()
        closeOn(blocking, stream)
    }

    override fun closeForcefully() {
        receive.markClosed()
        stream.closeForcefully()
    }

    override fun toString() = "suspending $stream"
}

private class SuspendingHalfCloseable(private val stream: BlockingHalfCloseableStream, blocking: CoroutineDispatcher) :
    SuspendingBoth(stream, blocking),
    HalfCloseableStream {
    override suspend fun sendEof() = send.sendEof(stream)
}

/** Closes gracefully on a thread of the dispatcher; forcefully, and at once, when there is no time for that. */
private suspend fun closeOn(dispatcher: CoroutineDispatcher, resource: Resource) {
    try {
        currentCoroutineContext().ensureActive()
        BlockingLane(dispatcher).call { resource.close() }
    } catch (e: CancellationException) {
        resource.closeForcefully()
        throw e
    }
}

private fun ensureOpen(closed: Boolean) {
    if (closed) throw ClosedResourceException("the stream was closed")
}

/** One trip to another thread costs as much as copying this; more would only be memory. */
private const val CHUNK_BYTES = 65_536
