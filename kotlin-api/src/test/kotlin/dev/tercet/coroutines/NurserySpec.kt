@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

class NurserySpec :
    FunSpec({
        test("NUR-X34 end, from a task or the block, cancels both, and the nursery returns normally") {
            runTest {
                for (fromTask in listOf(false, true)) {
                    val cut = mutableListOf<String>()
                    nursery<Unit> {
                        startSoon {
                            try {
                                if (fromTask) end()
                                awaitCancellation()
                            } finally {
                                cut += "task"
                            }
                        }
                        try {
                            if (!fromTask) {
                                runCurrent()
                                end()
                            }
                            awaitCancellation()
                        } finally {
                            cut += "block"
                        }
                    }
                    cut.toSet() shouldBe setOf("task", "block")
                    checkpoint()
                }
                nursery { startSoon { awaitCancellation() }.let { end() }.let { "result" } } shouldBe "result"
                val failure = IOException("a failure is one all the same")
                shouldThrow<IOException> {
                    nursery<Unit> {
                        end()
                        throw failure
                    }
                } shouldBeSameInstanceAs failure
                // Cancelled from outside at the same time: that counts.
                val outside =
                    launch {
                        nursery {
                            end()
                            this@launch.cancel()
                        }
                        error("returned")
                    }
                outside.join()
                outside.isCancelled shouldBe true
            }
        }

        test("NUR-X1 a nursery ends when its block and all its children have ended, and returns the block's result") {
            runTest {
                val steps = mutableListOf<String>()
                val result =
                    nursery {
                        startSoon {
                            delay(2.seconds)
                            startSoon { delay(2.seconds).also { steps += "grandchild" } }
                            steps += "child"
                        }
                        steps += "block"
                        "result"
                    }
                steps.shouldContainExactly("block", "child", "grandchild")
                result shouldBe "result"
            }
        }

        test("NUR-X1 the block counts as a child: the nursery stays open for others while only it runs") {
            runTest {
                nursery {
                    startSoon { }.join()
                    yield()
                    startSoon { }.join()
                }
            }
        }

        test("NUR-X2 the first failure cancels siblings and block, and is thrown when they have ended") {
            runTest {
                val steps = mutableListOf<String>()
                val failure = IOException("first")
                shouldThrow<IOException> {
                    nursery {
                        startSoon {
                            try {
                                awaitCancellation()
                            } finally {
                                shielded { delay(1.seconds) }
                                steps += "sibling"
                            }
                        }
                        startSoon { throw failure }
                        try {
                            awaitCancellation()
                        } finally {
                            steps += "block"
                        }
                    }
                } shouldBeSameInstanceAs failure
                steps.shouldContainExactly("block", "sibling")
            }
        }

        test("NUR-X2 a failure of the block cancels the children") {
            runTest {
                val failure = IOException("block")
                var cancelled = false
                shouldThrow<IOException> {
                    nursery {
                        startSoon {
                            try {
                                awaitCancellation()
                            } finally {
                                cancelled = true
                            }
                        }
                        yield()
                        throw failure
                    }
                } shouldBeSameInstanceAs failure
                cancelled shouldBe true
            }
        }

        test("NUR-X3 a child lives under the nursery's timeouts and cancels, not under those of the spawner") {
            runTest {
                var survived = false
                nursery {
                    val nursery = this
                    moveOnAfter(1.seconds) {
                        nursery.startSoon { delay(5.seconds).also { survived = true } }
                        awaitCancellation()
                    } shouldBe true
                }
                survived shouldBe true
            }
        }

        test("NUR-X4 a task started in a nursery that has ended is an error, and does not run") {
            runTest {
                lateinit var ended: Nursery
                nursery { ended = this }
                shouldThrow<IllegalStateException> { ended.startSoon { error("ran") } }.message shouldBe "the nursery is closed"

                shouldThrow<IOException> {
                    nursery {
                        ended = this
                        throw IOException("failed")
                    }
                }
                shouldThrow<IllegalStateException> { ended.startSoon { error("ran") } }.message shouldBe "the nursery is closed"
            }
        }

        test("NUR-X4 NUR-X13 a nursery whose block has ended takes tasks from its children, and from outside, while one runs") {
            runTest {
                lateinit var open: Nursery
                var ran = false
                val job = launch { nursery { open = this.also { startSoon { delay(2.seconds) } } } }
                delay(1.seconds)
                open.startSoon { delay(9.seconds).also { ran = true } }
                job.join()
                ran shouldBe true
                shouldThrow<IllegalStateException> { open.startSoon { } }
            }
        }

        test("NUR-X4 a task started in a cancelled nursery runs to its first checkpoint, so that it can close what it was given") {
            runTest {
                val steps = mutableListOf<String>()
                val job =
                    launch {
                        nursery {
                            cancel()
                            startSoon {
                                try {
                                    steps += "began, active: $isActive"
                                    checkpoint()
                                    steps += "not reached"
                                } finally {
                                    steps += "closed"
                                }
                            }
                        }
                    }
                job.join()
                steps.shouldContainExactly("began, active: false", "closed")
            }
        }

        test("NUR-X4 a task that is cancelled before its turn has come still begins") {
            runTest {
                val steps = mutableListOf<String>()
                nursery {
                    startSoon { steps += "began" }
                    cancelChildren()
                }
                steps.shouldContainExactly("began")
            }
        }

        test("NUR-X4 a child that starts a sibling in its clean-up does not turn the nursery's cancellation into a failure") {
            runTest {
                var seen: Throwable? = null
                val job =
                    launch {
                        try {
                            nursery {
                                startSoon {
                                    try {
                                        awaitCancellation()
                                    } finally {
                                        startSoon { }
                                    }
                                }
                            }
                        } catch (e: Throwable) {
                            seen = e
                        }
                    }
                delay(1.seconds)
                job.cancelAndJoin()
                (seen is CancellationException) shouldBe true
            }
        }

        test("NUR-X4 startSoon does not run the task in place: not before the caller suspends, and on the nursery's dispatcher") {
            runTest {
                val steps = mutableListOf<String>()
                nursery {
                    startSoon { steps += "child" }
                    steps += "block"
                    yield()
                    steps += "block again"
                }
                steps.shouldContainExactly("block", "child", "block again")
            }
            val thread =
                nursery {
                    val nursery = this
                    val seen = CompletableDeferred<Thread>()
                    withContext(Dispatchers.IO.limitedParallelism(1)) { nursery.startSoon { seen.complete(Thread.currentThread()) } }
                    seen.await()
                }
            thread shouldBeSameInstanceAs Thread.currentThread()
        }

        test("NUR-X33 tasks that start each other on a dispatcher without threads do not lie on one another's stack") {
            var started = 0

            suspend fun Nursery.startNext() {
                if (++started < 20_000) startSoon { startNext() }
            }
            withContext(Dispatchers.Unconfined) { nursery { startNext() } }
            started shouldBe 20_000
        }

        test("NUR-X33 NUR-X2 a stack that overflows while tasks are started is a failure, and the nursery ends") {
            // A little more stack each time, so that the overflow comes in another place.
            for (size in 0 until 20) {
                var failure: Throwable? = null
                var started = 0
                val shallow = {
                    try {
                        runBlocking(Dispatchers.Default) {
                            nursery {
                                fun startAll() {
                                    startSoon { }
                                    started++
                                    startAll()
                                }
                                startAll()
                            }
                        }
                    } catch (thrown: Throwable) {
                        failure = thrown
                    }
                }
                Thread(null, shallow, "shallow", 256L * 1024 + 64 * size).apply { start() }.join()
                failure.shouldBeInstanceOf<StackOverflowError>()
                started shouldBeGreaterThan 0
            }
        }

        test("NUR-X33 a dispatcher that refuses a task fails the nursery, and start") {
            class Refusing(private var left: Int) : CoroutineDispatcher() {
                override fun dispatch(context: CoroutineContext, block: Runnable) {
                    if (left-- == 0) throw RejectedExecutionException("no threads")
                    Dispatchers.Default.dispatch(context, block)
                }
            }
            // The first one is for the block itself.
            shouldThrow<RejectedExecutionException> {
                withContext(Refusing(1)) { nursery { startSoon { } } }
            }.message shouldBe "no threads"
            shouldThrow<RejectedExecutionException> {
                withContext(Refusing(1)) { nursery { start<Unit> { it.started(Unit) } } }
            }.message shouldBe "no threads"
        }

        test("NUR-X5 the first failure is thrown bare, later ones are suppressed in it, cancellations are dropped") {
            runTest {
                val first = IOException("first")
                val second = IllegalArgumentException("second")
                val third = IOException("third")
                val thrown =
                    shouldThrow<IOException> {
                        nursery {
                            startSoon {
                                try {
                                    awaitCancellation()
                                } finally {
                                    throw second
                                }
                            }
                            startSoon { awaitCancellation() }
                            startSoon { throw first }
                            try {
                                awaitCancellation()
                            } finally {
                                shielded { delay(1.seconds) }
                                throw third
                            }
                        }
                    }
                thrown shouldBeSameInstanceAs first
                thrown.allFailures().shouldContainExactly(first, second, third)
            }
        }

        test("NUR-X5 allFailures lists those of nested nurseries once each, and sees through the copies of kotlinx") {
            runTest {
                val failures = List(3) { IOException("$it") }

                suspend fun failLate(failure: Throwable): Nothing = try {
                    awaitCancellation()
                } finally {
                    throw failure
                }
                val thrown =
                    shouldThrow<IOException> {
                        coroutineScope {
                            nursery {
                                startSoon { failLate(failures[2]) }
                                nursery {
                                    startSoon { failLate(failures[1]) }
                                    startSoon { throw failures[0] }
                                }
                            }
                        }
                    }
                thrown.allFailures().shouldContainExactly(failures)
                val cyclic = IOException("cyclic").apply { addSuppressed(IOException("other").also { it.addSuppressed(this) }) }
                cyclic.allFailures().size shouldBe 2
            }
        }

        test("NUR-X5 allFailures of an exception that cannot tell its cause is that one") {
            class Mute : IOException() {
                override val cause: Throwable? get() = throw IllegalStateException("cause")
            }
            val failure = Mute()
            failure.allFailures().shouldContainExactly(failure)
        }

        test("NUR-X17 a cancel from outside cancels all, and is thrown as a cancellation") {
            runTest {
                val ended = AtomicInteger()
                var afterwards = false
                val job =
                    launch {
                        nursery {
                            repeat(3) {
                                startSoon {
                                    try {
                                        awaitCancellation()
                                    } finally {
                                        ended.incrementAndGet()
                                    }
                                }
                            }
                        }
                        afterwards = true
                    }
                delay(1.seconds)
                job.cancelAndJoin()
                ended.get() shouldBe 3
                afterwards shouldBe false
            }
        }

        test("NUR-X1 cancelChildren ends the tasks that run, and the block goes on with new ones") {
            runTest {
                var ran = false
                nursery {
                    val jobs = List(3) { startSoon { awaitCancellation() } }
                    yield()
                    cancelChildren()
                    jobs.forEach { it.join() }
                    startSoon { ran = true }
                }
                ran shouldBe true
            }
        }

        test("NUR-X32 a task that throws a CancellationException though nobody cancelled it has failed") {
            runTest {
                val own = CancellationException("own")
                shouldThrow<IllegalStateException> { nursery { startSoon { throw own } } }.cause?.message shouldBe "own"
                shouldThrow<IllegalStateException> { nursery { startSoon { withTimeout(10) { awaitCancellation() } } } }
                shouldThrow<IllegalStateException> {
                    nursery {
                        start { status ->
                            status.started(Unit)
                            withTimeout(10) { awaitCancellation() }
                        }
                    }
                }
                // A real cancel is none, whoever cancels, and whatever is thrown then.
                nursery {
                    startSoon { cancel() }
                    startSoon {
                        try {
                            awaitCancellation()
                        } finally {
                            throw own
                        }
                    }
                    yield()
                    cancelChildren()
                }
            }
        }

        test("NUR-X2 a child's own cancellation, by its job, touches nobody else") {
            runTest {
                nursery {
                    val job = startSoon { awaitCancellation() }
                    startSoon { delay(2.seconds) }
                    yield()
                    job.cancelAndJoin()
                    isActive shouldBe true
                }
            }
        }

        test("NUR-X1 children are named after their code, unless the user has named them") {
            suspend fun CoroutineScope.name() = coroutineContext[CoroutineName]?.name.orEmpty()
            runTest {
                nursery {
                    startSoon {
                        name() shouldStartWith "task NurserySpec"
                        val outer = name()
                        nursery { startSoon { (name() == outer) shouldBe false } }
                    }
                }
                withContext(CoroutineName("mine")) { nursery { startSoon { name() shouldBe "mine" } } }
            }
        }

        test("NUR-X4 tasks started from other threads while the nursery ends either run whole or are refused") {
            val wrong = mutableListOf<String>()
            repeat(500) {
                lateinit var open: Nursery
                val began = AtomicInteger()
                var accepted = 0
                val ready = CompletableDeferred<Unit>()
                withContext(Dispatchers.Default) {
                    coroutineScope {
                        launch {
                            ready.await()
                            try {
                                while (accepted < 10_000) {
                                    open.startSoon { began.incrementAndGet() }
                                    accepted++
                                }
                            } catch (e: IllegalStateException) {
                                if (e.message != "the nursery is closed") throw e
                            }
                        }
                        nursery {
                            open = this
                            startSoon { ready.complete(Unit) }
                        }
                    }
                }
                if (began.get() != accepted) wrong += "accepted $accepted, ran ${began.get()}"
            }
            wrong.shouldBeEmpty()
        }
    })
