package dev.tercet.coroutines.testing

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.WouldBlockException
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.internal.await
import dev.tercet.testing.internal.SendHalf
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

/**
 * A send stream that keeps what is sent in memory, for a test to look at: [getData]. The buffer is unbounded. The blocking twin is
 * [dev.tercet.testing.streams.MemorySendStream].
 *
 * Three hooks let a test take part. They can be replaced at any moment and run without a lock. The send hook runs when the bytes are already
 * in the buffer, so it may take them out (KIT-M12). To simulate a peer that does not read, let the send hook suspend. When the stream is
 * closed while a hook is suspended, the hook is cancelled and the operation gets [ClosedResourceException] (KIT-M7).
 *
 * Every operation yields once before it does anything, so that two that overlap always find out.
 *
 * @property sendAllHook run by each [sendAll] after the bytes were put in; null: they stay here, as on a stalled link (KIT-M26)
 * @property waitSendAllHook run by each [waitSendAllMightNotBlock]; null: it returns at once
 * @property closeHook run by each close, the second one too
 */
public class MemorySendStream(
    @Volatile public var sendAllHook: (suspend () -> Unit)? = null,
    @Volatile public var waitSendAllHook: (suspend () -> Unit)? = null,
    @Volatile public var closeHook: (() -> Unit)? = null,
) : SendStream {
    internal val half = SendHalf()

    /**
     * Puts the bytes into the buffer, then runs the hook. What the hook throws comes out, and the bytes stay in the buffer (KIT-M1, KIT-M13).
     *
     * *Errors:* [ClosedResourceException], for empty data too; [BusyResourceException] when another coroutine is sending or waiting to; what
     * the hook throws.
     *
     * *Cancellation:* before the bytes are put in, no effect; in the hook, they stay in the buffer.
     *
     * *Thread-safety:* one sender at a time.
     */
    override suspend fun sendAll(data: ByteBuffer) {
        half.sending().enter()
        try {
            yield()
            half.put(data)
            runHook(sendAllHook, half.closed())
        } finally {
            half.sending().exit()
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        half.sending().enter()
        try {
            yield()
            half.checkOpen()
            runHook(waitSendAllHook, half.closed())
        } finally {
            half.sending().exit()
        }
    }

    /**
     * Takes what was sent, suspending until there is something. After a close the rest comes out, then empty arrays, for ever (KIT-M8, KIT-M9).
     *
     * *Errors:* [IllegalArgumentException] for [maxBytes] below 1; [BusyResourceException] when another coroutine is getting data (KIT-M11).
     *
     * *Cancellation:* no effect.
     *
     * *Thread-safety:* one coroutine at a time; sending concurrently is fine.
     *
     * @param maxBytes how many at most, 1 or more
     * @return at least one byte, or an empty array when this is closed and drained
     */
    public suspend fun getData(maxBytes: Int = Int.MAX_VALUE): ByteArray {
        SendHalf.checkMaxBytes(maxBytes)
        half.taking().enter()
        try {
            yield()
            while (!half.isTakeable) half.takeable().await()
            return half.takeNow(maxBytes)
        } finally {
            half.taking().exit()
        }
    }

    /**
     * Takes what was sent, without waiting (KIT-M10).
     *
     * *Errors:* [WouldBlockException] when this is open and empty; [IllegalArgumentException] for [maxBytes] below 1.
     *
     * *Cancellation:* not affected by it.
     *
     * *Thread-safety:* any thread.
     *
     * @param maxBytes how many at most, 1 or more
     * @return at least one byte, or an empty array when this is closed and drained
     */
    public fun getDataNow(maxBytes: Int = Int.MAX_VALUE): ByteArray = half.takeNow(maxBytes)

    override suspend fun close() {
        closeForcefully()
        yield()
    }

    /**
     * Closes, and runs the close hook, at every call (KIT-M6).
     *
     * *Errors:* what the hook throws.
     *
     * *Cancellation:* not affected by it.
     *
     * *Thread-safety:* any thread, any number of times.
     */
    override fun closeForcefully() {
        half.close()
        closeHook?.invoke()
    }
}
