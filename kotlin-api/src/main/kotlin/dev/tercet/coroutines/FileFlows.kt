package dev.tercet.coroutines

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.Charset
import java.nio.charset.CodingErrorAction
import java.nio.file.DirectoryIteratorException
import java.nio.file.DirectoryStream
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes

/*
 * Files and directories as flows.
 *
 * A trip to a thread that may block and back costs as much as reading 64 KiB from the cache. So each trip brings a batch: up to 1 MiB of
 * pieces, the lines of such a block, 256 entries. The collector gets them one by one, in its own context.
 */

internal fun chunksOf(path: Path, size: Int): Flow<ByteArray> {
    require(size >= 1) { "a chunk needs at least 1 byte, not $size" }
    return flow {
        openFile(path).use { file ->
            while (true) {
                val pieces = file.readPieces(size)
                if (pieces.isEmpty()) break
                pieces.forEach { emit(it) }
            }
        }
    }
}

internal fun linesOf(path: Path, charset: Charset, onMalformed: CodingErrorAction): Flow<String> = flow {
    openFile(path).use { file ->
        val decoder = LineDecoder(path.toString(), charset, onMalformed)
        do {
            val block = file.readPieces(LINE_BLOCK_BYTES)
            // Decoding is work, too, and the collector's thread may be a loop's.
            val lines = blockingIo { decoder.decode(block) }
            lines.forEach { emit(it) }
            decoder.failure?.let { throw it }
        } while (block.isNotEmpty())
    }
}

private const val LINE_BLOCK_BYTES = 65_536

/** Makes lines of blocks. Used by one call at a time. */
private class LineDecoder(private val name: String, private val charset: Charset, onMalformed: CodingErrorAction) {
    private val decoder = charset.newDecoder().onMalformedInput(onMalformed).onUnmappableCharacter(onMalformed)
    private val chars = CharBuffer.allocate(8192)

    /** Bytes that are the beginning of a character. */
    private var rest = ByteArray(0)
    private var consumed = 0L
    private val line = StringBuilder()
    private var afterCr = false

    /** Why there is nothing after the last lines. */
    var failure: CharacterCodingException? = null
        private set

    /** No blocks are the end. */
    fun decode(blocks: List<ByteArray>): List<String> {
        val lines = mutableListOf<String>()
        if (blocks.isEmpty()) {
            decode(ByteBuffer.wrap(rest), true, lines)
            if (failure == null) {
                decoder.flush(chars)
                take(lines)
                if (line.isNotEmpty()) end(lines)
            }
        }
        for (block in blocks) {
            if (failure != null) break
            val bytes = ByteBuffer.wrap(if (rest.isEmpty()) block else rest + block)
            decode(bytes, false, lines)
            rest = ByteArray(bytes.remaining()).also { bytes.get(it) }
        }
        return lines
    }

    private fun decode(bytes: ByteBuffer, isEnd: Boolean, lines: MutableList<String>) {
        val start = bytes.position()
        do {
            val result = decoder.decode(bytes, chars, isEnd)
            take(lines)
            if (result.isError) {
                failure = Undecodable("$name is not $charset at byte ${consumed + bytes.position() - start}")
                return
            }
        } while (result.isOverflow)
        consumed += bytes.position() - start
    }

    private fun take(lines: MutableList<String>) {
        chars.flip()
        for (char in chars) {
            val followsCr = afterCr
            afterCr = char == '\r'
            when {
                char == '\n' && followsCr -> Unit
                char == '\n' || char == '\r' -> end(lines)
                else -> line.append(char)
            }
        }
        chars.clear()
    }

    private fun end(lines: MutableList<String>) {
        lines += line.toString()
        line.setLength(0)
    }
}

private class Undecodable(override val message: String) : CharacterCodingException() {
    private companion object {
        const val serialVersionUID = 1L
    }
}

internal fun entriesOf(directory: Path, glob: String): Flow<AsyncPath> = batches { Entries(Files.newDirectoryStream(directory, glob)) }

/** All at once; on a thread that may block. */
internal fun listed(directory: Path, glob: String): List<AsyncPath> =
    Entries(Files.newDirectoryStream(directory, glob)).use { entries -> generateSequence { entries.next() }.map { it.async }.toList() }

internal fun walkOf(start: Path, maxDepth: Int): Flow<AsyncPath> {
    require(maxDepth >= 0) { "a walk is at least 0 deep, not $maxDepth" }
    return batches { Walk(start, maxDepth) }
}

/** Paths that are found one by one, on a thread that may block. */
private interface Finder : AutoCloseable {
    /** Null at the end. */
    fun next(): Path?
}

private fun batches(open: () -> Finder): Flow<AsyncPath> = flow {
    FinderResource(blockingIo(block = open)).use { finder ->
        do {
            val batch = finder.nextBatch()
            batch.paths.forEach { emit(it.async) }
            batch.failure?.let { throw it }
        } while (!batch.isLast)
    }
}

private class Batch(val paths: List<Path>, val isLast: Boolean, val failure: IOException?)

private class FinderResource(private val finder: Finder) : AsyncResource {
    suspend fun nextBatch(): Batch = blockingIo {
        val paths = mutableListOf<Path>()
        val start = System.nanoTime()
        try {
            do {
                paths.add(finder.next() ?: return@blockingIo Batch(paths, true, null))
            } while (paths.size < BATCH_ENTRIES && System.nanoTime() - start < BATCH_NANOS)
            Batch(paths, false, null)
        } catch (e: IOException) {
            // What was found before is found.
            Batch(paths, true, e)
        }
    }

    override suspend fun close() = releasingIo { finder.close() }

    override fun closeForcefully() = releaseIoLater { finder.close() }

    private companion object {
        const val BATCH_ENTRIES = 256

        /** A slow disk shows what it has: 5 ms. */
        const val BATCH_NANOS = 5_000_000
    }
}

private class Entries(private val stream: DirectoryStream<Path>) : Finder {
    private val entries = stream.iterator()

    override fun next(): Path? = try {
        if (entries.hasNext()) entries.next() else null
    } catch (e: DirectoryIteratorException) {
        throw checkNotNull(e.cause)
    }

    override fun close() = stream.close()
}

/** Depth first. One directory is open for each level. `Files.walk` ends at a directory that has vanished meanwhile. */
private class Walk(start: Path, private val maxDepth: Int) : Finder {
    private val open = ArrayDeque<Entries>()

    /** What was found last, to be entered first. */
    private var entered: Path? = null
    private var start: Path? = start

    override fun next(): Path? {
        val first = start
        if (first != null) {
            start = null
            // Throws when it is not there.
            if (Files.readAttributes(first, BasicFileAttributes::class.java).isDirectory) entered = first
            return first
        }
        enter()
        while (true) {
            val directory = open.lastOrNull() ?: return null
            val path = directory.next()
            if (path != null) {
                if (open.size < maxDepth && Files.isDirectory(path, NOFOLLOW_LINKS)) entered = path
                return path
            }
            open.removeLast().close()
        }
    }

    private fun enter() {
        val directory = entered ?: return
        entered = null
        if (maxDepth == 0) return
        try {
            open += Entries(Files.newDirectoryStream(directory))
        } catch (_: NoSuchFileException) {
            // It was there a moment ago.
        }
    }

    override fun close() {
        var failure: IOException? = null
        while (open.isNotEmpty()) {
            try {
                open.removeLast().close()
            } catch (e: IOException) {
                failure?.addSuppressed(e) ?: run { failure = e }
            }
        }
        failure?.let { throw it }
    }
}
