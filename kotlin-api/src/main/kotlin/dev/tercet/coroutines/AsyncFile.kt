package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.FileChannel
import java.nio.channels.SeekableByteChannel
import java.nio.file.Files
import java.nio.file.OpenOption
import java.nio.file.Path

/**
 * Opens a file.
 *
 * ```
 * openFile(Path("log"), StandardOpenOption.READ).use { file -> file.read(buffer) }
 * ```
 *
 * A FIFO is opened when somebody opens its other end; until then the thread waits. See [closeOnCancel].
 *
 * @param path on any file system of `java.nio.file`
 * @param options as those of `Files.newByteChannel`; none for reading
 * @param limiter whose slots the file uses; null for that of the context of each call
 * @param closeOnCancel for FIFOs and terminals: a cancel ends a read, a write or the opening at once, and **closes the file**. No byte is lost
 * in the pipe
 *
 * *Errors:* as the JDK's: `NoSuchFileException`, `AccessDeniedException`, `FileAlreadyExistsException`, another `IOException`.
 *
 * *Cancellation:* a file that is opened all the same is returned, and the next checkpoint throws. With [closeOnCancel] the cancel is thrown at
 * once, and a file that opens later is closed; until then its thread is occupied.
 *
 * *Thread-safety:* any coroutine.
 */
public suspend fun openFile(
    path: Path,
    vararg options: OpenOption,
    limiter: IoLimiter? = null,
    closeOnCancel: Boolean = false,
): AsyncFile {
    val channel =
        blockingIo(limiter, abandonOnCancel = closeOnCancel, onUndelivered = { it.close() }) {
            Files.newByteChannel(path, options.toSet())
        }
    return AsyncFile(channel, limiter, closeOnCancel)
}

/**
 * Makes a file of a channel that is open already, and owns it from now on. Waits for nothing.
 *
 * @param channel a `FileChannel`, or a channel of any other file system
 * @param limiter whose slots the file uses; null for that of the context of each call
 * @param closeOnCancel as that of [openFile]; for a `FileChannel`
 */
public fun wrapFile(channel: SeekableByteChannel, limiter: IoLimiter? = null, closeOnCancel: Boolean = false): AsyncFile =
    AsyncFile(channel, limiter, closeOnCancel)

/**
 * A file that is open. Its calls run on threads that may block (see [blockingIo]), so each costs a switch to another thread and back:
 * read and write blocks of some size, or use [AsyncPath].
 *
 * Calls at the file's own position take turns (spec FILE-D29). Calls at a position of their own run in parallel if [wrapped] is a
 * `FileChannel`, and take turns otherwise.
 *
 * *Errors:* an `IOException` of the JDK's, such as `FileSystemException`; [ClosedResourceException] after a close of ours, also for calls that
 * were waiting; `NonReadableChannelException` and `NonWritableChannelException` when it was not opened for that.
 *
 * *Cancellation:* while a call waits for its turn or a slot: no effect. While it runs, it runs on to its end and returns its result, and the
 * next checkpoint throws: nothing that was read is lost, nothing is half written (spec FILE-D11). A read of a FIFO or terminal therefore waits
 * for input, unless the file was opened with `closeOnCancel`.
 *
 * *Thread-safety:* any coroutine. A buffer belongs to the call until it returns.
 *
 * @property wrapped the channel below, which this file owns
 */
