package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import java.io.EOFException
import java.io.IOException
import java.io.RandomAccessFile
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE

/** Files as streams, and files that are sent. */
class FileStreamsRealSocketSpec :
    FunSpec({
        inFiles("FILE-S1 a file is received to its end, which stays its end; what is sent to one is in it") { directory ->
            val file = (directory / "f").nio
            SendStream.ofFile(file).use {
                it.waitSendAllMightNotBlock()
                it.sendAll("one\n".buffer())
                it.sendAll("two\n".buffer())
            }
            SendStream.ofFile(file, APPEND).use { it.sendAll("three\n".buffer()) }
            ReceiveStream.ofFile(file).use { stream ->
                stream.lines().toList() shouldBe listOf("one", "two", "three")
                SendStream.ofFile(file, APPEND).use { it.sendAll("four\n".buffer()) }
                stream.receiveSome(ByteBuffer.allocate(1)) shouldBe -1
                stream.receiveSome().size shouldBe 0
            }
            SendStream.ofFile(file).close()
            Files.size(file) shouldBe 0
            shouldThrow<NoSuchFileException> { ReceiveStream.ofFile((directory / "none").nio) }
        }

        inFiles("FILE-S1 the errors of a file are those of a stream: Broken with a cause, Closed, Busy") { directory ->
            SendStream.ofFile(Path.of("/dev/full"), WRITE).use { full ->
                repeat(2) {
                    val e = shouldThrow<BrokenResourceException> { full.sendAll("x".buffer()) }
                    e.message shouldContain "/dev/full cannot be written"
                    e.cause!!.message shouldContain "No space left"
                }
            }
            ReceiveStream.ofFile(directory.nio).use { stream ->
                repeat(2) { shouldThrow<BrokenResourceException> { stream.receiveSome() }.message shouldContain "Is a directory" }
            }
            (directory / "f").writeText("x")
            val stream = ReceiveStream.ofFile((directory / "f").nio)
            shouldThrow<IllegalArgumentException> { stream.receiveSome(ByteBuffer.allocate(0)) }
            stream.close()
            stream.close()
            shouldThrow<ClosedResourceException> { stream.receiveSome() }
            val sending = SendStream.ofFile((directory / "f").nio)
            sending.closeForcefully()
            shouldThrow<ClosedResourceException> { sending.sendAll("x".buffer()) }
            shouldThrow<ClosedResourceException> { sending.waitSendAllMightNotBlock() }
            mkfifo(directory / "fifo")
            val keeper = openFile((directory / "fifo").nio, READ, WRITE)
            val fifo = ReceiveStream.ofFile((directory / "fifo").nio, closeOnCancel = true)
            val waiting = launch { fifo.receiveSome() }
            eventually { IoLimiter.Default.available == 39 }
            shouldThrow<BusyResourceException> { fifo.receiveSome() }
            waiting.cancelAndJoin()
            shouldThrow<ClosedResourceException> { fifo.receiveSome() }
            keeper.close()
        }

        inFiles("FILE-S1 a cancel at any suspension of a file's streams leaves nothing open") { directory ->
            (directory / "f").writeText("x".repeat(1_000))
            cancelledAtEachSuspension {
                ReceiveStream.ofFile((directory / "f").nio).use { from ->
                    SendStream.ofFile((directory / "g").nio).use { to ->
                        from.chunks().collect { to.sendAll(it) }
                    }
                }
            } shouldBeGreaterThan 5
            eventually { openFilesIn(directory.nio).isEmpty() }
        }

        /** What arrives while [send] sends. */
        suspend fun received(to: SendStream, from: ReceiveStream, end: suspend () -> Unit, send: suspend SendStream.() -> Unit): ByteArray =
            coroutineScope {
                val all = async { from.chunks().toList().fold(ByteArray(0), ByteArray::plus) }
                to.send()
                end()
                all.await()
            }

        onBoth("FILE-S2 sendFile sends a file, a part of it, an open one, one whose size is wrong; its position stays") { left, right ->
            inDirectory { directory ->
                val content = ByteArray(3_000_000) { (it / 3).toByte() }
                val file = directory.resolve("f")
                Files.write(file, content)
                val all =
                    received(left, right, left::sendEof) {
                        sendFile(file) shouldBe 3_000_000
                        sendFile(file, 2_999_999) shouldBe 1
                        sendFile(file, 10, 100) shouldBe 100
                        sendFile(file, 3_000_000) shouldBe 0
                        sendFile(file, 4_000_000) shouldBe 0
                        sendFile(file, 5, 0) shouldBe 0
                        FileChannel.open(file).use { channel ->
                            channel.position(7)
                            sendFile(channel, 20, 5) shouldBe 5
                            sendFile(channel, 2_999_990) shouldBe 10
                            channel.position() shouldBe 7
                        }
                        sendFile(Path.of("/proc/self/cmdline")) shouldBeGreaterThan 1
                        sendFile(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")) shouldBeGreaterThan 1
                    }
                val command = Files.readAllBytes(Path.of("/proc/self/cmdline"))
                val setting = Files.readAllBytes(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"))
                val expected =
                    content + content.copyOfRange(2_999_999, 3_000_000) + content.copyOfRange(10, 110) + content.copyOfRange(20, 25) +
                        content.copyOfRange(2_999_990, 3_000_000) + command + setting
                all.contentEquals(expected) shouldBe true
                left.bytesSent shouldBe expected.size
                openFilesIn(directory) shouldBe emptyList()
            }
        }

        onBoth("FILE-S3 a file that ends before the count is an EOFException; what there was is sent, and the stream goes on") {
                left,
                right,
            ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                Files.writeString(file, "hello")
                val all =
                    received(left, right, left::sendEof) {
                        shouldThrow<EOFException> { sendFile(file, 1, 10) }.message shouldBe "$file has ended after 4 of 10 bytes from 1"
                        shouldThrow<NoSuchFileException> { sendFile(directory.resolve("none")) }
                        shouldThrow<IOException> { sendFile(directory) }.message shouldContain "Is a directory"
                        shouldThrow<IllegalArgumentException> { sendFile(file, -1) }
                        shouldThrow<IllegalArgumentException> { sendFile(file, 0, -1) }
                        shouldThrow<IllegalArgumentException> { sendFile(file, 1, Long.MAX_VALUE) }
                        sendAll("!".buffer())
                    }
                all.decodeToString() shouldBe "ello!"
            }
        }

        onBoth("FILE-S3 a file that is cut while it is sent: an EOFException, no bytes that were not in it, no hang") { left, right ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                RandomAccessFile(file.toFile(), "rw").use { it.setLength(64L shl 20) }
                coroutineScope {
                    val sending = async { shouldThrow<EOFException> { left.sendFile(file, 0, 64L shl 20) } }
                    eventually { left.bytesSent > 0 }
                    FileChannel.open(file, WRITE).use { it.truncate(1) }
                    val received = async { right.chunks().toList().sumOf { it.size.toLong() } }
                    sending.await().message shouldBe "$file has ended after ${left.bytesSent} of 67108864 bytes from 0"
                    left.sendEof()
                    received.await() shouldBe left.bytesSent
                }
            }
        }

        onBoth("FILE-S4 IO-S8 a cancel ends a sendFile whose peer does not read; the file is closed, the stream is not") { left, _ ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                RandomAccessFile(file.toFile(), "rw").use { it.setLength(256L shl 20) }
                FileChannel.open(file).use { channel ->
                    coroutineScope {
                        val byPath = launch { left.sendFile(file) }
                        eventually { left.bytesSent > 0 }
                        shouldThrow<BusyResourceException> { left.sendAll("x".buffer()) }
                        byPath.cancelAndJoin()
                        val byChannel = launch { left.sendFile(channel) }
                        letOthersWait()
                        byChannel.cancelAndJoin()
                    }
                    channel.isOpen shouldBe true
                }
                openFilesIn(directory) shouldBe emptyList()
                left.socket.didShutdownWrite shouldBe false
            }
        }

        onBoth("FILE-S4 IO-S4 IO-S5 IO-S6 IO-H1 sendFile to a peer that has gone, on a stream that is closed meanwhile, before, or ended") {
                left,
                right,
            ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                RandomAccessFile(file.toFile(), "rw").use { it.setLength(256L shl 20) }
                coroutineScope {
                    val sending = async { shouldThrow<BrokenResourceException> { repeat(3) { left.sendFile(file) } } }
                    eventually { left.bytesSent > 0 }
                    right.close()
                    sending.await()
                    shouldThrow<BrokenResourceException> { left.sendFile(file) }
                }
                val (here, there) = tcpPair()
                coroutineScope {
                    val sending = async { shouldThrow<ClosedResourceException> { here.sendFile(file) } }
                    eventually { here.bytesSent > 0 }
                    here.close()
                    sending.await()
                }
                shouldThrow<ClosedResourceException> { here.sendFile(file) }
                Files.write(file, ByteArray(0))
                shouldThrow<ClosedResourceException> { here.sendFile(file) }
                there.sendEof()
                shouldThrow<ClosedResourceException> { there.sendFile(file) }.message shouldContain "after sending EOF"
                there.close()
            }
        }

        onBoth("FILE-S2 a file that somebody closes meanwhile, and one that is not open for reading") { left, right ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                RandomAccessFile(file.toFile(), "rw").use { it.setLength(64L shl 20) }
                val channel = FileChannel.open(file)
                coroutineScope {
                    val sending = async { shouldThrow<java.nio.channels.ClosedChannelException> { left.sendFile(channel) } }
                    eventually { left.bytesSent > 0 }
                    channel.close()
                    launch { right.chunks().collect { } }
                    sending.await()
                    FileChannel.open(file, WRITE).use {
                        shouldThrow<java.nio.channels.NonReadableChannelException> { left.sendFile(it) }
                    }
                    left.sendEof()
                }
            }
        }

        onBoth(
            "FILE-S2 through streams of ours the socket gets the file; a stream of a user's gets it by sendAll, with what it does to it",
        ) {
                left,
                right,
            ->
            inDirectory { directory ->
                val file = directory.resolve("f")
                Files.writeString(file, "file ")
                val shouting = object : Stream by left {
                    override suspend fun sendAll(data: ByteBuffer) =
                        left.sendAll(Charsets.UTF_8.decode(data).toString().uppercase().buffer())
                }
                val all =
                    received(left, right, left::sendEof) {
                        BufferedStream(left).sendFile(file) shouldBe 5
                        StapledStream(left, left).sendFile(file) shouldBe 5
                        shouting.sendFile(file) shouldBe 5
                        BufferedStream(shouting).sendFile(file, 1, 3) shouldBe 3
                    }
                all.decodeToString() shouldBe "file file FILE ILE"
            }
        }

        inFiles("FILE-S5 a file of 1 GiB is sent at constant memory, to TCP and Unix sockets") { directory ->
            val file = (directory / "f").nio
            RandomAccessFile(file.toFile(), "rw").use { it.setLength(1L shl 30) }
            for ((left, right) in listOf(tcpPair(), unixPair())) {
                suspend fun send(bytes: Long): Long = coroutineScope {
                    val before = allocatedBytes()
                    val receiving = async {
                        val buffer = ByteBuffer.allocateDirect(1 shl 20)
                        var sum = 0L
                        while (sum < bytes) sum += right.receiveSome(buffer.clear())
                        sum
                    }
                    left.sendFile(file, 0, bytes) shouldBe bytes
                    receiving.await() shouldBe bytes
                    allocatedBytes() - before
                }
                send(1L shl 26)
                (send(1L shl 30) shr 20).toInt() shouldBeLessThan 64
                left.close()
                right.close()
            }
        }

        inFiles("FILE-S4 a cancel at any suspension of sendFile leaves no file open") { directory ->
            (directory / "f").writeText("x".repeat(100_000))
            cancelledAtEachSuspension {
                val (left, right) = tcpPair()
                left.use { right.use { left.sendFile((directory / "f").nio, 0, 1_000) } }
            } shouldBeGreaterThan 3
            eventually { openFilesIn(directory.nio).isEmpty() }
        }
    })

/** By all threads that are alive. */
private fun allocatedBytes(): Long {
    val threads = ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean::class.java)
    return threads.getThreadAllocatedBytes(threads.allThreadIds).filter { it > 0 }.sum()
}
