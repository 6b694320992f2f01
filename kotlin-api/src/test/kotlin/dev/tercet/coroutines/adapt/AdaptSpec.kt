package dev.tercet.coroutines.adapt

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.blocking.CancelScope
import dev.tercet.coroutines.BufferedReceiveStream
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.MemoryReceiveChannel
import dev.tercet.coroutines.MemorySendChannel
import dev.tercet.coroutines.StapledStream
import dev.tercet.coroutines.openMemoryChannel
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.io.InterruptedIOException
import java.nio.ByteBuffer
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.Semaphore
import dev.tercet.blocking.ReceiveStream as BlockingReceiveStream
import dev.tercet.blocking.SendStream as BlockingSendStream
import dev.tercet.blocking.StapledStream as BlockingStapledStream
import kotlin.coroutines.cancellation.CancellationException as KotlinCancellation

/** A suspending stream over memory channels, which any thread may feed. */
private class ChannelStream(private val out: MemorySendChannel<Byte>, private val source: MemoryReceiveChannel<Byte>) :
    HalfCloseableStream {
    override suspend fun sendAll(data: ByteBuffer) {
        while (data.hasRemaining()) out.send(data.get())
    }

    override suspend fun waitSendAllMightNotBlock() = yield()

    override suspend fun sendEof() = out.close()

    override suspend fun receiveSome(into: ByteBuffer): Int {
        into.put(
            try {
                source.receive()
            } catch (e: dev.tercet.EndOfChannelException) {
                return -1
            },
        )
        return 1
    }

    override suspend fun close() {
        out.close()
        source.close()
    }

    override fun closeForcefully() {
        out.closeForcefully()
        source.closeForcefully()
    }
}

/** A blocking stream whose reads cannot be interrupted, like those of a terminal. */
private class Terminal : BlockingReceiveStream {
    val typed = LinkedBlockingQueue<Any>()
    val asked = Semaphore(0)

    override fun receiveSome(into: ByteBuffer): Int {
        asked.release()
        val next = takeUninterruptibly()
        if (next is IOException) throw next
        val bytes = next as ByteArray
        into.put(bytes)
        return if (bytes.isEmpty()) -1 else bytes.size
    }

    private fun takeUninterruptibly(): Any {
        var interrupted = false
        while (true) {
            try {
                val next = typed.take()
                if (interrupted) Thread.currentThread().interrupt()
                return next
            } catch (e: InterruptedException) {
                interrupted = true
            }
        }
    }

    override fun close() {
        typed += IOException("closed")
    }

    override fun closeForcefully() = close()
}

