package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooLongException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.internal.wait.Exclusive
import dev.tercet.proto.ItemBuffer
import java.nio.ByteBuffer

/**
 * A receiving stream that can also receive exactly so many bytes, up to a delimiter, or a line. To do so it receives ahead; what it has
 * received and nobody has asked for yet can be [taken over][takeBuffered], before a TLS handshake for instance.
 *
 * Nothing is lost when an operation ends early. After a cancellation, a timeout or a limit that was too low, the bytes are still there, and
 * the next operation begins with them.
 *
 * *Thread-safety:* one operation at a time; a second one gets [BusyResourceException].
 *
 * The suspending twin of [dev.tercet.blocking.BufferedReceiveStream].
 *
 * @property receiveStream where the bytes come from, owned by this stream. Bytes that were received ahead are not in it any more
 */
public class BufferedReceiveStream(public val receiveStream: ReceiveStream) :
    ReceiveStream,
    WaitsForReadiness {
    private val receiving = Exclusive("another task is receiving")
    private val budget = Budget()

    /** Guarded by [receiving]. */
    private val items = ItemBuffer()

    @Volatile private var closed = false

    /**
     * How many bytes have been received ahead.
     *
     * *Errors:* [BusyResourceException] while another coroutine is receiving.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* excludes receiving.
     */
    public val buffered: Int
        get() {
            receiving.enter()
            try {
                return items.size()
            } finally {
                exit()
            }
        }

    /**
     * Receives exactly so many bytes.
     *
     * *Errors:* [BrokenResourceException] when the stream ends before; [IllegalArgumentException] when [count] is negative; else as
     * [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation begins with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param count how many bytes, 0 or more
     * @return that many bytes
     */
    public suspend fun receiveExactly(count: Int): ByteArray {
        require(count >= 0) { "count must be at least 0, not $count" }
        enter()
        try {
            while (true) {
                items.takeExactly(count)?.let { return it }
                receiveMore()
            }
        } finally {
            exit()
        }
    }

    /**
     * Receives up to a delimiter. The delimiter is received too, but is not in the result.
     *
     * *Errors:* [TooLongException] when the delimiter does not begin within the limit, and [BrokenResourceException] when the stream ends
     * before it: both keep the bytes; [IllegalArgumentException] when the delimiter is empty or [maxBytes] negative; else as [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation begins with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param delimiter at least one byte; not retained
     * @param maxBytes how many bytes there may be before the delimiter, 0 or more
     * @return the bytes before the delimiter, maybe none
     */
    public suspend fun receiveUntil(delimiter: ByteArray, maxBytes: Int): ByteArray {
        require(delimiter.isNotEmpty()) { "the delimiter is empty" }
        requireLimit(maxBytes)
        enter()
        try {
            while (true) {
                items.takeUntil(delimiter, maxBytes)?.let { return it }
                receiveMore()
            }
        } finally {
            exit()
        }
    }

    /**
     * Receives a line of UTF-8 text. A line ends with a line feed; that, and a carriage return before it, is received too, but is not in the
     * result. Bytes that are no UTF-8 become the replacement character U+FFFD.
     *
     * *Errors:* [TooLongException] when the line is longer than the limit, and [BrokenResourceException] when the stream ends inside a line:
     * both keep the bytes; [IllegalArgumentException] when [maxBytes] is negative; else as [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation begins with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param maxBytes how many bytes the line may have without its end, 0 or more
     * @return the line without its end, maybe empty; null at the end of the stream
     */
    public suspend fun receiveLine(maxBytes: Int = DEFAULT_LINE_BYTES): String? = receiveLine(maxBytes) { takeLine(maxBytes) }

    /** As [receiveLine], but what follows the last line feed is a line too. */
    internal suspend fun receiveLineOrRest(maxBytes: Int): String? = receiveLine(maxBytes) { takeLineOrRest(maxBytes) }

    private suspend inline fun receiveLine(maxBytes: Int, take: ItemBuffer.() -> ByteArray?): String? {
        requireLimit(maxBytes)
        enter()
        try {
            while (true) {
                items.take()?.let { return it.decodeToString() }
                if (items.isEnded) return null
                receiveMore()
            }
        } finally {
            exit()
        }
    }

    /**
     * Receives what was received ahead, if anything was; else from the stream below.
     *
     * *Errors:* as of the stream below, and [IllegalArgumentException] for a full buffer.
     *
     * *Cancellation:* no effect: no byte is lost, the next call gets them.
     *
     * *Thread-safety:* one receiver at a time.
     */
    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        enter()
        try {
            val n = items.takeSome(into)
            return when {
                n > 0 -> n
                items.isEnded -> -1
                else -> receiveStream.receiveSome(into)
            }
        } finally {
            exit()
        }
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        enter()
        try {
            return if (items.size() > 0 || items.isEnded) items.takeSome(maxBytes) else receiveStream.receiveSome(maxBytes)
        } finally {
            exit()
        }
    }

    /**
     * Takes what was received ahead, to go on with the [stream below][receiveStream].
     *
     * *Errors:* [BusyResourceException] while another coroutine is receiving.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* excludes receiving.
     *
     * @return the bytes, maybe none
     */
    public fun takeBuffered(): ByteArray {
        receiving.enter()
        try {
            return items.takeSome(Int.MAX_VALUE)
        } finally {
            exit()
        }
    }

    /** Closes the stream below; what was received ahead is thrown away (spec IO-R6). */
    override suspend fun close() {
        closed = true
        discardUnlessInUse()
        receiveStream.close()
    }

    override fun closeForcefully() {
        closed = true
        discardUnlessInUse()
        receiveStream.closeForcefully()
    }

    override fun toString(): String = "BufferedReceiveStream($receiveStream)"

    private suspend fun receiveMore() {
        val below = receiveStream
        if (below is WaitsForReadiness && items.size() == 0) {
            val more = below.receiveSome(items.spaceBytes())
            if (more.isEmpty()) items.ended() else items.received(more)
        } else {
            val n = below.receiveSome(items.space())
            if (n < 0) items.ended() else items.received(n)
        }
        ensureOpen()
    }

    private suspend fun enter() {
        receiving.enter()
        try {
            budget.spend()
            ensureOpen()
        } catch (e: Throwable) {
            exit()
            throw e
        }
    }

    private fun exit() {
        receiving.exit()
        if (closed) discardUnlessInUse()
    }

    /** Whoever is in the middle of receiving discards on leaving. */
    private fun discardUnlessInUse() {
        if (receiving.tryEnter()) {
            items.discard()
            receiving.exit()
        }
    }

    private fun ensureOpen() {
        if (closed) throw ClosedResourceException("the stream was closed")
    }
}

/** Longer than any sensible line, and short enough to be kept for each of many peers that never send its end. */
internal const val DEFAULT_LINE_BYTES: Int = 65_536

private fun requireLimit(maxBytes: Int) = require(maxBytes >= 0) { "maxBytes must be at least 0, not $maxBytes" }
