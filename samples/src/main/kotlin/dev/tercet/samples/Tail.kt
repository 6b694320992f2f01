package dev.tercet.samples

import dev.tercet.coroutines.*
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.nio.ByteBuffer
import java.nio.file.NoSuchFileException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Prints what is appended to a file, as `tail -F` does: `Tail file`. It ends with a signal. */
fun main(args: Array<String>) = runOnLoop {
    tail(AsyncPath(args.single())).collect {
        System.out.write(it)
        System.out.flush()
    }
}

/** What is in a file and what comes, for ever. When the file is cut, or another one takes its place, that is followed from its beginning. */
fun tail(path: AsyncPath, pause: Duration = 200.milliseconds): Flow<ByteArray> = flow {
    val buffer = ByteBuffer.allocate(65_536)
    while (true) {
        val key = path.keyOrNull()
        val file = if (key == null) null else path.openOrNull()
        if (file == null) {
            delay(pause)
            continue
        }
        file.use {
            // Replaced between the two looks: the next round opens the new one.
            if (path.keyOrNull() != key) return@use
            do {
                while (file.read(buffer.clear()) != -1) emit(buffer.flip().toArray())
                delay(pause)
                if (file.size() < file.tell()) file.seek(0)
            } while (file.size() > file.tell() || path.keyOrNull() == key)
        }
    }
}

/** What tells one file from another under the same name: on Unix its device and inode. */
private suspend fun AsyncPath.keyOrNull(): Any? = try {
    readAttributes().run { fileKey() ?: creationTime() }
} catch (_: NoSuchFileException) {
    null
}

private suspend fun AsyncPath.openOrNull(): AsyncFile? = try {
    open()
} catch (_: NoSuchFileException) {
    null
}

private fun ByteBuffer.toArray() = ByteArray(remaining()).also { get(it) }