public class AsyncFile internal constructor(
    public val wrapped: SeekableByteChannel,
    private val limiter: IoLimiter?,
    private val closeOnCancel: Boolean,
) : AsyncResource {
    private val turn = Mutex()
    private val parallel = wrapped as? FileChannel

    @Volatile private var closed = false

    /** False from the first close on. */
    public val isOpen: Boolean get() = !closed && wrapped.isOpen

    /**
     * Reads some bytes, as many as are there up to the room of [into], from a buffer on the heap at most 256 KiB.
     *
     * @param into with room for at least one byte; its position is advanced
     * @param at where to read, 0 or more; null for the position of the file, which is advanced
     * @return how many bytes, at least 1, or -1 at the end
     */
    public suspend fun read(into: ByteBuffer, at: Long? = null): Int {
        require(into.hasRemaining()) { "there is no room to read into" }
        return if (at == null) inTurn { wrapped.readSome(into) } else atPosition(at) { it.readSome(into) }
    }

    /**
     * Writes all remaining bytes.
     *
     * A file that was opened with `APPEND` is written at its end, wherever that is; on Linux so are writes at a position. When a write fails,
     * the position of [data] says how much was written.
     *
     * @param data its position is at its limit afterwards
     * @param at where to write, 0 or more; null for the position of the file, which is advanced
     */
    public suspend fun write(data: ByteBuffer, at: Long? = null) {
        if (at == null) inTurn { wrapped.writeAll(data) } else atPosition(at) { it.writeAll(data) }
    }

    /** The size of the file in bytes. */
    public suspend fun size(): Long = if (parallel != null) run { wrapped.size() } else inTurn { wrapped.size() }

    /**
     * Makes the file shorter, and its position no larger than that. A file that is not longer stays as it is; to make one longer, write at a
     * position.
     *
     * @param size in bytes, 0 or more
     */
    public suspend fun truncate(size: Long) {
        inTurn { wrapped.truncate(size) }
    }

    /**
     * Returns when what was written is on the disk: `FileChannel.force`. Without effect on channels that are none.
     *
     * @param metadata whether the times and the like must be there, too
     */
    public suspend fun flush(metadata: Boolean = false): Unit = run { parallel?.force(metadata) ?: Unit }

    /**
     * Moves the position of the file.
     *
     * @param position 0 or more; beyond the end, a write leaves a gap of zeros
     */
    public suspend fun seek(position: Long) {
        inTurn { wrapped.position(position) }
    }

    /** The position of the file. */
    public suspend fun tell(): Long = inTurn { wrapped.position() }

    /**
     * Closes the file. It needs no slot, and a cancellation does not end it: the file is closed, then the cancellation is thrown (spec
     * FILE-D8). A read of a FIFO or terminal that waits on another thread ends with [ClosedResourceException].
     *
     * *Errors:* an `IOException` of the last writes, on a file system of a network for instance; the file is closed all the same.
     *
     * *Cancellation:* the file is closed first.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        closed = true
        releasingIo { wrapped.close() }
        currentCoroutineContext().ensureActive()
    }

    /** Closes the file, on another thread and soon: a close may wait for a disk, and this does not. */
    override fun closeForcefully() {
        if (closed && !wrapped.isOpen) return
        closed = true
        releaseIoLater {
            try {
                wrapped.close()
            } catch (_: IOException) {
                // Closing forcefully has no errors: the descriptor is gone, if not well.
            }
        }
    }

    override fun toString(): String = "AsyncFile($wrapped${if (isOpen) "" else ", closed"})"

    /** Reads pieces of a size, at least one, and as many more as are surely there, up to 1 MiB; none at the end. */
    internal suspend fun readPieces(size: Int): List<ByteArray> = inTurn {
        val pieces = mutableListOf<ByteArray>()
        var left = knownBytes()
        var total = 0L
        do {
            val piece = ByteBuffer.allocate(size)
            do {
                val n = wrapped.readSome(piece)
                left -= n
            } while (n > 0 && left > 0 && piece.hasRemaining())
            total += piece.position()
            if (piece.position() > 0) pieces += if (piece.hasRemaining()) piece.array().copyOf(piece.position()) else piece.array()
        } while (left > 0 && total < READ_AHEAD_BYTES && !piece.hasRemaining())
        pieces
    }

    /** How many bytes are surely there. A FIFO has no size, so nothing of it is read ahead, where the thread might wait. */
    private fun knownBytes(): Long {
        val size = wrapped.size()
        return if (size == 0L) 0 else size - wrapped.position()
    }

    private suspend fun <T> atPosition(at: Long, work: (SeekableByteChannel) -> T): T {
        require(at >= 0) { "a position in a file is at least 0, not $at" }
        if (parallel != null) return run { work(AtPosition(parallel, at)) }
        return inTurn {
            val before = wrapped.position()
            try {
                work(wrapped.position(at))
            } finally {
                wrapped.position(before)
            }
        }
    }

    private suspend fun <T> inTurn(work: () -> T): T {
        currentCoroutineContext().ensureActive()
        return turn.withLock { run(work) }
    }

    private suspend fun <T> run(work: () -> T): T {
        currentCoroutineContext().ensureActive()
        if (!isOpen) throw closedByUs()
        try {
            return if (closeOnCancel) wakeableIo(limiter, ::closeForcefully, work) else blockingIo(limiter, block = work)
        } catch (_: ClosedChannelException) {
            throw closedByUs()
        }
    }

    private fun closedByUs() = ClosedResourceException("this file was closed")

    private companion object {
        /** What one trip to a thread and back should be worth. */
        const val READ_AHEAD_BYTES = 1 shl 20
    }
}

/** A file channel as seen from a position: its own one is not used. */
private class AtPosition(private val channel: FileChannel, private var at: Long) : SeekableByteChannel by channel {
    override fun read(into: ByteBuffer): Int = channel.read(into, at).also { at += it.coerceAtLeast(0) }

    override fun write(data: ByteBuffer): Int = channel.write(data, at).also { at += it }
}

/**
 * The JDK copies a heap buffer into a direct one of the same size, and keeps that for each thread; and then it writes the whole buffer at
 * once.
 */
private const val HEAP_BYTES_PER_CALL = 256 * 1024

private fun SeekableByteChannel.readSome(into: ByteBuffer): Int = into.limited { read(into) }

private fun SeekableByteChannel.writeAll(data: ByteBuffer) {
    while (data.hasRemaining()) data.limited { write(data) }
}

private inline fun ByteBuffer.limited(call: () -> Int): Int {
    if (isDirect || remaining() <= HEAP_BYTES_PER_CALL) return call()
    val end = limit()
    limit(position() + HEAP_BYTES_PER_CALL)
    try {
        return call()
    } finally {
        limit(end)
    }
}
