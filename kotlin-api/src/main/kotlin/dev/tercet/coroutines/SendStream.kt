package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import java.nio.ByteBuffer
import java.nio.file.OpenOption
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/**
 * The sending half of a byte stream. The suspending twin of [dev.tercet.blocking.SendStream].
 *
 * [sendAll] and [waitSendAllMightNotBlock] exclude each other: the second caller gets [BusyResourceException] (spec IO-S3). To share a
 * stream between senders, protect it with a `Mutex`.
 */
public interface SendStream : AsyncResource {
    /**
     * Sends all remaining bytes of [data]. Returns when the layer below has taken them, which does not mean that the peer has. Empty data
     * sends nothing, but fails on a closed stream (spec IO-S1, IO-S2).
     *
     * *Errors:* [BrokenResourceException] when the peer or the network is gone, now or at an earlier call; [ClosedResourceException] when
     * this side was closed before or during the call; [BusyResourceException] when another coroutine is sending or waiting to.
     *
     * *Cancellation:* an unknown part of the data has been sent; the stream is open, and usable only for closing (spec IO-S8).
     *
     * *Thread-safety:* one sender at a time; receiving concurrently is fine.
     *
     * @param data any buffer, read-only and direct ones too; its position is at its limit afterwards, unspecified after an exception. Not
     * retained
     */
    public suspend fun sendAll(data: ByteBuffer)

    /**
     * Waits until [sendAll] might not suspend. A hint: it may return too early, never too late (spec IO-S7). Use it to decide late what to
     * send.
     *
     * *Errors:* as [sendAll]; when the peer is gone it returns or throws [BrokenResourceException].
     *
     * *Cancellation:* no effect.
     *
     * *Thread-safety:* excludes [sendAll] and itself.
     */
    public suspend fun waitSendAllMightNotBlock()

    /** Where streams come from that write files. */
    public companion object {
        /**
         * A file that is written.
         *
         * *Errors:* those of [openFile]. A write that fails later, because the disk is full for instance, is the cause of a
         * [BrokenResourceException].
         *
         * *Cancellation:* as that of [openFile]; a write goes on to its end, for 4 MiB at most, and the next checkpoint throws.
         *
         * *Thread-safety:* one sender at a time.
         *
         * @param file on any file system
         * @param options as those of `Files.newOutputStream`: by default the file is made if it is not there, and what was in it is replaced
         */
        public suspend fun ofFile(file: Path, vararg options: OpenOption): SendStream {
            val writing = if (options.isEmpty()) REPLACING else (options.toSet() + StandardOpenOption.WRITE).toTypedArray()
            return FileSendStream(openFile(file, *writing), file.toString())
        }

        private val REPLACING =
            arrayOf<OpenOption>(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)
    }
}
