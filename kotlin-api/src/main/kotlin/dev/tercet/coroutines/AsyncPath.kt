package dev.tercet.coroutines

import kotlinx.coroutines.flow.Flow
import java.net.URI
import java.nio.charset.Charset
import java.nio.charset.CodingErrorAction
import java.nio.file.CopyOption
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystem
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.LinkOption
import java.nio.file.OpenOption
import java.nio.file.Path
import java.nio.file.attribute.BasicFileAttributes
import java.nio.file.attribute.FileAttribute
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFileAttributeView
import java.nio.file.attribute.PosixFileAttributes
import java.nio.file.attribute.PosixFilePermission
import java.nio.file.attribute.UserPrincipal
import java.time.Instant
import kotlin.io.path.extension
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.name
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.relativeTo

/**
 * A path whose calls suspend where those of `java.nio.file.Files` and `kotlin.io.path` block, under the same names. What only looks at the
 * text of the path does not suspend. `docs/files.md` has a table of Trio's names.
 *
 * ```
 * val log = AsyncPath("/var/log/app.log")
 * log.lines().filter { "ERROR" in it }.collect { println(it) }
 * (log.parent!! / "app.old").writeText(log.readText())
 * ```
 *
 * It works on every file system of `java.nio.file`. Each suspending call is a [blockingIo] of its own, in the slots of the [IoLimiter] of the
 * context.
 *
 * *Errors:* those of the JDK: `NoSuchFileException`, `AccessDeniedException`, `FileAlreadyExistsException`, `NotDirectoryException`,
 * `DirectoryNotEmptyException`, another `IOException`; [UnsupportedOperationException] for what the file system does not have.
 *
 * *Cancellation:* on entry and while waiting for a slot: no effect. While a call runs, it runs on to its end and returns its result; the next
 * checkpoint throws (spec FILE-D11).
 *
 * *Thread-safety:* any coroutine.
 *
 * @property nio the path of `java.nio.file`; equality, hash and order are its own
 */
