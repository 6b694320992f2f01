package dev.tercet.coroutines

import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes

/** What kind of file it is, from `st_mode` and `st_dev`; where the file system has none, it is none of these kinds. */
internal object UnixMode {
    const val KIND = 0xf000
    const val SOCKET = 0xc000
    const val BLOCK_DEVICE = 0x6000
    const val CHAR_DEVICE = 0x2000
    const val FIFO = 0x1000

    /** The mode, links followed; 0 when there is no such file, as `Files.exists` does not tell why either. */
    fun of(path: Path): Int = attribute(path, "unix:mode") as? Int ?: 0

    fun isJunction(path: Path): Boolean = try {
        val attributes = Files.readAttributes(path, BasicFileAttributes::class.java, NOFOLLOW_LINKS)
        attributes.isDirectory && attributes.isOther
    } catch (_: IOException) {
        false
    }

    /** A directory on another device than the one above it, or which is its own parent. */
    fun isMount(path: Path): Boolean {
        if (!Files.isDirectory(path, NOFOLLOW_LINKS)) return false
        val device = attribute(path, "unix:dev") ?: return path.toAbsolutePath().normalize().nameCount == 0
        val above = path.resolve("..")
        return device != attribute(above, "unix:dev") || attribute(path, "unix:ino") == attribute(above, "unix:ino")
    }

    private fun attribute(path: Path, name: String): Any? = try {
        Files.getAttribute(path, name)
    } catch (_: IOException) {
        null
    } catch (_: UnsupportedOperationException) {
        null
    } catch (_: IllegalArgumentException) {
        null
    }
}
