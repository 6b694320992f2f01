package dev.tercet.samples.tcat

import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.adapt.asSuspending
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.io.IOException
import java.io.OutputStream
import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.PosixFilePermissions
import java.time.Instant
import java.time.temporal.ChronoUnit
import dev.tercet.blocking.SendStream as BlockingSendStream

/**
 * What is sent and received, as `--hex` shows it on stderr and `--log` keeps it in a file. Each piece is a line about it and its bytes:
 *
 * ```
 * > 2026-11-30T11:20:00.123Z tcp:localhost:7000: sent 6 bytes
 * > 00000000  68 65 6c 6c 6f 0a                                 |hello.|
 * ```
 *
 * `<` marks what was received. With TLS it is what is inside. A piece is shown when it has been moved; whoever moves it waits until it is shown, so that
 * nothing is missing at the end.
 */
internal class Transcript private constructor(private val outputs: List<Named<SendStream>>) {
    private val turn = Mutex()

    /** What one peer is sent and sends. */
    inner class Peer(private val name: Any) {
        private var sent = 0L
        private var received = 0L

        suspend fun sent(bytes: ByteBuffer) {
            val from = sent
            sent += bytes.remaining()
            show('>', "sent", from, bytes)
        }

        suspend fun received(bytes: ByteBuffer) {
            val from = received
            received += bytes.remaining()
            show('<', "received", from, bytes)
        }

        private suspend fun show(mark: Char, what: String, from: Long, bytes: ByteBuffer) {
            val count = bytes.remaining()
            if (count == 0) return
            val head = "$mark ${Instant.now().truncatedTo(ChronoUnit.MILLIS)} $name: $what $count ${if (count == 1) "byte" else "bytes"}\n"
            val text = (head + hexDump(mark, from, bytes)).encodeToByteArray()
            // One stream takes one piece at a time, and those of two directions must not mix.
            turn.withLock { for (output in outputs) at(output.name) { output.stream.sendAll(ByteBuffer.wrap(text)) } }
        }

        /** The same stream, with all of it shown. */
        fun over(stream: Stream): Stream = object : Stream by stream {
            override suspend fun sendAll(data: ByteBuffer) {
                val bytes = data.duplicate()
                stream.sendAll(data)
                sent(bytes)
            }

            override suspend fun receiveSome(into: ByteBuffer): Int {
                val bytes = into.duplicate()
                return stream.receiveSome(into).also { if (it != -1) received(bytes.limit(bytes.position() + it)) }
            }
        }
    }

    companion object {
        /** Runs [body] with the transcript that the command line asks for; null for none. The file is opened before, and closed after it. */
        suspend fun <R> keeping(show: Command.Show, host: Host, body: suspend (Transcript?) -> R): R {
            val onStderr = if (show.hex) listOf(Named(host.sink(host.stderr), "stderr")) else emptyList()
            if (show.log == null) return body(if (show.hex) Transcript(onStderr) else null)
            return open(show.log).use { file -> body(Transcript(onStderr + Named(host.sink(file), "--log ${show.log}"))) }
        }

        private fun Host.sink(output: OutputStream): SendStream = BlockingSendStream.from(output).asSuspending(blocking)

        /** To append to. A new one is for its owner alone: it may have passwords in it. */
        private fun open(file: Path): OutputStream {
            val isPosix = "posix" in FileSystems.getDefault().supportedFileAttributeViews()
            val forOwner: Array<FileAttribute<*>> =
                if (isPosix) arrayOf(PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))) else emptyArray()
            val options = setOf(StandardOpenOption.CREATE, StandardOpenOption.APPEND)
            return try {
                Channels.newOutputStream(Files.newByteChannel(file, options, *forOwner))
            } catch (e: IOException) {
                throw UsageException("--log $file: ${if (Files.isDirectory(file)) "is a directory" else reason(e)}")
            }
        }
    }
}
