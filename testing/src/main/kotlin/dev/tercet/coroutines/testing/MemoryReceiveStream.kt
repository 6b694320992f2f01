package dev.tercet.coroutines.testing

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.internal.await
import dev.tercet.testing.internal.ReceiveHalf
import kotlinx.coroutines.yield
import java.nio.ByteBuffer

/**
 * A receive stream whose bytes a test puts in: [putData], [putEof]. The buffer is unbounded. The blocking twin is
 * [dev.tercet.testing.streams.MemoryReceiveStream].
 *
 * The hooks can be replaced at any moment and are run with no lock held. The receive hook runs before the buffer is looked at, so that bytes
 * it puts in are returned by the same call (KIT-M15). When the stream is closed while the hook is suspended, the hook is cancelled and the
 * operation gets [ClosedResourceException].
 *
 * @property receiveSomeHook run by each `receiveSome` before it looks for bytes
 * @property closeHook run by each close, the second one too
 */
public class MemoryReceiveStream(
    @Volatile public var receiveSomeHook: (suspend () -> Unit)? = null,
    @Volatile public var closeHook: (() -> Unit)? = null,
) : ReceiveStream {
    internal val half = ReceiveHalf()

    override suspend fun receiveSome(into: ByteBuffer): Int {
        ReceiveHalf.checkRoom(into)
        return receive { half.take(into).takeIf { it != 0 } }
    }

    /**
     * Receives all bytes that are there, however many (KIT-M19).
     *
     * *Errors:* [ClosedResourceException] when this was closed, before or meanwhile; [BusyResourceException] when another coroutine is
     * receiving.
     *
     * *Cancellation:* no effect.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @return at least one byte, or an empty array at the end
     */
    public suspend fun receiveSome(): ByteArray = receive { half.takeAll() }

    private suspend inline fun <T : Any> receive(take: () -> T?): T {
        half.receiving().enter()
        try {
            yield()
            half.checkOpen()
            runHook(receiveSomeHook, half.closed())
            while (true) {
                val taken = take()
                if (taken != null) return taken
                half.receivable().await()
            }
        } finally {
            half.receiving().exit()
        }
    }

    /**
     * Puts bytes in, for a receiver to get.
     *
     * *Errors:* [ClosedResourceException] after [putEof] or a close (KIT-M16).
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     *
     * @param data copied
     */
    public fun putData(data: ByteArray) {
        half.put(ByteBuffer.wrap(data))
    }

    /**
     * Puts the end in: a receiver gets what is left, then the end, for ever. Idempotent (KIT-M17).
     *
     * *Errors:* none.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     */
    public fun putEof() {
        half.putEof()
    }

    override suspend fun close() {
        closeForcefully()
        yield()
    }

    /**
     * Closes, discards what was not received, then runs the close hook, at every call (KIT-M18).
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
