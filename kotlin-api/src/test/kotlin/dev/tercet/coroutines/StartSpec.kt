@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines

import dev.tercet.TaskStatus
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.seconds

class StartSpec :
    FunSpec({
        test("NUR-X6 NUR-X11 IO-TS1 start returns the value given to started; the task goes on in the nursery") {
            runTest {
                var served = false
                nursery {
                    val listeners = start { status -> serve(taskStatus = status) { served = true } }
                    // The type is inferred from the parameter, as in the API's program 10.
                    listeners.single().port shouldBe 7
                    currentTime shouldBe 1_000
                    served shouldBe false
                }
                served shouldBe true
                currentTime shouldBe 2_000
            }
        }

        test("IO-TS1 a task may have nothing to hand over") {
            runTest {
                nursery {
                    start { status -> status.started(Unit) }
                    val nothing: String? = start { status -> status.started(null) }
                    nothing shouldBe null
                }
            }
        }

        test("NUR-X7 IO-TS2 a failure before started comes out of start as it is, and does not touch the nursery") {
            runTest {
                val failure = IOException("port taken").apply { addSuppressed(IOException("and more")) }
                val sibling = AtomicInteger()
                nursery {
                    startSoon { delay(5.seconds).also { sibling.incrementAndGet() } }
                    shouldThrow<IOException> { start<Unit> { throw failure } } shouldBeSameInstanceAs failure
                    shouldThrow<IOException> { start<Unit> { delay(1).also { throw failure } } } shouldBeSameInstanceAs failure
                    failure.suppressed.size shouldBe 1
                    failure.cause shouldBe null
                    isActive shouldBe true
                }
                sibling.get() shouldBe 1
            }
        }

        test("NUR-X16 IO-TS8 the failure of a grandchild before started ends the task only, and comes out of start") {
            runTest {
                val failure = IOException("grandchild")
                nursery {
                    shouldThrow<IOException> {
                        start<Unit> {
                            launch { throw failure }
                            awaitCancellation()
                        }
                    } shouldBeSameInstanceAs failure
                    isActive shouldBe true
                }
            }
        }

        test("NUR-X11 a failure after started is the nursery's") {
            runTest {
                val failure = IOException("later")
                var started = false
                shouldThrow<IOException> {
                    nursery {
                        start<Unit> { status ->
                            status.started(Unit)
                            delay(1.seconds)
                            throw failure
                        }
                        started = true
                        awaitCancellation()
                    }
                } shouldBeSameInstanceAs failure
                started shouldBe true
            }
        }

        test("NUR-X8 IO-TS3 a task that ends without started is an error") {
            runTest {
                nursery {
                    shouldThrow<IllegalStateException> { start<Unit> { delay(1.seconds) } }.message shouldBe
                        "the task ended without calling started"
                    isActive shouldBe true
                }
            }
        }

        test("NUR-X9 IO-TS3 started twice is an error, in the task") {
            runTest {
                nursery {
                    start { status ->
                        status.started(1)
                        shouldThrow<IllegalStateException> { status.started(2) }.message shouldBe "started was called twice"
                    } shouldBe 1
                }
            }
        }

        test("NUR-X9 IO-TS3 started after the end of the task is an error, and hands nothing over") {
            runTest {
                nursery {
                    lateinit var leaked: TaskStatus<Int>
                    shouldThrow<IllegalStateException> { start<Int> { status -> leaked = status } }
                    shouldThrow<IllegalStateException> { leaked.started(1) }.message shouldBe "started was called after the task had ended"
                }
            }
        }

        test("NUR-X10 IO-TS5 a start that is cancelled or timed out cancels its task and waits for its end") {
            runTest {
                val steps = mutableListOf<String>()
                nursery {
                    moveOnAfter(1.seconds) {
                        start<Unit> {
                            try {
                                awaitCancellation()
                            } finally {
                                shielded { delay(1.seconds) }
                                steps += "task ended"
                            }
                        }
                    } shouldBe true
                    steps += "moved on"
                    currentTime shouldBe 2_000
                    isActive shouldBe true
                }
                steps.shouldContainExactly("task ended", "moved on")
            }
        }

        test("NUR-X12 IO-TS5 a task that calls started when its start is cancelled stays the caller's, and dies") {
            runTest {
                val steps = mutableListOf<String>()
                nursery {
                    moveOnAfter(1.seconds) {
                        start { status ->
                            try {
                                awaitCancellation()
                            } finally {
                                status.started("dropped")
                                shouldThrow<IllegalStateException> { status.started("again") }
                                steps += "active: ${currentCoroutineContext().isActive}"
                            }
                        }
                        steps += "not reached"
                    } shouldBe true
                }
                steps.shouldContainExactly("active: false")
            }
        }

        test("IO-TS5 a failure of the task while its cancelled start waits for it comes out of start, not out of the nursery") {
            runTest {
                val failure = IOException("clean-up")
                nursery {
                    shouldThrow<IOException> {
                        moveOnAfter(1.seconds) {
                            start<Unit> {
                                try {
                                    awaitCancellation()
                                } finally {
                                    throw failure
                                }
                            }
                        }
                    } shouldBeSameInstanceAs failure
                    isActive shouldBe true
                }
            }
        }

        test("NUR-X14 a task that swallows the cancel of its start: the cancellation is thrown, not that it never started") {
            runTest {
                nursery {
                    moveOnAfter(1.seconds) {
                        start<Unit> {
                            try {
                                awaitCancellation()
                            } catch (e: CancellationException) {
                                // swallowed
                            }
                        }
                    } shouldBe true
                }
            }
        }

        test("IO-TS5 a task that started in the moment of the cancel: the value is returned, nothing is lost, the next checkpoint throws") {
            runTest {
                val steps = mutableListOf<String>()
                lateinit var caller: Job
                nursery {
                    caller =
                        startSoon {
                            val value =
                                this@nursery.start { status ->
                                    delay(1.seconds)
                                    status.started("value")
                                    // Before the caller runs again.
                                    caller.cancel()
                                    delay(1.seconds)
                                    steps += "task goes on"
                                }
                            steps += value
                            checkpoint()
                            steps += "not reached"
                        }
                }
                steps.shouldContainExactly("value", "task goes on")
            }
        }

        test("NUR-X13 IO-TS4 start in a nursery that has ended is an error at once, and the task does not run") {
            runTest {
                lateinit var ended: Nursery
                nursery { ended = this }
                shouldThrow<IllegalStateException> { ended.start<Unit> { error("ran") } }.message shouldBe "the nursery is closed"
            }
        }

        test("NUR-X13 IO-TS4 a pending start keeps the nursery open") {
            runTest {
                lateinit var open: Nursery
                val pending = async(start = CoroutineStart.LAZY) {
                    open.start { status -> delay(3.seconds).also { status.started("value") } }
                }
                nursery {
                    open = this
                    pending.start()
                    startSoon { delay(1.seconds) }
                }
                currentTime shouldBe 3_000
                pending.await() shouldBe "value"
            }
        }

        test("NUR-X16 a nursery that is cancelled before started is an IllegalStateException for a caller who is not") {
            runTest {
                val target = CoroutineScope(currentCoroutineContext() + Job())
                val pending = async { runCatching { target.start<Unit> { awaitCancellation() } } }
                delay(1.seconds)
                target.cancel()
                val failure = pending.await().exceptionOrNull()
                (failure is IllegalStateException && failure !is CancellationException) shouldBe true
                failure?.message shouldBe "the nursery is closed"

                val cancelled = shouldThrow<IllegalStateException> { target.start<Unit> { awaitCancellation() } }
                (cancelled is CancellationException) shouldBe false
            }
        }

        test("NUR-X16 cancelChildren while a start of the block is pending is no cancellation of the block") {
            runTest {
                nursery {
                    startSoon { delay(1.seconds).also { this@nursery.cancelChildren() } }
                    val failure = shouldThrow<IllegalStateException> { start<Unit> { awaitCancellation() } }
                    (failure is CancellationException) shouldBe false
                    failure.message shouldBe "the task was cancelled before it called started"
                }
            }
        }

        test("NUR-X16 a caller who is cancelled together with the nursery gets the cancellation") {
            runTest {
                var seen: Throwable? = null
                val job =
                    launch {
                        nursery {
                            try {
                                start<Unit> { awaitCancellation() }
                            } catch (e: Throwable) {
                                seen = e
                                throw e
                            }
                        }
                    }
                delay(1.seconds)
                job.cancelAndJoin()
                (seen is CancellationException) shouldBe true
            }
        }

        test("IO-TS6 a nursery cancelled just before or after started cancels the task and its sleeping children") {
            for (before in listOf(true, false)) {
                runTest {
                    val ended = AtomicInteger()
                    val job =
                        launch {
                            nursery {
                                val nursery = this
                                start<Unit> { status ->
                                    repeat(2) {
                                        launch {
                                            try {
                                                awaitCancellation()
                                            } finally {
                                                ended.incrementAndGet()
                                            }
                                        }
                                    }
                                    yield()
                                    if (before) nursery.cancel()
                                    status.started(Unit)
                                    if (!before) nursery.cancel()
                                    awaitCancellation()
                                }
                            }
                        }
                    job.join()
                    ended.get() shouldBe 2
                }
            }
        }

        test("NUR-X10 NUR-X17 a start by a cancelled caller throws, and the task does not run") {
            runTest {
                val target = CoroutineScope(currentCoroutineContext() + SupervisorJob(currentCoroutineContext().job))
                var seen: Throwable? = null
                launch {
                    currentCoroutineContext().job.cancel()
                    try {
                        target.start<Unit> { error("ran") }
                    } catch (e: CancellationException) {
                        seen = e
                    }
                }.join()
                (seen is CancellationException) shouldBe true
                target.cancel()
            }
        }

        test("NUR-X15 IO-TS7 a function with a TaskStatus can be called directly, with one that ignores") {
            runTest {
                var served = false
                serve(taskStatus = TaskStatus.ignored()) { served = true }
                served shouldBe true
                TaskStatus.ignored<Int>().apply { repeat(2) { started(it) } }
            }
        }

        test("NUR-X16 start works in any scope: the task is its child, on its dispatcher") {
            runTest {
                val target = CoroutineScope(Dispatchers.Default.limitedParallelism(1) + SupervisorJob())
                val end = CompletableDeferred<Unit>()
                val job = target.start { status -> status.started(currentCoroutineContext().job).also { end.await() } }
                target.coroutineContext.job.children.count() shouldBe 1
                end.complete(Unit)
                job.join()
                target.cancel()
            }
        }

        test("NUR-X12 IO-TS5 started against cancel on many threads: the value is returned or the task has ended") {
            withContext(Dispatchers.Default) {
                repeat(2_000) {
                    val open = AtomicInteger()
                    nursery {
                        val nursery = this
                        val go = CompletableDeferred<Unit>()
                        val caller =
                            nursery.startSoon {
                                nursery.start<AtomicInteger> { status ->
                                    try {
                                        go.await()
                                        open.incrementAndGet()
                                        status.started(open)
                                        awaitCancellation()
                                    } catch (e: CancellationException) {
                                        // Closed by whoever owns it: by the task, while it is the caller's.
                                        if (open.get() > 0) open.decrementAndGet()
                                    }
                                }
                            }
                        nursery.startSoon { go.complete(Unit) }
                        yield()
                        caller.cancelAndJoin()
                        cancelChildren()
                    }
                    open.get() shouldBe 0
                }
            }
        }
    })

private class Listening(val port: Int)

/** In the shape of serveTcp: becomes ready after a second and ends after another. */
private suspend fun serve(taskStatus: TaskStatus<in List<Listening>>, handler: suspend () -> Unit): String {
    delay(1.seconds)
    taskStatus.started(listOf(Listening(7)))
    delay(1.seconds)
    handler()
    return "report"
}
