package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import java.nio.ByteBuffer

/** The receiving half of a byte stream. The suspending twin of [dev.tercet.blocking.ReceiveStream]. */
public interface ReceiveStream : AsyncResource {
    /**
     * Receives at least one byte, as soon as there is any; does not wait to fill the buffer (spec IO-R1). At EOF the result is -1, for
     * every later call too (spec IO-R2).
     *
     * *Errors:* [BrokenResourceException] when the peer or the network broke the connection, after all bytes that had arrived;
     * [ClosedResourceException] when this side was closed before or during the call; [BusyResourceException] when another coroutine is
     * receiving; [IllegalArgumentException] for a full buffer, even on a closed stream (spec IO-R3).
     *
     * *Cancellation:* no effect: no byte is lost, the next call gets them.
     *
     * *Thread-safety:* one receiver at a time; sending concurrently is fine.
     *
     * @param into the buffer for the bytes; its position is advanced by their number, unspecified after an exception. Not retained
     * @return how many bytes, at least 1, or -1 at EOF
     */
    public suspend fun receiveSome(into: ByteBuffer): Int
}
