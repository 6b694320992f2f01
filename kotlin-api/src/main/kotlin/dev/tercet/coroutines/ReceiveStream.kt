package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import java.nio.ByteBuffer
import java.nio.file.Path

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

    /** Where streams come from that read files. */
    public companion object {
        /**
         * A file that is read, from its beginning to its end. What is written to it after its end was received is not received any more.
         *
         * *Errors:* those of [openFile]. A read that fails later is the cause of a [BrokenResourceException].
         *
         * *Cancellation:* as that of [openFile]; a read goes on to its end and returns what was read, and the next checkpoint throws.
         *
         * *Thread-safety:* one receiver at a time.
         *
         * @param file on any file system
         * @param closeOnCancel for FIFOs and terminals, as that of [openFile]: a cancel ends a receive at once, and closes the stream
         */
        public suspend fun ofFile(file: Path, closeOnCancel: Boolean = false): ReceiveStream =
            FileReceiveStream(openFile(file, closeOnCancel = closeOnCancel), file.toString())
    }
}
