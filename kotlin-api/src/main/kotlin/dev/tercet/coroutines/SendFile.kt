package dev.tercet.coroutines

import dev.tercet.internal.net.FileSending
import dev.tercet.internal.net.FileSource
import java.nio.channels.FileChannel
import java.nio.file.Path

/**
 * Sends a file, or a part of it. To a plain socket the system transfers it without a copy, by [FileChannel.transferTo]; every other stream gets
 * it through one buffer. The disk's part runs within the [IoLimiter] of the context, not on the event loop.
 *
 * *Errors:* those of [openFile]; `java.io.EOFException` when the file ends before [count] bytes, because it was cut meanwhile for instance: what
 * there was has been sent; an `IOException` when it cannot be read, and for what cannot be read at a position, a FIFO for instance;
 * [IllegalArgumentException] when [offset] or [count] are negative; else as [SendStream.sendAll].
 *
 * *Cancellation:* as that of [SendStream.sendAll]; noticed after 4 MiB at the latest.
 *
 * *Thread-safety:* one sender at a time; receiving concurrently is fine.
 *
 * @param file on any file system; opened and closed here
 * @param offset where to begin in the file, 0 or more
 * @param count how many bytes, 0 or more; null for all up to the end
 * @return how many bytes were sent: [count], or what the file had when it was read to its end
 */
public suspend fun SendStream.sendFile(file: Path, offset: Long = 0, count: Long? = null): Long {
    FileSending.requireRange(offset, count ?: 0)
    // Opened when it is used: what a cancel finds open is closed below.
    val source = blockingIo { FileSource.open(file) }
    try {
        return send(source, offset, count)
    } finally {
        releasingIo { source.close() }
    }
}

/**
 * Sends a file that is open, or a part of it; otherwise as the form for a path.
 *
 * *Errors:* as the form for a path.
 *
 * *Cancellation:* as the form for a path.
 *
 * *Thread-safety:* as the form for a path.
 *
 * @param file open for reading; stays open, and its position is neither used nor changed
 */
public suspend fun SendStream.sendFile(file: FileChannel, offset: Long = 0, count: Long? = null): Long {
    FileSending.requireRange(offset, count ?: 0)
    return send(FileSource.of(file), offset, count)
}

private suspend fun SendStream.send(source: FileSource, offset: Long, count: Long?): Long {
    val sending = FileSending(source, offset, count ?: FileSending.TO_THE_END)
    val socket = socketBelow()
    if (socket == null) copy(sending) else socket.transfer(sending)
    return sending.sent()
}

/** The socket that gets the very bytes that this stream is given. Only through types of ours, which cannot be overridden. */
private tailrec fun SendStream.socketBelow(): SocketStream? = when (this) {
    is SocketStream -> this
    is BufferedStream<*> -> transportStream.socketBelow()
    is StapledStream<*, *> -> sendStream.socketBelow()
    else -> null
}

private suspend fun SendStream.copy(sending: FileSending) {
    while (blockingIo { sending.readSome() } != FileSending.Next.DONE) sendAll(sending.block())
    // A stream that is closed or broken says so, also when there is nothing to send.
    if (sending.sent() == 0L) sendAll(sending.block())
}
