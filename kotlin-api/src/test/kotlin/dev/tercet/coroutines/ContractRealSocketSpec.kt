package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.fold
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.time.Duration.Companion.milliseconds

/** Promises that belong to no one class: `use`, types, and what a stream does not do. */
class ContractRealSocketSpec :
    FunSpec({
        class Counting(private val onClose: suspend () -> Unit = {}) : AsyncResource {
            var closes = 0

            override suspend fun close() {
                closes++
                onClose()
            }

            override fun closeForcefully() {
                closes++
            }
        }

        test("IO-A3 use hands the very resource to its block and closes it exactly once, whatever happens") {
            val resource = Counting()
            resource.use { it shouldBeSameInstanceAs resource }
            resource.closes shouldBe 1
            shouldThrow<IOException> { resource.use { throw IOException("body") } }
            resource.closes shouldBe 2
        }

        test("IO-A8 use never eats the body's exception: a failing or cancelled close is suppressed in it") {
            val body = IOException("body")
            val closing = IllegalStateException("close")
            val thrown = shouldThrow<IOException> { Counting { throw closing }.use { throw body } }
            thrown shouldBeSameInstanceAs body
            thrown.suppressed.toList() shouldContain closing
            var seen: Throwable? = null
            shouldThrow<CancellationException> {
                coroutineScope {
                    cancel()
                    try {
                        Counting { yield() }.use { throw body }
                    } catch (e: Throwable) {
                        seen = e
                    }
                }
            }
            seen shouldBeSameInstanceAs body
            shouldThrow<IllegalStateException> { Counting { throw closing }.use { } } shouldBeSameInstanceAs closing
        }

        test("IO-A6 closeForcefully works in a cancelled coroutine, throws nothing, and does not wait") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                launch(start = CoroutineStart.UNDISPATCHED) {
                    coroutineContext.cancel()
                    left.closeForcefully()
                    left.socket.inner.isClosed shouldBe true
                }.join()
                right.receiveSome(1).size shouldBe 0
                right.close()
            }
        }

        test("IO-C5 a reader that is woken for bytes which somebody else took goes back to waiting") {
            Executors.newSingleThreadExecutor().asCoroutineDispatcher().use { paused ->
                runBlocking {
                    val (left, right) = socketStreamPair()
                    val receiving = async(paused) { right.receiveSome(10).decodeToString() }
                    val readable = right.socket.inner.readable()
                    fun isWaiting() = "Waiter" in readable.toString()
                    while (!isWaiting()) delay(1.milliseconds)
                    val blocked = CountDownLatch(1)
                    val resume = CountDownLatch(1)
                    paused.executor.execute {
                        blocked.countDown()
                        resume.await()
                    }
                    // Before that, a reader that has said where it waits and is about to suspend would still take what comes.
                    blocked.await()
                    left.sendAll("a".encodeToByteArray())
                    // Woken. What the cell holds then is not for a test to see: ARMED, and IDLE one turn of the loop later, since nobody reads.
                    while (isWaiting()) delay(1.milliseconds)
                    right.socket.inner.read(ByteBuffer.allocate(10)) shouldBe 1
                    resume.countDown()
                    while (!isWaiting()) delay(1.milliseconds)
                    left.sendAll("b".encodeToByteArray())
                    receiving.await() shouldBe "b"
                    left.close()
                    right.close()
                }
            }
        }

        test("IO-H6 a stream need not be half-closeable, and its type says so") {
            HalfCloseableStream::class.java.isAssignableFrom(Stream::class.java) shouldBe false
            Stream::class.java.isAssignableFrom(HalfCloseableStream::class.java) shouldBe true
        }

        test("IO-L2 a listener may wrap another and yield something else") {
            class Doubling(private val below: Listener<Counting>) : Listener<Counting> {
                override suspend fun accept() = Counting { below.accept().close() }

                override suspend fun close() = below.close()

                override fun closeForcefully() = below.closeForcefully()
            }
            val inner = Counting()
            val below =
                object : Listener<Counting> {
                    override suspend fun accept() = inner

                    override suspend fun close() = Unit

                    override fun closeForcefully() = Unit
                }
            Doubling(below).use { listener -> listener.accept().use { inner.closes shouldBe 0 } }
            inner.closes shouldBe 1
        }

        test("IO-S9 senders are not queued: the second is told at once, the first goes on") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                val sending = launch(start = CoroutineStart.UNDISPATCHED) { left.sendAll(ByteArray(10_000_000)) }
                shouldThrow<BusyResourceException> { left.sendAll(ByteArray(1)) }
                sending.isActive shouldBe true
                right.closeForcefully()
                sending.cancel()
                left.close()
            }
        }

        test("IO-R5 IO-SS7 sendEof, receive to the end, close: the peer has everything, and then the end") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                val received = async { right.use { stream -> stream.chunks().fold(0) { sum, chunk -> sum + chunk.size } } }
                left.sendAll(ByteArray(1_000_000))
                left.sendEof()
                left.receiveSome(1).size shouldBe 0
                left.close()
                received.await() shouldBe 1_000_000
            }
        }
    })