class AdaptSpec :
    FunSpec({
        fun <R> onThread(body: () -> R): java.util.concurrent.FutureTask<R> =
            java.util.concurrent.FutureTask(Callable(body)).also { Thread(it).apply { isDaemon = true }.start() }

        fun awaitWaiting(channel: MemoryReceiveChannel<*>) {
            while (channel.statistics.waitingReceivers == 0) Thread.onSpinWait()
        }

        test("a suspending stream is used by a thread, ready or not, through all forms") {
            val (back, incoming) = openMemoryChannel<Byte>(10)
            val (out, sent) = openMemoryChannel<Byte>(10)
            val stream = ChannelStream(out, incoming).asBlocking()
            stream.sendAll(byteArrayOf(1, 2))
            stream.waitSendAllMightNotBlock()
            sent.receiveNow() shouldBe 1
            val received = onThread { stream.receiveSome(5) }
            awaitWaiting(incoming)
            back.sendNow(7)
            received.get() shouldBe byteArrayOf(7)
            back.sendNow(8)
            (stream as dev.tercet.blocking.Stream).asInputStream().read() shouldBe 8
            ChannelStream(out, incoming).asOutputStream().write(3)
            stream.sendEof()
            shouldThrow<ClosedResourceException> { stream.sendAll(byteArrayOf(1)) }
            back.closeForcefully()
            ChannelStream(out, incoming).asInputStream().read() shouldBe -1
            stream.close()
            shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
        }

        test("IO-C6 an interrupted receive ends with InterruptedException, flag cleared, and loses nothing") {
            val (back, incoming) = openMemoryChannel<Byte>(0)
            val suspending = ChannelStream(openMemoryChannel<Byte>(0).sender, incoming)
            val stream = suspending.asBlocking()
            lateinit var thread: Thread
            val flag =
                onThread {
                    thread = Thread.currentThread()
                    shouldThrow<InterruptedException> { stream.receiveSome(1) }
                    Thread.currentThread().isInterrupted
                }
            awaitWaiting(incoming)
            thread.interrupt()
            flag.get() shouldBe false
            incoming.statistics.waitingReceivers shouldBe 0
            val again =
                onThread {
                    thread = Thread.currentThread()
                    shouldThrow<InterruptedIOException> { suspending.asInputStream().read() }
                    Thread.currentThread().isInterrupted
                }
            awaitWaiting(incoming)
            thread.interrupt()
            again.get() shouldBe true
            val next = onThread { stream.receiveSome(1) }
            awaitWaiting(incoming)
            back.sendNow(9)
            next.get() shouldBe byteArrayOf(9)
        }

        test("IO-C4 an interrupt that comes with the bytes loses none of them, in 300 races") {
            val (back, incoming) = openMemoryChannel<Byte>(0)
            val stream = ChannelStream(openMemoryChannel<Byte>(0).sender, incoming).asBlocking()
            var sent = 0
            var received = 0
            repeat(300) {
                lateinit var thread: Thread
                val result =
                    onThread {
                        thread = Thread.currentThread()
                        try {
                            stream.receiveSome(1).size
                        } catch (e: InterruptedException) {
                            0
                        }
                    }
                awaitWaiting(incoming)
                val interrupter = onThread { thread.interrupt() }
                try {
                    back.sendNow(1)
                    sent++
                } catch (e: dev.tercet.WouldBlockException) {
                    // The interrupt was first.
                }
                interrupter.get()
                received += result.get()
            }
            received shouldBe sent
        }

        test("an expired Java scope cancels the coroutine, and a close in it is forceful") {
            val (_, incoming) = openMemoryChannel<Byte>(0)
            val stream = ChannelStream(openMemoryChannel<Byte>(0).sender, incoming).asBlocking()
            val scope = CancelScope.open()
            val moved = onThread { scope.run { stream.receiveSome(1) } }
            awaitWaiting(incoming)
            scope.cancel()
            moved.get() shouldBe true
            val second = CancelScope.open()
            second.cancel()
            second.run { stream.close() } shouldBe true
            shouldThrow<ClosedResourceException> { incoming.receiveNow() }
        }

        test("an interrupted close closes forcefully and keeps the flag") {
            val (_, incoming) = openMemoryChannel<Byte>(0)
            val stream = ChannelStream(openMemoryChannel<Byte>(0).sender, incoming).asBlocking()
            onThread {
                Thread.currentThread().interrupt()
                stream.close()
                Thread.currentThread().isInterrupted
            }.get() shouldBe true
            shouldThrow<ClosedResourceException> { incoming.receiveNow() }
        }

        test("blocking is refused on an event loop's thread") {
            val stream = ChannelStream(openMemoryChannel<Byte>(0).sender, openMemoryChannel<Byte>(0).receiver).asBlocking()
            EventLoop.open("adapt").use { loop ->
                val thrown = shouldThrow<ExecutionException> { loop.executor().submit { stream.receiveSome(1) }.get() }
                thrown.cause.shouldBeInstanceOf<IllegalStateException>()
            }
        }

        test("a blocking stream is used by coroutines, with its sendEof, and back again") {
            val sent = java.io.ByteArrayOutputStream()
            val blocking =
                BlockingStapledStream.of(
                    BlockingSendStream.from(sent),
                    BlockingReceiveStream.from("hello\nworld".byteInputStream()),
                )
            val stream = blocking.asSuspending()
            BufferedReceiveStream(stream).receiveLine() shouldBe "hello"
            val large = ByteArray(200_000) { it.toByte() }
            stream.sendAll(ByteBuffer.wrap(large).asReadOnlyBuffer())
            stream.waitSendAllMightNotBlock()
            sent.toByteArray() shouldBe large
            stream.receiveSome().size shouldBe 0
            (stream as dev.tercet.coroutines.Stream).shouldBeInstanceOf<HalfCloseableStream>().sendEof()
            shouldThrow<ClosedResourceException> { stream.sendAll(ByteArray(0)) }
            stream.close()
            shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
            shouldThrow<IllegalArgumentException> { stream.receiveSome(0) }
        }

        test("IO-C6 what a read got that could not be interrupted goes to the next receive") {
            val terminal = Terminal()
            val stream = terminal.asSuspending()
            coroutineScope {
                val abandoned = launch(Dispatchers.Default) { stream.receiveSome(10) }
                terminal.asked.acquire()
                // Returns while the thread is still reading: it is interrupted, not waited for.
                abandoned.cancelAndJoin()
            }
            terminal.typed += "abc".toByteArray()
            stream.receiveSome(2).decodeToString() shouldBe "ab"
            stream.receiveSome(2).decodeToString() shouldBe "c"
            terminal.asked.availablePermits() shouldBe 0
            coroutineScope {
                val abandoned = launch(Dispatchers.Default) { stream.receiveSome(10) }
                terminal.asked.acquire()
                abandoned.cancelAndJoin()
            }
            terminal.typed += BrokenResourceException("the line is dead", null)
            shouldThrow<BrokenResourceException> { stream.receiveSome(2) }
            terminal.typed += ByteArray(0)
            stream.receiveSome(2).size shouldBe 0
            stream.receiveSome(2).size shouldBe 0
        }

        test("a read that can be interrupted is, and the next receive starts a new one") {
            val asked = Semaphore(0)
            val go = CountDownLatch(1)
            val blocking =
                object : BlockingReceiveStream {
                    override fun receiveSome(into: ByteBuffer): Int {
                        asked.release()
                        go.await()
                        into.put(5)
                        return 1
                    }

                    override fun close() = Unit

                    override fun closeForcefully() = Unit
                }
            val stream = blocking.asSuspending()
            coroutineScope {
                val first = launch(Dispatchers.Default) { stream.receiveSome(1) }
                asked.acquire()
                first.cancelAndJoin()
                val second = launch(Dispatchers.Default) { stream.receiveSome(ByteBuffer.allocate(3)) shouldBe 1 }
                asked.acquire()
                go.countDown()
                second.join()
            }
        }

        test("no buffer of the caller's is retained by a send that was cancelled") {
            val taken = CompletableDeferred<Unit>()
            val go = CountDownLatch(1)
            val seen = CompletableDeferred<Byte>()
            val blocking =
                object : BlockingSendStream {
                    override fun sendAll(data: ByteBuffer) {
                        taken.complete(Unit)
                        while (true) {
                            try {
                                go.await()
                                break
                            } catch (e: InterruptedException) {
                                // Cannot be interrupted.
                            }
                        }
                        seen.complete(data.get())
                    }

                    override fun waitSendAllMightNotBlock() = Unit

                    override fun close() = Unit

                    override fun closeForcefully() = Unit
                }
            val stream = blocking.asSuspending()
            val data = byteArrayOf(1)
            coroutineScope {
                val send = launch(Dispatchers.Default) { stream.sendAll(data) }
                taken.await()
                send.cancelAndJoin()
            }
            data[0] = 2
            go.countDown()
            seen.await() shouldBe 1
        }

        test("IO-A5 IO-C2 a cancelled coroutine closes first, and touches nothing else") {
            val terminal = Terminal()
            val stream = terminal.asSuspending()
            coroutineScope {
                launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                    coroutineContext.job.cancel()
                    shouldThrow<KotlinCancellation> { stream.receiveSome(1) }
                    shouldThrow<CancellationException> { stream.close() }
                }
            }
            terminal.asked.availablePermits() shouldBe 0
            terminal.typed.size shouldBe 1
            shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
        }

        test("one-way adapters staple into a stream") {
            val sent = java.io.ByteArrayOutputStream()
            val stream =
                StapledStream(
                    BlockingSendStream.from(sent).asSuspending(),
                    BlockingReceiveStream.from("x".byteInputStream()).asSuspending(),
                )
            withContext(Dispatchers.Default) { stream.sendAll(stream.receiveSome()) }
            sent.toString() shouldBe "x"
            stream.close()
        }
    })