@JvmInline
public value class AsyncPath(public val nio: Path) : Comparable<AsyncPath> {
    /** The last name, or an empty text for a root. */
    public val name: String get() = nio.name

    /** The name without its last extension: `a.tar` of `a.tar.gz`. */
    public val nameWithoutExtension: String get() = nio.nameWithoutExtension

    /** The last extension without its dot: `gz` of `a.tar.gz`; empty if there is none. */
    public val extension: String get() = nio.extension

    /** All extensions without their dots: `tar` and `gz` of `a.tar.gz`. */
    public val extensions: List<String> get() = nio.name.trimStart('.').split('.').drop(1)

    /** The path without its last name; null for a root and for a single name. */
    public val parent: AsyncPath? get() = nio.parent?.async

    /** The [parent], its parent, and so on. */
    public val parents: Sequence<AsyncPath> get() = generateSequence(parent) { it.parent }

    /** The root of an absolute path; null else. */
    public val root: AsyncPath? get() = nio.root?.async

    /** The root, if there is one, and all names. */
    public val parts: List<String> get() = listOfNotNull(nio.root?.toString()) + nio.map { it.toString() }

    /** Whether it begins at a root. */
    public val isAbsolute: Boolean get() = nio.isAbsolute

    /** The path with `/` between the names, whatever the system uses. */
    public val invariantSeparatorsPathString: String get() = nio.invariantSeparatorsPathString

    /** Where the path is. */
    public val fileSystem: FileSystem get() = nio.fileSystem

    /** A path inside this one. */
    public operator fun div(other: String): AsyncPath = nio.resolve(other).async

    /** A path inside this one; an absolute [other] replaces it. */
    public operator fun div(other: AsyncPath): AsyncPath = nio.resolve(other.nio).async

    /** Another name beside this one. */
    public fun resolveSibling(other: String): AsyncPath = nio.resolveSibling(other).async

    /** The same with another stem: `b.gz` of `a.gz`. */
    public fun withStem(stem: String): AsyncPath = resolveSibling(if (extension.isEmpty()) stem else "$stem.$extension")

    /** The same with another last extension, or without one when [extension] is empty. */
    public fun withExtension(extension: String): AsyncPath =
        resolveSibling(if (extension.isEmpty()) nameWithoutExtension else "$nameWithoutExtension.$extension")

    /** The way from [base] to here, with `..` where it is needed; [IllegalArgumentException] when there is none. */
    public fun relativeTo(base: AsyncPath): AsyncPath = nio.relativeTo(base.nio).async

    /** Whether the names of [other] are the first ones of this path. */
    public fun startsWith(other: AsyncPath): Boolean = nio.startsWith(other.nio)

    /** Whether the names of [other] are the last ones of this path. */
    public fun endsWith(other: AsyncPath): Boolean = nio.endsWith(other.nio)

    /** Without `.` and without `..` where a name is before it; looks at the text only. */
    public fun normalize(): AsyncPath = nio.normalize().async

    /** Whether the whole path matches: `*` stays inside a name, `**` does not, as in `FileSystem.getPathMatcher`. */
    public fun matches(glob: String): Boolean = nio.fileSystem.getPathMatcher("glob:$glob").matches(nio)

    override fun compareTo(other: AsyncPath): Int = nio.compareTo(other.nio)

    override fun toString(): String = nio.toString()

    // ------------------------------------------------------------------------- what is there

    /** Whether there is something; a link counts as what it points to, unless [options] say otherwise. */
    public suspend fun exists(vararg options: LinkOption): Boolean = blockingIo { Files.exists(nio, *options) }

    /** Whether it is a directory. */
    public suspend fun isDirectory(vararg options: LinkOption): Boolean = blockingIo { Files.isDirectory(nio, *options) }

    /** Whether it is a file with bytes in it. */
    public suspend fun isRegularFile(vararg options: LinkOption): Boolean = blockingIo { Files.isRegularFile(nio, *options) }

    /** Whether it is a symbolic link. */
    public suspend fun isSymbolicLink(): Boolean = blockingIo { Files.isSymbolicLink(nio) }

    /** Whether it is a Unix socket. */
    public suspend fun isSocket(): Boolean = isOfKind(UnixMode.SOCKET)

    /** Whether it is a FIFO, a pipe with a name. */
    public suspend fun isFifo(): Boolean = isOfKind(UnixMode.FIFO)

    /** Whether it is a block device. */
    public suspend fun isBlockDevice(): Boolean = isOfKind(UnixMode.BLOCK_DEVICE)

    /** Whether it is a character device, a terminal for instance. */
    public suspend fun isCharDevice(): Boolean = isOfKind(UnixMode.CHAR_DEVICE)

    /** Whether it is a junction of Windows; always false elsewhere. */
    public suspend fun isJunction(): Boolean = blockingIo { UnixMode.isJunction(nio) }

    /** Whether another file system is mounted here. */
    public suspend fun isMount(): Boolean = blockingIo { UnixMode.isMount(nio) }

    /** Whether this process may read it. */
    public suspend fun isReadable(): Boolean = blockingIo { Files.isReadable(nio) }

    /** Whether this process may write it. */
    public suspend fun isWritable(): Boolean = blockingIo { Files.isWritable(nio) }

    /** Whether this process may execute it, or enter it. */
    public suspend fun isExecutable(): Boolean = blockingIo { Files.isExecutable(nio) }

    /** Whether it is hidden: on Unix, whether its name begins with a dot. */
    public suspend fun isHidden(): Boolean = blockingIo { Files.isHidden(nio) }

    /** Whether both are the same file. */
    public suspend fun isSameFileAs(other: AsyncPath): Boolean = blockingIo { Files.isSameFile(nio, other.nio) }

    /** Size, times and kind, of one moment: `stat`, with [LinkOption.NOFOLLOW_LINKS] `lstat`. */
    public suspend fun readAttributes(vararg options: LinkOption): BasicFileAttributes =
        readAttributes(BasicFileAttributes::class.java, *options)

    /** Attributes of a type, such as `PosixFileAttributes`. */
    public suspend fun <A : BasicFileAttributes> readAttributes(type: Class<A>, vararg options: LinkOption): A =
        blockingIo { Files.readAttributes(nio, type, *options) }

    /** One attribute by name, such as `unix:ino`. */
    public suspend fun getAttribute(name: String, vararg options: LinkOption): Any? = blockingIo { Files.getAttribute(nio, name, *options) }

    /** How many bytes there are. */
    public suspend fun fileSize(): Long = blockingIo { Files.size(nio) }

    /** When it was last written. */
    public suspend fun getLastModifiedTime(vararg options: LinkOption): FileTime = blockingIo { Files.getLastModifiedTime(nio, *options) }

    /** Sets when it was last written. */
    public suspend fun setLastModifiedTime(time: FileTime): Unit = blockingIo { Files.setLastModifiedTime(nio, time) }

    /** Who owns it. */
    public suspend fun getOwner(vararg options: LinkOption): UserPrincipal = blockingIo { Files.getOwner(nio, *options) }

    /** Whose group it is. */
    public suspend fun getGroup(vararg options: LinkOption): UserPrincipal =
        blockingIo { Files.readAttributes(nio, PosixFileAttributes::class.java, *options).group() }

    /**
     * Sets who may do what, `chmod`. A symbolic link has no permissions of its own on Linux: with [LinkOption.NOFOLLOW_LINKS] it is a
     * `FileSystemException`, and what it points to stays as it is.
     */
    public suspend fun setPosixFilePermissions(permissions: Set<PosixFilePermission>, vararg options: LinkOption): Unit = blockingIo {
        // Not every JDK refuses.
        if (LinkOption.NOFOLLOW_LINKS in options && Files.isSymbolicLink(nio)) {
            throw FileSystemException("$nio", null, "a symbolic link has no permissions of its own")
        }
        val view =
            Files.getFileAttributeView(nio, PosixFileAttributeView::class.java, *options)
                ?: throw UnsupportedOperationException("$nio has no POSIX permissions")
        view.setPermissions(permissions)
    }

    // ------------------------------------------------------------------------- other paths

    /** The path from a root on: `absolute`. Links and `..` stay. */
    public suspend fun toAbsolutePath(): AsyncPath = blockingIo { nio.toAbsolutePath() }.async

    /** The absolute path of a file that exists, without links and `..`: what Trio calls `resolve`. */
    public suspend fun toRealPath(vararg options: LinkOption): AsyncPath = blockingIo { nio.toRealPath(*options) }.async

    /** Where a symbolic link points to. */
    public suspend fun readSymbolicLink(): AsyncPath = blockingIo { Files.readSymbolicLink(nio) }.async

    /** The path as a URI; the disk is asked whether it is a directory. */
    public suspend fun toUri(): URI = blockingIo { nio.toUri() }

    /** With the home directory in place of a first `~`; homes of others are not known to the JVM: [UnsupportedOperationException]. */
    public suspend fun expandUser(): AsyncPath {
        val first = nio.takeIf { it.nameCount > 0 && !it.isAbsolute }?.getName(0)?.toString() ?: return this
        if (!first.startsWith("~")) return this
        if (first != "~") throw UnsupportedOperationException("the home of $first is not known to the JVM")
        val home = nio.fileSystem.getPath(homeDirectory())
        return (if (nio.nameCount == 1) home else home.resolve(nio.subpath(1, nio.nameCount))).async
    }

    // ------------------------------------------------------------------------- making and removing

    /** Makes a directory; the one above it must exist. */
    public suspend fun createDirectory(vararg attributes: FileAttribute<*>): AsyncPath =
        also { blockingIo { Files.createDirectory(nio, *attributes) } }

    /** Makes a directory and those above it; does nothing if it exists. */
    public suspend fun createDirectories(vararg attributes: FileAttribute<*>): AsyncPath =
        also { blockingIo { Files.createDirectories(nio, *attributes) } }

    /** Makes an empty file, which must not exist. */
    public suspend fun createFile(vararg attributes: FileAttribute<*>): AsyncPath =
        also { blockingIo { Files.createFile(nio, *attributes) } }

    /** Makes an empty file, or sets the time of the one that exists to now. */
    public suspend fun touch(): Unit = blockingIo {
        try {
            Files.createFile(nio)
        } catch (_: FileAlreadyExistsException) {
            Files.setLastModifiedTime(nio, FileTime.from(Instant.now()))
        }
    }

    /** Makes this path a symbolic link to [target], which need not exist. */
    public suspend fun createSymbolicLinkPointingTo(target: AsyncPath, vararg attributes: FileAttribute<*>): AsyncPath =
        also { blockingIo { Files.createSymbolicLink(nio, target.nio, *attributes) } }

    /** Makes this path another name of the file [target]. */
    public suspend fun createLinkPointingTo(target: AsyncPath): AsyncPath = also { blockingIo { Files.createLink(nio, target.nio) } }

    /**
     * Renames or moves. A [target] that exists is a `FileAlreadyExistsException`, unless `REPLACE_EXISTING` is given; with `ATOMIC_MOVE` it is
     * `rename(2)`, which replaces.
     *
     * @return the target
     */
    public suspend fun moveTo(target: AsyncPath, vararg options: CopyOption): AsyncPath =
        blockingIo { Files.move(nio, target.nio, *options) }.async

    /** Copies a file, or makes an empty directory of a directory; a target that exists as in [moveTo]. Returns the target. */
    public suspend fun copyTo(target: AsyncPath, vararg options: CopyOption): AsyncPath =
        blockingIo { Files.copy(nio, target.nio, *options) }.async

    /** Removes a file, a link, or a directory that is empty. */
    public suspend fun delete(): Unit = blockingIo { Files.delete(nio) }

    /** The same; false when there was nothing. */
    public suspend fun deleteIfExists(): Boolean = blockingIo { Files.deleteIfExists(nio) }

    // ------------------------------------------------------------------------- content

    /** Opens it: as [openFile]. */
    public suspend fun open(vararg options: OpenOption): AsyncFile = openFile(nio, *options)

    /** All bytes, in one call. */
    public suspend fun readBytes(): ByteArray = blockingIo { Files.readAllBytes(nio) }

    /** All text, in one call; `java.nio.charset.CharacterCodingException` for bytes that are none. */
    public suspend fun readText(charset: Charset = Charsets.UTF_8): String = blockingIo { Files.readString(nio, charset) }

    /** All lines, in one call; otherwise as [lines]. */
    public suspend fun readLines(charset: Charset = Charsets.UTF_8): List<String> = blockingIo { Files.readAllLines(nio, charset) }

    /** Writes all bytes, in one call; [options] as those of `Files.write`, by default what was there is replaced. */
    public suspend fun writeBytes(bytes: ByteArray, vararg options: OpenOption): Unit = blockingIo { Files.write(nio, bytes, *options) }

    /** Writes text, in one call; otherwise as [writeBytes]. `java.nio.charset.CharacterCodingException` for what the charset does not have. */
    public suspend fun writeText(text: CharSequence, charset: Charset = Charsets.UTF_8, vararg options: OpenOption): Unit =
        blockingIo { Files.writeString(nio, text, charset, *options) }

    /**
     * The content in pieces. The flow is cold: a collection opens the file, and closes it however it ends (spec FILE-D25). Of a regular file it
     * reads up to 1 MiB ahead.
     *
     * @param size of each piece but the last, 1 or more; a FIFO gives what is there
     */
    public fun chunks(size: Int = DEFAULT_CHUNK_BYTES): Flow<ByteArray> = chunksOf(nio, size)

    /**
     * The content line by line, without the ends: LF, CR LF or CR. The last one need not have an end. The flow is cold: a collection opens the
     * file, decodes block by block, and closes it however it ends. Each line is in memory as a whole.
     *
     * @param onMalformed what to do with bytes that are no text: by default the lines before them are emitted, then the collection fails with
     * a `java.nio.charset.CharacterCodingException` that has the position
     */
    public fun lines(charset: Charset = Charsets.UTF_8, onMalformed: CodingErrorAction = CodingErrorAction.REPORT): Flow<String> =
        linesOf(nio, charset, onMalformed)

    /** What is in this directory, in one call: as [entries], which takes less memory. Sorted by nothing. */
    public suspend fun list(glob: String = "*"): List<AsyncPath> = blockingIo { listed(nio, glob) }

    /**
     * What is in this directory, in the order of the file system. The flow is cold: a collection opens the directory, reads batches of up to 256
     * entries, and closes it however it ends (spec FILE-D26).
     *
     * @param glob of names, as in `Files.newDirectoryStream`
     */
    public fun entries(glob: String = "*"): Flow<AsyncPath> = entriesOf(nio, glob)

    /**
     * This path and all below it, each directory before what is in it. The flow is cold, and batched as [entries]. Links are not followed, but
     * for the path itself. A directory that vanishes meanwhile is taken for empty; one that may not be read ends the collection with its error.
     *
     * @param maxDepth how deep to go: 0 for this path alone, 1 for what is in it
     */
    public fun walk(maxDepth: Int = Int.MAX_VALUE): Flow<AsyncPath> = walkOf(nio, maxDepth)

    private suspend fun isOfKind(kind: Int): Boolean = blockingIo { UnixMode.of(nio) and UnixMode.KIND == kind }

    /** Where paths begin that depend on the process. */
    public companion object {
        private const val DEFAULT_CHUNK_BYTES = 65_536

        /** The directory that relative paths begin at. */
        public suspend fun currentDirectory(): AsyncPath = blockingIo { Path.of("").toAbsolutePath() }.async

        /** The home directory of the user. */
        public suspend fun home(): AsyncPath = Path.of(homeDirectory()).async
    }
}

/** A path of the default file system. */
public fun AsyncPath(first: String, vararg more: String): AsyncPath = AsyncPath(Path.of(first, *more))

/** This path for coroutines. */
public val Path.async: AsyncPath get() = AsyncPath(this)

private suspend fun homeDirectory(): String = blockingIo { System.getProperty("user.home") }
