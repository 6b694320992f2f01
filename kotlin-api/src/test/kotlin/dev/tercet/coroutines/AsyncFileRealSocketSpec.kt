package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger

/** Open files: real ones, FIFOs and devices among them. */
class AsyncFileRealSocketSpec :
    FunSpec({
        fun text(buffer: ByteBuffer) = Charsets.UTF_8.decode(buffer.flip()).toString()

        suspend fun AsyncFile.readText(at: Long? = null) = ByteBuffer.allocate(100).let { if (read(it, at) < 0) null else text(it) }

        inFiles(
            "FILE-D1 FILE-D4 a file is opened, written, read, moved in, cut, flushed; a missing one is NoSuchFileException",
        ) { directory ->
            openFile((directory / "a").nio, CREATE, READ, WRITE).use { file ->
                file.write("hello world".buffer())
                file.tell() shouldBe 11
                file.seek(6)
                file.readText() shouldBe "world"
                file.readText() shouldBe null
                file.size() shouldBe 11
                file.truncate(5)
                file.tell() shouldBe 5
                file.truncate(100)
                file.size() shouldBe 5
                file.seek(7)
                file.write("!".buffer())
                file.flush()
                file.flush(metadata = true)
                file.readText(0) shouldBe "hello\u0000\u0000!"
                file.isOpen shouldBe true
            }
            shouldThrow<NoSuchFileException> { openFile((directory / "b").nio) }
            (directory / "a").open().use { shouldThrow<NonWritableChannelException> { it.write("x".buffer()) } }
            (directory / "a").open(APPEND).use { it.write("?".buffer()) }
            (directory / "a").readText() shouldBe "hello\u0000\u0000!?"
        }

        inFiles("FILE-D2 FILE-D3 a channel that is open becomes a file, which owns it; wrapped is that very channel") { directory ->
            val channel = FileChannel.open((directory / "a").nio, CREATE, WRITE)
            wrapFile(channel).use {
                it.wrapped shouldBeSameInstanceAs channel
                it.write("x".buffer())
            }
            channel.isOpen shouldBe false
            (directory / "a").readText() shouldBe "x"
        }

        inFiles(
            "FILE-D29 calls at the position take turns: no two inside, each byte is read once; those at a position need no turn",
        ) { directory ->
            (directory / "a").writeBytes(ByteArray(4000) { (it % 251).toByte() })
            val inside = AtomicInteger()
            val most = AtomicInteger()
            val below = FileChannel.open((directory / "a").nio, READ)
            val watched = object : SeekableByteChannel by below {
                override fun read(into: ByteBuffer): Int {
                    most.accumulateAndGet(inside.incrementAndGet(), ::maxOf)
                    Thread.yield()
                    return below.read(into).also { inside.decrementAndGet() }
                }
            }
            wrapFile(watched).use { file ->
                val sums = List(40) {
                    async {
                        val buffer = ByteBuffer.allocate(100)
                        file.read(buffer)
                        buffer.array().sumOf { it.toInt() }
                    }
                }
                sums.awaitAll().sum() shouldBe (0 until 4000).sumOf { (it % 251).toByte().toInt() }
                List(40) { i -> async { file.read(ByteBuffer.allocate(10), i * 10L) } }.awaitAll()
                file.tell() shouldBe 4000
            }
            most.get() shouldBe 1
        }

        inFiles("FILE-D29 a read at a position of a FileChannel is done while one at the file's own waits for its input") { directory ->
            mkfifo(directory / "f")
            openFile((directory / "f").nio, READ, WRITE, closeOnCancel = true).use { file ->
                val waiting = launch { file.read(ByteBuffer.allocate(1)) }
                eventually { IoLimiter.Default.available == 39 }
                // A FIFO has no positions: that the system says so shows that nobody stood in line.
                shouldThrow<IOException> { file.read(ByteBuffer.allocate(1), 0) }.message shouldContain "seek"
                waiting.cancelAndJoin()
            }
        }

        inFiles(
            "FILE-D8 a close that is cancelled closes, then throws; a second one does nothing; afterwards everything is Closed",
        ) { directory ->
            val file = openFile((directory / "a").nio, CREATE, WRITE)
            val thrown = CompletableDeferred<Throwable>()
            launch {
                currentCoroutineContext()[kotlinx.coroutines.Job]!!.cancel()
                try {
                    file.close()
                } catch (e: Throwable) {
                    thrown.complete(e)
                }
            }
            (thrown.await() is kotlinx.coroutines.CancellationException) shouldBe true
            file.isOpen shouldBe false
            file.wrapped.isOpen shouldBe false
            file.close()
            file.closeForcefully()
            shouldThrow<ClosedResourceException> { file.write("x".buffer()) }
            shouldThrow<ClosedResourceException> { file.size() }
            shouldThrow<ClosedResourceException> { file.seek(0) }
        }

        inFiles(
            "FILE-D9 use closes, also when the block fails; FILE-D10 closeForcefully does not suspend, and frees the descriptor soon",
        ) { directory ->
            shouldThrow<IllegalStateException> { openFile((directory / "a").nio, CREATE, WRITE).use { error("x") } }
            openFilesIn(directory.nio) shouldBe emptyList()
            val file = openFile((directory / "a").nio)
            file.closeForcefully()
            file.isOpen shouldBe false
            eventually { openFilesIn(directory.nio).isEmpty() }
        }

        inFiles("FILE-D13 a read of a FIFO is not cancelled: it gets its bytes, and the next checkpoint throws") { directory ->
            mkfifo(directory / "f")
            val writer = openFile((directory / "f").nio, READ, WRITE)
            openFile((directory / "f").nio).use { file ->
                val got = CompletableDeferred<String>()
                val job = launch {
                    val buffer = ByteBuffer.allocate(10)
                    file.read(buffer)
                    got.complete(text(buffer))
                    currentCoroutineContext().ensureActive()
                    error("not reached")
                }
                eventually { IoLimiter.Default.available == 39 }
                job.cancel()
                letOthersWait()
                got.isCompleted shouldBe false
                writer.write("bytes".buffer())
                got.await() shouldBe "bytes"
                job.join()
                job.isCancelled shouldBe true
            }
            writer.close()
        }

        inFiles(
            "FILE-D13 FILE-D24 with closeOnCancel a cancel ends the read and closes the file; no byte in the pipe is lost",
        ) { directory ->
            mkfifo(directory / "f")
            openFile((directory / "f").nio, READ, WRITE, closeOnCancel = true).use { keeper ->
                val file = openFile((directory / "f").nio, READ, WRITE, closeOnCancel = true)
                val job = launch { file.read(ByteBuffer.allocate(10)) }
                eventually { IoLimiter.Default.available == 39 }
                job.cancelAndJoin()
                file.isOpen shouldBe false
                keeper.write("kept".buffer())
                keeper.readText() shouldBe "kept"
            }
        }

        inFiles("FILE-D24 a close by another coroutine ends a read of a FIFO that waits, though no slot is free") { directory ->
            mkfifo(directory / "f")
            val one = IoLimiter(1)
            val file = openFile((directory / "f").nio, READ, WRITE, limiter = one)
            val thrown = async { shouldThrow<ClosedResourceException> { file.read(ByteBuffer.allocate(1)) } }
            eventually { one.available == 0 }
            val queued = async { shouldThrow<ClosedResourceException> { file.read(ByteBuffer.allocate(1)) } }
            file.close()
            thrown.await()
            queued.await()
        }

        inFiles("FILE-D13 opening a FIFO with closeOnCancel is left at once; what opens later is closed") { directory ->
            mkfifo(directory / "f")
            val job = launch { openFile((directory / "f").nio, READ, closeOnCancel = true) }
            eventually { IoLimiter.Default.available == 39 }
            job.cancelAndJoin()
            IoLimiter.Default.available shouldBe 39
            openFile((directory / "f").nio, WRITE).close()
        }

        inFiles("FILE-D11 what is opened while a cancel comes is returned, at whatever suspension it comes") { directory ->
            (directory / "a").writeText("x".repeat(300_000))
            val suspensions = cancelledAtEachSuspension {
                openFile((directory / "a").nio, READ, WRITE).use { file ->
                    repeat(3) { file.read(ByteBuffer.allocate(100)) }
                    file.write("y".buffer(), 5)
                    file.size()
                    file.flush()
                }
                openFilesIn(directory.nio) shouldBe emptyList()
            }
            suspensions shouldBeGreaterThan 5
            IoLimiter.Default.available shouldBe 40
        }

        inFiles("FILE-D20 an interrupted caller's file is read and stays open: the flag is on another thread") { directory ->
            (directory / "a").writeText("hello")
            val pool = Executors.newSingleThreadExecutor()
            withContext(pool.asCoroutineDispatcher()) {
                (directory / "a").open().use { file ->
                    Thread.currentThread().interrupt()
                    file.readText() shouldBe "hello"
                    file.isOpen shouldBe true
                }
            }
            pool.shutdown()
        }

        inFiles("a full disk, a directory, and large buffers") { directory ->
            Path.of("/dev/full").async.open(WRITE).use { full ->
                shouldThrow<IOException> { full.write("x".buffer()) }.message shouldContain "No space left"
                full.isOpen shouldBe true
            }
            shouldThrow<IOException> { directory.open(WRITE) }.message shouldContain "Is a directory"
            val big = ByteArray(3_000_000) { it.toByte() }
            (directory / "a").open(CREATE, WRITE).use { it.write(ByteBuffer.wrap(big)) }
            (directory / "a").readBytes().contentEquals(big) shouldBe true
            (directory / "a").open().use { file ->
                val all = ByteBuffer.allocate(big.size)
                while (file.read(all) > 0) if (!all.hasRemaining()) break
                all.array().contentEquals(big) shouldBe true
                shouldThrow<IllegalArgumentException> { file.read(all) }
                shouldThrow<IllegalArgumentException> { file.read(ByteBuffer.allocate(1), -1) }
            }
        }
    })
