package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooLongException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.internal.buffer.ReceiveBuffer
import dev.tercet.internal.wait.Operation.Need
import java.nio.ByteBuffer

/**
 * A receiving stream that can also receive an exact number of bytes, up to a delimiter, or a line (spec IO-B1). To do so it receives ahead.
 * Bytes received ahead can be [taken over][takeBuffered], before a TLS handshake for instance.
 *
 * Nothing is lost when an operation ends early. After a cancellation, a timeout or a limit that was too low, the bytes are kept. The next
 * operation starts with them (spec IO-B2).
 *
 * *Thread-safety:* one operation at a time; a second one gets [BusyResourceException].
 *
 * The suspending twin of [dev.tercet.blocking.BufferedReceiveStream].
 *
 * @property receiveStream the source of the bytes, owned by this stream. Bytes that were received ahead are not in it any more
 */
public class BufferedReceiveStream(public val receiveStream: ReceiveStream) :
    ReceiveStream,
    WaitsForReadiness {
    private val buffer = ReceiveBuffer(receiveStream is WaitsForReadiness)
    private val budget = Budget()
    private val driver = Driver(receiveStream)

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
            buffer.begin()
            try {
                return buffer.size()
            } finally {
                buffer.end()
            }
        }

    /**
     * Receives an exact number of bytes.
     *
     * *Errors:* [BrokenResourceException] when the stream ends before; [IllegalArgumentException] when [count] is negative; else as
     * [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them (spec IO-B2).
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param count how many bytes, 0 or more
     * @return that many bytes
     */
    public suspend fun receiveExactly(count: Int): ByteArray {
        buffer.begin()
        try {
            buffer.wantExactly(count)
            receive()
            return buffer.item()
        } finally {
            buffer.end()
        }
    }

    /**
     * Receives up to a delimiter. The delimiter is received too, but is not in the result.
     *
     * *Errors:* [TooLongException] when the delimiter does not begin within the limit, and [BrokenResourceException] when the stream ends
     * before it: both keep the bytes; [IllegalArgumentException] when the delimiter is empty or [maxBytes] negative; else as [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them (spec IO-B2).
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param delimiter at least one byte; not retained
     * @param maxBytes how many bytes there may be before the delimiter, 0 or more
     * @return the bytes before the delimiter, maybe none
     */
    public suspend fun receiveUntil(delimiter: ByteArray, maxBytes: Int): ByteArray {
        buffer.begin()
        try {
            buffer.wantUntil(delimiter, maxBytes)
            receive()
            return buffer.item()
        } finally {
            buffer.end()
        }
    }

    /**
     * Receives a line of UTF-8 text. A line ends with a line feed; that, and a carriage return before it, is received too, but is not in the
     * result. Bytes that are no UTF-8 become the replacement character U+FFFD.
     *
     * *Errors:* [TooLongException] when the line is longer than the limit, and [BrokenResourceException] when the stream ends inside a line:
     * both keep the bytes; [IllegalArgumentException] when [maxBytes] is negative; else as [receiveSome].
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them (spec IO-B2).
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param maxBytes how many bytes the line may have without its end, 0 or more
     * @return the line without its end, maybe empty; null at EOF
     */
    public suspend fun receiveLine(maxBytes: Int = DEFAULT_LINE_BYTES): String? = receiveLine(maxBytes, orRest = false)

    /** As [receiveLine], but what follows the last line feed is a line too. */
    internal suspend fun receiveLineOrRest(maxBytes: Int): String? = receiveLine(maxBytes, orRest = true)

    private suspend fun receiveLine(maxBytes: Int, orRest: Boolean): String? {
        buffer.begin()
        try {
            buffer.wantLine(maxBytes, orRest)
            receive()
            return buffer.line()
        } finally {
            buffer.end()
        }
    }

    /**
     * Returns bytes received ahead, if there are any; otherwise receives from the stream below.
     *
     * *Errors:* as of the stream below, and [IllegalArgumentException] for a full buffer.
     *
     * *Cancellation:* no effect: no byte is lost, the next call gets them.
     *
     * *Thread-safety:* one receiver at a time.
     */
    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        buffer.begin()
        try {
            checkpoint()
            return if (buffer.hasSome()) buffer.takeSome(into) else receiveStream.receiveSome(into)
        } finally {
            buffer.end()
        }
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        buffer.begin()
        try {
            checkpoint()
            return if (buffer.hasSome()) buffer.takeSome(maxBytes) else receiveStream.receiveSome(maxBytes)
        } finally {
            buffer.end()
        }
    }

    /**
     * Takes the bytes received ahead, to continue with the [stream below][receiveStream].
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
        buffer.begin()
        try {
            return buffer.takeSome(Int.MAX_VALUE)
        } finally {
            buffer.end()
        }
    }

    /** Closes the stream below; bytes received ahead are discarded (spec IO-R6). */
    override suspend fun close() {
        buffer.close()
        receiveStream.close()
    }

    override fun closeForcefully() {
        buffer.close()
        receiveStream.closeForcefully()
    }

    override fun toString(): String = "BufferedReceiveStream($receiveStream)"

    private suspend inline fun receive() {
        checkpoint()
        // What is there already needs no driver, and its state machine no memory.
        if (buffer.next() != Need.DONE) driver.run(buffer)
    }

    private suspend inline fun checkpoint() {
        budget.spend()
        buffer.ensureOpen()
    }
}

/** Longer than any sensible line, and short enough to be kept for each of many peers that never send its end. */
internal const val DEFAULT_LINE_BYTES: Int = 65_536
