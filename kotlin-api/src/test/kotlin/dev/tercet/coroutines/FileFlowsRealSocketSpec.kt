package dev.tercet.coroutines

import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.count
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withPermit
import kotlinx.coroutines.withContext
import java.nio.charset.CharacterCodingException
import java.nio.charset.CodingErrorAction
import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.nio.file.attribute.BasicFileAttributes
import java.util.Random

internal suspend fun <T> Flow<T>.toListOf(): List<T> = toList()

/** Files and directories as flows. */
class FileFlowsRealSocketSpec :
    FunSpec({
        inFiles("FILE-D7 FILE-D25 lines have no ends, whichever of the three they had; the last one needs none") { directory ->
            val file = directory / "f"
            file.writeText("a\nb\r\nc\rd\n\n\r\r\nend")
            file.lines().toList() shouldBe listOf("a", "b", "c", "d", "", "", "", "end")
            file.writeText("x\n")
            file.lines().toList() shouldBe listOf("x")
            file.writeText("")
            file.lines().toList() shouldBe emptyList()
            file.chunks().toList() shouldBe emptyList()
        }

        inFiles("FILE-D25 what lies across two blocks is whole: characters, CR LF, and lines longer than a block") { directory ->
            val file = directory / "f"
            val seed = Stress.seed(FileFlowsRealSocketSpec::class.java)
            val random = Random(seed)
            val lines = List(2_000) { i -> "ä€😀".repeat(random.nextInt(if (i % 500 == 0) 20_000 else 60)) }
            for (ending in listOf("\n", "\r\n", "\r")) {
                file.writeText(lines.joinToString("") { it + ending })
                file.lines().toList() shouldBe lines
            }
            file.writeText(lines.joinToString("\r\n"), Charsets.UTF_16LE)
            file.lines(Charsets.UTF_16LE).toList() shouldBe lines
        }

        inFiles(
            "FILE-D25 bytes that are no text are an error with their position, after the lines before them; or replaced, if asked",
        ) { directory ->
            val file = directory / "f"
            val good = "line\n".repeat(30_000).toByteArray()
            file.writeBytes(good + byteArrayOf(-1) + "x\n".toByteArray())
            var count = 0
            shouldThrow<CharacterCodingException> { file.lines().collect { count++ } }.message shouldContain
                "$file is not UTF-8 at byte 150000"
            count shouldBe 30_000
            file.lines(onMalformed = CodingErrorAction.REPLACE).toList().last() shouldBe "\ufffdx"
            file.writeBytes("cut".toByteArray() + byteArrayOf(-61))
            shouldThrow<CharacterCodingException> { file.lines().collect { } }.message shouldContain "at byte 3"
        }

        inFiles("FILE-D25 the flow is cold, is closed after take and failures, and can be collected again") { directory ->
            val file = directory / "f"
            val lines = file.lines()
            val chunks = file.chunks(10)
            shouldThrow<NoSuchFileException> { lines.collect { } }
            file.writeText("one\ntwo\n".repeat(50_000))
            lines.take(3).toList() shouldBe listOf("one", "two", "one")
            chunks.first().size shouldBe 10
            openFilesIn(directory.nio) shouldBe emptyList()
            shouldThrow<IllegalStateException> { lines.collect { error("x") } }
            lines.count() shouldBe 100_000
            openFilesIn(directory.nio) shouldBe emptyList()
            shouldThrow<IllegalArgumentException> { file.chunks(0) }
        }

        inFiles("FILE-D15 chunks are full but for the last, and a trip to a thread brings many") { directory ->
            val file = directory / "f"
            val content = ByteArray(3_333_333) { (it / 7).toByte() }
            file.writeBytes(content)
            for (size in listOf(1_000, 65_536, 700_000, 2_000_000, 5_000_000)) {
                val chunks = file.chunks(size).toList()
                chunks.dropLast(1).all { it.size == size } shouldBe true
                chunks.reduce(ByteArray::plus).contentEquals(content) shouldBe true
            }
            val dispatcher = CountingDispatcher()
            withContext(dispatcher) { file.chunks(1_000).collect { } }
            dispatcher.count.get() shouldBeLessThan 30
            Path.of("/proc/self/status").async.chunks().toList().reduce(ByteArray::plus).decodeToString() shouldContain "Name:"
        }

        inFiles("FILE-D13 chunks of a FIFO come as they are written") { directory ->
            mkfifo(directory / "f")
            val writer = openFile((directory / "f").nio, READ, WRITE)
            val received = kotlinx.coroutines.channels.Channel<String>(10)
            val reading = launch { (directory / "f").chunks().collect { received.send(it.decodeToString()) } }
            for (word in listOf("one", "two")) {
                writer.write(word.buffer())
                received.receive() shouldBe word
            }
            reading.cancel()
            writer.write("wake".buffer())
            reading.join()
            writer.close()
        }

        inFiles("FILE-D11 FILE-D26 a cancel at any suspension of any flow leaves nothing open") { directory ->
            repeat(600) { (directory / "$it").writeText("line\n".repeat(it)) }
            val flows =
                listOf(
                    (directory / "599").lines(),
                    (directory / "599").chunks(10),
                    directory.entries(),
                    directory.walk(),
                )
            for (flow in flows) {
                cancelledAtEachSuspension { flow.collect { } } shouldBeGreaterThan 3
                eventually("open: ${openFilesIn(directory.nio)}") { openFilesIn(directory.nio).isEmpty() }
            }
        }

        inFiles("FILE-D18 FILE-D26 a directory of 10,000 entries comes in batches, all of it, and once") { directory ->
            repeat(10_000) { Files.createFile(directory.nio.resolve("$it")) }
            val dispatcher = CountingDispatcher()
            val names = withContext(dispatcher) { directory.entries().toList().map { it.name } }
            names.toSet().size shouldBe 10_000
            names.size shouldBe 10_000
            dispatcher.count.get() shouldBeLessThan 1_000
            directory.entries("1?").toList().map { it.name } shouldContainExactlyInAnyOrder (10..19).map { "$it" }
            directory.walk().count() shouldBe 10_001
            directory.list().size shouldBe 10_000
            directory.entries().take(1).toList().size shouldBe 1
            openFilesIn(directory.nio) shouldBe emptyList()
        }

        inFiles("FILE-D26 what is no directory is an IOException of its kind, and so is a missing one") { directory ->
            (directory / "f").createFile()
            shouldThrow<NotDirectoryException> { (directory / "f").entries().collect { } }
            shouldThrow<NoSuchFileException> { (directory / "none").entries().collect { } }
            shouldThrow<NoSuchFileException> { (directory / "none").walk().collect { } }
            (directory / "f").walk().toList() shouldBe listOf(directory / "f")
        }

        inFiles("FILE-D19 walk: each directory before what is in it, as deep as asked, no link followed but the first") { directory ->
            (directory / "a/b/c").createDirectories()
            (directory / "a/b/f").createFile()
            (directory / "loop").createSymbolicLinkPointingTo(directory)
            val all = directory.walk().toList().map { it.relativeTo(directory).toString() }
            all shouldContainExactlyInAnyOrder listOf("", "a", "a/b", "a/b/c", "a/b/f", "loop")
            all.indexOf("a") shouldBeLessThan all.indexOf("a/b")
            all.indexOf("a/b") shouldBeLessThan all.indexOf("a/b/f")
            directory.walk(0).toList() shouldBe listOf(directory)
            directory.walk(1).count() shouldBe 3
            directory.walk(2).count() shouldBe 4
            (directory / "loop").walk(1).count() shouldBe 3
            shouldThrow<IllegalArgumentException> { directory.walk(-1) }
        }

        inFiles("FILE-D19 FILE-D26 what vanishes between listing and opening ends nothing but its own call") { directory ->
            repeat(600) { (directory / "$it").createDirectory().div("f").createFile() }
            fun deleteAll() {
                Files.walkFileTree(
                    directory.nio,
                    object : SimpleFileVisitor<Path>() {
                        override fun visitFile(file: Path, attributes: BasicFileAttributes): FileVisitResult {
                            Files.delete(file)
                            return FileVisitResult.CONTINUE
                        }

                        override fun postVisitDirectory(dir: Path, exc: java.io.IOException?): FileVisitResult {
                            if (dir != directory.nio) Files.delete(dir)
                            return FileVisitResult.CONTINUE
                        }
                    },
                )
            }
            var seen = 0
            var missing = 0
            directory.walk().collect {
                if (seen++ == 0) deleteAll()
                try {
                    if (it != directory) it.readAttributes()
                } catch (_: NoSuchFileException) {
                    missing++
                }
            }
            missing shouldBe seen - 1
        }

        inFiles(
            "FILE-D12 FILE-D23 10,000 small files by 64 coroutines: each is read, and no more are open than there are slots",
        ) { directory ->
            repeat(10_000) { Files.writeString(directory.nio.resolve("$it"), "$it") }
            val few = IoLimiter(4)
            val permits = Semaphore(64)
            val sum = withContext(few) {
                List(10_000) { i -> async { permits.withPermit { (directory / "$i").readText().toLong() } } }.awaitAll().sum()
            }
            sum shouldBe 9_999L * 10_000 / 2
            few.available shouldBe 4
        }

        inFiles("a collector that is cancelled while it waits closes the file") { directory ->
            (directory / "f").writeText("a\nb\n")
            val started = kotlinx.coroutines.CompletableDeferred<Unit>()
            val job = launch {
                (directory / "f").lines().collect {
                    started.complete(Unit)
                    kotlinx.coroutines.awaitCancellation()
                }
            }
            started.await()
            openFilesIn(directory.nio).size shouldBe 1
            job.cancelAndJoin()
            openFilesIn(directory.nio) shouldBe emptyList()
        }
    })
