package dev.tercet.coroutines

import com.google.common.jimfs.Configuration
import com.google.common.jimfs.Jimfs
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.URI
import java.nio.ByteBuffer
import java.nio.file.DirectoryNotEmptyException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.FileSystems
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFileAttributes
import java.nio.file.attribute.PosixFilePermissions

/** Each call of a path: on the disk, in a ZIP file, and in memory. */
class AsyncPathRealSocketSpec :
    FunSpec({
        test("FILE-D17 what looks at the text only does not suspend, and gives paths again") {
            val path = AsyncPath("/a/b", "c.tar.gz")
            path.toString() shouldBe "/a/b/c.tar.gz"
            path.name shouldBe "c.tar.gz"
            path.nameWithoutExtension shouldBe "c.tar"
            path.extension shouldBe "gz"
            path.extensions shouldBe listOf("tar", "gz")
            AsyncPath(".bashrc").extensions shouldBe emptyList()
            path.parent shouldBe AsyncPath("/a/b")
            path.parents.map { it.toString() }.toList() shouldBe listOf("/a/b", "/a", "/")
            AsyncPath("a").parent shouldBe null
            path.root shouldBe AsyncPath("/")
            path.parts shouldBe listOf("/", "a", "b", "c.tar.gz")
            path.isAbsolute shouldBe true
            path.invariantSeparatorsPathString shouldBe "/a/b/c.tar.gz"
            path.fileSystem shouldBe FileSystems.getDefault()
            AsyncPath("/a") / "b" / AsyncPath("c.tar.gz") shouldBe path
            path.resolveSibling("d") shouldBe AsyncPath("/a/b/d")
            path.withStem("d") shouldBe AsyncPath("/a/b/d.gz")
            AsyncPath("c").withStem("d") shouldBe AsyncPath("d")
            path.withExtension("xz") shouldBe AsyncPath("/a/b/c.tar.xz")
            path.withExtension("") shouldBe AsyncPath("/a/b/c.tar")
            path.relativeTo(AsyncPath("/a/x")) shouldBe AsyncPath("../b/c.tar.gz")
            path.startsWith(AsyncPath("/a")) shouldBe true
            path.startsWith(AsyncPath("/ab")) shouldBe false
            path.endsWith(AsyncPath("b/c.tar.gz")) shouldBe true
            AsyncPath("/a/./x/../b").normalize() shouldBe AsyncPath("/a/b")
            path.matches("/a/**.gz") shouldBe true
            path.matches("/a/*.gz") shouldBe false
            listOf(AsyncPath("b"), AsyncPath("a")).sorted().first() shouldBe AsyncPath("a")
            AsyncPath("a").hashCode() shouldBe Path.of("a").hashCode()
            Path.of("a").async shouldBe AsyncPath("a")
            (AsyncPath("a") == AsyncPath("b")) shouldBe false
        }

        inFiles("FILE-D16 exists and its kin tell kinds apart") { directory ->
            val file = directory / "f"
            val link = directory / "l"
            file.exists() shouldBe false
            file.createFile()
            link.createSymbolicLinkPointingTo(AsyncPath("f"))
            mkfifo(directory / "fifo")
            val kinds = listOf(file, directory, link, directory / "fifo", AsyncPath("/dev/null"), directory / "none").associate {
                it.name to
                    listOf(
                        it.exists(),
                        it.isRegularFile(),
                        it.isDirectory(),
                        it.isSymbolicLink(),
                        it.isFifo(),
                        it.isCharDevice(),
                        it.isBlockDevice(),
                        it.isSocket(),
                        it.isJunction(),
                    ).joinToString("") { yes -> if (yes) "x" else "-" }
            }
            kinds shouldBe
                mapOf(
                    "f" to "xx-------",
                    directory.name to "x-x------",
                    "l" to "xx-x-----",
                    "fifo" to "x---x----",
                    "null" to "x----x---",
                    "none" to "---------",
                )
            link.exists(NOFOLLOW_LINKS) shouldBe true
            link.isRegularFile(NOFOLLOW_LINKS) shouldBe false
            openUnixListener((directory / "s").nio).use { (directory / "s").isSocket() shouldBe true }
            AsyncPath("/").isMount() shouldBe true
            AsyncPath("/proc").isMount() shouldBe true
            directory.isMount() shouldBe false
            file.isMount() shouldBe false
            (directory / ".h").createFile().isHidden() shouldBe true
            file.isReadable() shouldBe true
            file.isWritable() shouldBe true
            file.isExecutable() shouldBe false
        }

        inFiles("FILE-D16 stat, lstat, chmod, owner, group, times") { directory ->
            val file = directory / "f"
            val link = directory / "l"
            file.writeText("hello")
            link.createSymbolicLinkPointingTo(file)
            file.readAttributes().size() shouldBe 5
            link.readAttributes().isSymbolicLink shouldBe false
            link.readAttributes(NOFOLLOW_LINKS).isSymbolicLink shouldBe true
            file.fileSize() shouldBe 5
            val permissions = PosixFilePermissions.fromString("rw-r-----")
            file.setPosixFilePermissions(permissions)
            file.readAttributes(PosixFileAttributes::class.java).permissions() shouldBe permissions
            file.setPosixFilePermissions(PosixFilePermissions.fromString("rw-------"), NOFOLLOW_LINKS)
            shouldThrow<FileSystemException> { link.setPosixFilePermissions(permissions, NOFOLLOW_LINKS) }.reason shouldContain
                "symbolic link"
            file.readAttributes(PosixFileAttributes::class.java).permissions() shouldBe PosixFilePermissions.fromString("rw-------")
            file.getOwner().name shouldBe System.getProperty("user.name")
            file.getGroup() shouldBe file.readAttributes(PosixFileAttributes::class.java).group()
            (file.getAttribute("unix:nlink") as Int) shouldBe 1
            file.setLastModifiedTime(FileTime.fromMillis(1_000_000))
            file.getLastModifiedTime() shouldBe FileTime.fromMillis(1_000_000)
            file.touch()
            (file.getLastModifiedTime() > FileTime.fromMillis(1_000_000)) shouldBe true
            file.readText() shouldBe "hello"
            (directory / "new").touch()
            (directory / "new").fileSize() shouldBe 0
        }

        inFiles("FILE-D16 mkdir, rename, replace, links, unlink, rmdir") { directory ->
            val a = directory / "a"
            val b = directory / "b"
            shouldThrow<NoSuchFileException> { (directory / "x/y").createDirectory() }
            (directory / "x/y").createDirectories().createDirectories().isDirectory() shouldBe true
            shouldThrow<FileAlreadyExistsException> { (directory / "x").createDirectory() }
            a.writeText("a")
            b.writeText("b")
            shouldThrow<FileAlreadyExistsException> { a.moveTo(b) }
            shouldThrow<FileAlreadyExistsException> { a.createFile() }
            a.moveTo(b, REPLACE_EXISTING, ATOMIC_MOVE) shouldBe b
            b.readText() shouldBe "a"
            a.exists() shouldBe false
            a.createLinkPointingTo(b).isSameFileAs(b) shouldBe true
            (directory / "l").createSymbolicLinkPointingTo(AsyncPath("b")).readSymbolicLink() shouldBe AsyncPath("b")
            (directory / "l").toRealPath() shouldBe b.toRealPath()
            b.copyTo(directory / "c").readText() shouldBe "a"
            (directory / "l").delete()
            b.exists() shouldBe true
            shouldThrow<DirectoryNotEmptyException> { (directory / "x").delete() }
            (directory / "x/y").delete()
            (directory / "x").deleteIfExists() shouldBe true
            (directory / "x").deleteIfExists() shouldBe false
            shouldThrow<NoSuchFileException> { (directory / "x").delete() }
        }

        inFiles("FILE-D16 cwd, home, absolute, resolve, expanduser, as_uri") { directory ->
            AsyncPath.currentDirectory().isAbsolute shouldBe true
            AsyncPath("x").toAbsolutePath() shouldBe AsyncPath.currentDirectory() / "x"
            AsyncPath.home().toString() shouldBe System.getProperty("user.home")
            AsyncPath("~").expandUser() shouldBe AsyncPath.home()
            AsyncPath("~/x/y").expandUser() shouldBe AsyncPath.home() / "x/y"
            AsyncPath("/~").expandUser() shouldBe AsyncPath("/~")
            AsyncPath("x/~").expandUser() shouldBe AsyncPath("x/~")
            shouldThrow<UnsupportedOperationException> { AsyncPath("~nobody/x").expandUser() }
            directory.toUri().toString() shouldBe directory.nio.toUri().toString()
            shouldThrow<NoSuchFileException> { (directory / "none").toRealPath() }
        }

        inFiles("FILE-D16 read_bytes, read_text, write_bytes, write_text, open, list") { directory ->
            val file = directory / "f"
            file.writeText("grün\n")
            file.writeText("zwei", Charsets.UTF_8, APPEND)
            file.readText() shouldBe "grün\nzwei"
            file.readLines() shouldBe listOf("grün", "zwei")
            file.writeBytes(byteArrayOf(1, -1))
            file.readBytes() shouldBe byteArrayOf(1, -1)
            shouldThrow<java.nio.charset.CharacterCodingException> { file.readText() }
            file.readText(Charsets.ISO_8859_1) shouldBe "\u0001ÿ"
            file.open(READ).use { it.size() shouldBe 2 }
            (directory / "g.txt").createFile()
            directory.list() shouldContainExactlyInAnyOrder listOf(file, directory / "g.txt")
            directory.list("*.txt") shouldBe listOf(directory / "g.txt")
            shouldThrow<NoSuchFileException> { (directory / "none").readText() }
            shouldThrow<java.nio.file.NotDirectoryException> { file.list() }
        }

        suspend fun everything(root: AsyncPath) {
            (root / "d/e").createDirectories()
            val file = root / "d/f.txt"
            file.writeText("one\ntwo\n")
            file.readText() shouldBe "one\ntwo\n"
            file.lines().toListOf() shouldBe listOf("one", "two")
            file.chunks(3).toListOf().map { it.decodeToString() } shouldBe listOf("one", "\ntw", "o\n")
            (root / "d").entries().toListOf().map { it.name } shouldContainExactlyInAnyOrder listOf("e", "f.txt")
            root.walk().toListOf().map { it.name }.drop(1) shouldContainExactlyInAnyOrder listOf("d", "e", "f.txt")
            file.open().use {
                val three = ByteBuffer.allocate(3)
                it.read(three, 4) shouldBe 3
                String(three.array()) shouldBe "two"
                it.tell() shouldBe 0
            }
            file.moveTo(root / "d/g.txt").exists() shouldBe true
            (root / "d/g.txt").isFifo() shouldBe false
            (root / "d").isMount() shouldBe false
            (root / "d/w").open(CREATE, WRITE).use { it.write("x".buffer()) }
            (root / "d/w").fileSize() shouldBe 1
            ReceiveStream.ofFile((root / "d/g.txt").nio).use { it.receiveSome().decodeToString() shouldBe "one\ntwo\n" }
            shouldThrow<NoSuchFileException> { (root / "none").readText() }.message shouldContain "none"
        }

        inFiles("FILE-D27 a ZIP file is a file system like any other") { directory ->
            val zip = URI.create("jar:" + (directory / "z.zip").toUri())
            FileSystems.newFileSystem(zip, mapOf("create" to "true")).use { everything(it.getPath("/").async) }
            FileSystems.newFileSystem(zip, emptyMap<String, Any>()).use {
                (it.getPath("/").async / "d/g.txt").readText() shouldBe
                    "one\ntwo\n"
            }
        }

        for ((name, configuration) in listOf(
            "Unix" to Configuration.unix(),
            "macOS" to Configuration.osX(),
            "Windows" to Configuration.windows(),
        )) {
            test("FILE-D27 a file system in memory, as $name has it") {
                Jimfs.newFileSystem(configuration).use { system ->
                    val root = system.rootDirectories.first().async
                    everything((root / "base").createDirectory())
                    root.parts.size shouldBe 1
                    (root / "d").invariantSeparatorsPathString shouldBe root.invariantSeparatorsPathString + "d"
                    root.isMount() shouldBe true
                }
            }
        }
    })
