package dev.tercet.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.util.concurrent.CountDownLatch

/** Calls that block, and what a cancel does to them. */
class BlockingIoSpec :
    FunSpec({
        fun run(name: String, body: suspend () -> Unit) =
            test(name) { withContext(Dispatchers.Default) { withTimeout(PATIENCE) { body() } } }

        run("FILE-D11 FILE-D22 a cancel while a call runs: no interrupt, the result is returned, the next checkpoint throws") {
            coroutineScope {
                val running = CompletableDeferred<Unit>()
                val go = CountDownLatch(1)
                val got = CompletableDeferred<String>()
                val thrown = CompletableDeferred<Throwable>()
                val job = launch {
                    val result = blockingIo {
                        running.complete(Unit)
                        go.await()
                        "interrupted: ${Thread.currentThread().isInterrupted}"
                    }
                    got.complete(result)
                    thrown.complete(shouldThrow<CancellationException> { currentCoroutineContext().ensureActive() })
                }
                running.await()
                job.cancel()
                got.isCompleted shouldBe false
                go.countDown()
                got.await() shouldBe "interrupted: false"
                thrown.await()
            }
        }

        run("FILE-D12 waiting for a slot is cancellable, and the call never runs; later ones get the slot") {
            coroutineScope {
                val one = IoLimiter(1)
                val go = CountDownLatch(1)
                val first = async { blockingIo(one) { go.await() } }
                eventually { one.available == 0 }
                var ran = false
                val second = launch { blockingIo(one) { ran = true } }
                letOthersWait()
                second.cancelAndJoin()
                go.countDown()
                first.await()
                ran shouldBe false
                blockingIo(one) { "free" } shouldBe "free"
                one.available shouldBe 1
            }
        }

        run("FILE-D11 a cancel before the call: it never runs") {
            coroutineScope {
                var ran = false
                val job = launch {
                    currentCoroutineContext().let { context -> context[kotlinx.coroutines.Job]!!.cancel() }
                    blockingIo { ran = true }
                }
                job.join()
                ran shouldBe false
                IoLimiter.Default.available shouldBe 40
            }
        }

        run("FILE-D13 abandonOnCancel leaves the call behind at once; its slot is taken, and its result undelivered, until it ends") {
            coroutineScope {
                val one = IoLimiter(1)
                val go = CountDownLatch(1)
                val undelivered = CompletableDeferred<String>()
                val job = launch {
                    blockingIo<String>(one, abandonOnCancel = true, onUndelivered = { undelivered.complete(it) }) {
                        go.await()
                        "late"
                    }
                }
                eventually { one.available == 0 }
                job.cancelAndJoin()
                undelivered.isCompleted shouldBe false
                one.available shouldBe 0
                go.countDown()
                undelivered.await() shouldBe "late"
                eventually { one.available == 1 }
            }
        }

        run("FILE-D22 a result that is there when the cancel comes is returned, and not undelivered") {
            repeat(200) {
                coroutineScope {
                    var opened = 0
                    var closed = 0
                    val job = launch(start = kotlinx.coroutines.CoroutineStart.UNDISPATCHED) {
                        blockingIo(abandonOnCancel = true, onUndelivered = { closed++ }) { opened++ }
                        closed++
                    }
                    if (it % 2 == 0) Thread.yield()
                    job.cancelAndJoin()
                    eventually { IoLimiter.Default.available == 40 && opened == closed }
                }
            }
        }

        run("FILE-D20 a flag that others left on the thread is cleared, and one that a call leaves does not stay") {
            val one = IoLimiter(1)
            val flags = (1..100).map {
                withContext(Dispatchers.IO) { Thread.currentThread().interrupt() }
                blockingIo(one) { Thread.currentThread().isInterrupted.also { Thread.currentThread().interrupt() } }
            }
            flags.count { it } shouldBe 0
            Thread.interrupted() shouldBe false
        }

        run("an exception is the very object, with abandonOnCancel too") {
            val e = IOException("disk")
            shouldThrow<IOException> { blockingIo { throw e } } shouldBeSameInstanceAs e
            shouldThrow<IOException> { blockingIo(abandonOnCancel = true) { throw e } } shouldBeSameInstanceAs e
            IoLimiter.Default.available shouldBe 40
        }

        run("FILE-D23 the threads are its own: 100 calls that block leave Dispatchers.IO free, and a limiter of 100 has 100") {
            coroutineScope {
                val many = IoLimiter(100)
                val all = CountDownLatch(100)
                val jobs = List(100) {
                    launch {
                        blockingIo(many) {
                            all.countDown()
                            all.await()
                        }
                    }
                }
                jobs.forEach { it.join() }
                val go = CountDownLatch(1)
                val blocked = List(100) { launch { blockingIo(many) { go.await() } } }
                eventually { many.available == 0 }
                withContext(Dispatchers.IO) { "free" } shouldBe "free"
                go.countDown()
                blocked.forEach { it.join() }
            }
        }

        run("FILE-D12 the limit of the context holds for a block, and 40 without one") {
            IoLimiter.Default.threads shouldBe 40
            val two = IoLimiter(2)
            withContext(two) { blockingIo { two.available } shouldBe 1 }
            withContext(two) { blockingIo(IoLimiter.Default) { two.available } shouldBe 2 }
            shouldThrow<IllegalArgumentException> { IoLimiter(0) }
        }
    })
