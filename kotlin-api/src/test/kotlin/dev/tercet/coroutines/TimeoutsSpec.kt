@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines

import dev.tercet.TooSlowException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

class TimeoutsSpec :
    FunSpec({
        test("NUR-X19 NUR-X20 moveOnAfter cuts a wait short at its limit, says true, and the caller goes on") {
            runTest {
                moveOnAfter(2.seconds) { awaitCancellation() } shouldBe true
                currentTime shouldBe 2_000
                currentCoroutineContext().isActive shouldBe true
            }
        }

        test("NUR-X20 moveOnAfter says false when its block finished in time, and leaves no timer") {
            runTest {
                var value: Int
                moveOnAfter(2.seconds) {
                    delay(1.seconds)
                    value = 3
                } shouldBe false
                currentTime shouldBe 1_000
                delay(10.seconds)
                currentTime shouldBe 11_000
            }
        }

        test("NUR-X21 failAfter returns the block's result, or throws TooSlowException, an IOException that knows its limit") {
            runTest {
                val value: Int
                failAfter(3.seconds) { value = 7 }
                value shouldBe 7
                failAfter(3.seconds) { delay(1).let { null } } shouldBe null
                val tooSlow: IOException = shouldThrow<TooSlowException> { failAfter(3.seconds) { awaitCancellation() } }
                (tooSlow as TooSlowException).limit() shouldBe 3.seconds.toJavaDuration()
            }
        }

        test("NUR-X21 the trace of TooSlowException is that of the coroutine which had no more time") {
            suspend fun waitsForEver(): Nothing = failAfter(3.seconds) { awaitCancellation() }

            suspend fun outer() {
                waitsForEver()
                yield()
            }
            runTest {
                val trace = shouldThrow<TooSlowException> { outer() }.stackTrace.map { it.className }
                trace.count { "TimeoutsSpec" in it } shouldBeGreaterThan 1
            }
        }

        test("IO-E5 messages write durations as those of the Java API do") {
            runTest {
                shouldThrow<TooSlowException> { failAfter(90.seconds) { awaitCancellation() } }.message shouldBe
                    "not finished within 1 min 30 s of virtual time, which does not wait for real sockets, files or processes: for " +
                    "those, use the limit outside of the simulated time, in Kotlin inside of withContext(Dispatchers.Default)"
                withContext(Dispatchers.Default) {
                    val tooSlow = shouldThrow<TooSlowException> { failAfter(1.milliseconds) { awaitCancellation() } }
                    tooSlow.message shouldBe "not finished within 1 ms"
                }
                shouldThrow<IllegalArgumentException> { moveOnAfter((-1.5).seconds) {} }.message shouldBe
                    "the limit must not be negative: -1.5 s"
            }
        }

        test("NUR-X21 a failAfter that expires in a launched child fails its scope, where withTimeout would vanish") {
            runTest {
                shouldThrow<TooSlowException> {
                    coroutineScope { launch { failAfter(1.seconds) { awaitCancellation() } } }
                }
                coroutineScope { launch { withTimeout(1.seconds) { awaitCancellation() } } }
            }
        }

        test("NUR-X20 NUR-X21 nested timeouts: only the one whose time is over takes its own expiry") {
            runTest {
                var inner: Boolean? = null
                moveOnAfter(1.seconds) { inner = moveOnAfter(2.seconds) { awaitCancellation() } } shouldBe true
                inner shouldBe null

                moveOnAfter(2.seconds) { inner = moveOnAfter(1.seconds) { awaitCancellation() } } shouldBe false
                inner shouldBe true

                moveOnAfter(1.seconds) { failAfter(2.seconds) { awaitCancellation() } } shouldBe true

                val outer = shouldThrow<TooSlowException> { failAfter(1.seconds) { failAfter(2.seconds) { awaitCancellation() } } }
                outer.limit() shouldBe 1.seconds.toJavaDuration()
            }
        }

        test("NUR-X20 nested timeouts of the same moment: the outer one counts, whichever timer came first") {
            runTest {
                var goneOn = false
                moveOnAfter(1.seconds) {
                    failAfter(1.seconds) { awaitCancellation() }
                    goneOn = true
                } shouldBe true
                goneOn shouldBe false

                // The inner timer fires first; before its block has ended the outer one fires too.
                moveOnAfter(1.seconds) {
                    failAfter(999.milliseconds) { shielded { delay(2.seconds) }.also { awaitCancellation() } }
                } shouldBe true
            }
        }

        test("NUR-X20 a CancellationException of the body's own is not taken for the expiry, whatever the limit") {
            runTest {
                for (limit in listOf(Duration.ZERO, 1.seconds, Duration.INFINITE)) {
                    val own = CancellationException("own")
                    shouldThrow<CancellationException> { moveOnAfter(limit) { throw own } }.message shouldBe "own"
                    shouldThrow<CancellationException> { failAfter(limit) { throw own } }.message shouldBe "own"
                    val gone = CompletableDeferred<Int>().apply { cancel(own) }
                    if (limit > Duration.ZERO) shouldThrow<CancellationException> { moveOnAfter(limit) { gone.await() } }
                }
                // What a cancelled child throws is the expiry, too.
                moveOnAfter(Duration.ZERO) { coroutineScope { launch { awaitCancellation() } } } shouldBe true
                moveOnAfter(Duration.ZERO) { withContext(CoroutineName("inside")) { awaitCancellation() } } shouldBe true
            }
        }

        test("NUR-X20 a timeout of kotlinx inside is not taken for our own") {
            runTest {
                shouldThrow<TimeoutCancellationException> { moveOnAfter(2.seconds) { withTimeout(1.seconds) { awaitCancellation() } } }
                shouldThrow<TimeoutCancellationException> { failAfter(2.seconds) { withTimeout(1.seconds) { awaitCancellation() } } }
                shouldThrow<TimeoutCancellationException> {
                    failAfter(Duration.INFINITE) { withTimeout(1.seconds) { awaitCancellation() } }
                }
            }
        }

        test("NUR-X20 a cancelled deferred inside is not taken for an expiry") {
            runTest {
                val cancelled = CompletableDeferred<Unit>().apply { cancel() }
                shouldThrow<CancellationException> { failAfter(2.seconds) { cancelled.await() } }
                shouldThrow<CancellationException> { moveOnAfter(2.seconds) { cancelled.await() } }
            }
        }

        test("NUR-X20 a block that has finished wins over an expiry that came before its end") {
            runTest {
                failAfter(1.seconds) { shielded { delay(2.seconds).let { "resource" } } } shouldBe "resource"
                moveOnAfter(1.seconds) { shielded { delay(2.seconds) } } shouldBe false
            }
        }

        test("NUR-X20 a block that has finished wins over a cancel from outside; the next checkpoint throws it") {
            runTest {
                val steps = mutableListOf<String>()
                val job =
                    launch {
                        val resource = failAfter(9.seconds) { shielded { delay(2.seconds).let { "resource" } } }
                        steps += resource
                        steps += "finished ${moveOnAfter(9.seconds) { }}"
                        checkpoint()
                        steps += "not reached"
                    }
                delay(1.seconds)
                job.cancelAndJoin()
                steps.shouldContainExactly("resource", "finished false")
                currentTime shouldBe 2_000
            }
        }

        test("NUR-X20 a cancel from outside comes before an expiry of the same moment: it is no TooSlowException") {
            runTest {
                var seen: Throwable? = null
                val job =
                    launch {
                        try {
                            failAfter(1.seconds) {
                                try {
                                    awaitCancellation()
                                } finally {
                                    shielded { delay(2.seconds) }
                                }
                            }
                        } catch (e: Throwable) {
                            seen = e
                            throw e
                        }
                    }
                delay(2.seconds)
                job.cancelAndJoin()
                seen.shouldNotBeInstanceOf<TooSlowException>()
                (seen is CancellationException) shouldBe true
            }
        }

        test("NUR-X20 exceptions of the block come out as the objects they are, after a wait too") {
            runTest {
                for (thrown in listOf(IOException("mine"), TooSlowException(1.seconds.toJavaDuration()), AssertionError("mine"))) {
                    for (scope in listOf<suspend (suspend () -> Unit) -> Any>(
                        { failAfter(1.seconds, it) },
                        { failAfter(Duration.INFINITE, it) },
                        { failAfter(Duration.ZERO, it) },
                        { moveOnAfter(1.seconds, it) },
                        { shielded { it() } },
                    )) {
                        shouldThrow<Throwable> { scope { throw thrown } } shouldBeSameInstanceAs thrown
                        shouldThrow<Throwable> {
                            scope {
                                shielded { yield() }
                                throw thrown
                            }
                        } shouldBeSameInstanceAs thrown
                    }
                }
            }
        }

        test("NUR-X20 a failure of the block in its clean-up wins over the expiry") {
            runTest {
                val failure = IOException("flush")
                shouldThrow<IOException> {
                    moveOnAfter(1.seconds) {
                        try {
                            awaitCancellation()
                        } finally {
                            throw failure
                        }
                    }
                } shouldBeSameInstanceAs failure
            }
        }

        test("NUR-X23 negative limits are refused before the block runs") {
            runTest {
                shouldThrow<IllegalArgumentException> { moveOnAfter((-1).milliseconds) { error("ran") } }
                shouldThrow<IllegalArgumentException> { failAfter(-Duration.INFINITE) { error("ran") } }
                shouldThrow<IllegalArgumentException> { moveOnAfter(with(Duration) { Double.NaN.seconds }) { error("ran") } }
            }
        }

        test("NUR-X23 zero lasts until the first checkpoint, without a tick of the clock") {
            runTest {
                var ran = false
                moveOnAfter(Duration.ZERO) {
                    ran = true
                    checkpoint()
                    ran = false
                } shouldBe true
                ran shouldBe true
                moveOnAfter(Duration.ZERO) { ran = false } shouldBe false
                ran shouldBe false
                shouldThrow<TooSlowException> { failAfter(Duration.ZERO) { awaitCancellation() } }
                failAfter(Duration.ZERO) { "ready" } shouldBe "ready"
                currentTime shouldBe 0
            }
        }

        test("NUR-X23 zero in a cancelled coroutine is the cancellation, not an expiry") {
            runTest {
                var seen: Throwable? = null
                launch {
                    currentCoroutineContext().job.cancel()
                    try {
                        failAfter(Duration.ZERO) { checkpoint() }
                    } catch (e: Throwable) {
                        seen = e
                    }
                }.join()
                (seen is CancellationException) shouldBe true
            }
        }

        test("NUR-X23 an infinite limit never expires; a tiny one is rounded up, not down to none") {
            runTest {
                failAfter(Duration.INFINITE) { delay(100_000.seconds).let { "late" } } shouldBe "late"
                moveOnAfter(1.microseconds) { yield() } shouldBe false
            }
        }

        test("NUR-X24 shielded keeps a cancel out, and lets it in afterwards") {
            runTest {
                val steps = mutableListOf<String>()
                val job =
                    launch {
                        steps +=
                            shielded {
                                launch { delay(1.seconds).also { steps += "child" } }
                                delay(500.milliseconds)
                                "block"
                            }
                        checkpoint()
                        steps += "not reached"
                    }
                yield()
                job.cancelAndJoin()
                steps.shouldContainExactly("child", "block")
            }
        }

        test("NUR-X24 shielded begins in a coroutine that is cancelled already, and returns what it opened") {
            runTest {
                var result: String? = null
                launch {
                    currentCoroutineContext().job.cancel()
                    result = shielded { delay(1.seconds).let { "opened" } }
                }.join()
                result shouldBe "opened"
            }
        }

        test("NUR-X24 timeouts inside shielded still work, also when the outside is cancelled") {
            runTest {
                var moved: Boolean? = null
                val job = launch { shielded { moved = moveOnAfter(3.seconds) { awaitCancellation() } } }
                delay(1.seconds)
                job.cancelAndJoin()
                moved shouldBe true
                currentTime shouldBe 3_000
            }
        }

        test("NUR-X24 the failure of a child of shielded comes out, and stays inside otherwise") {
            runTest {
                val failure = IOException("child")
                shouldThrow<IOException> {
                    shielded {
                        launch { throw failure }
                        awaitCancellation()
                    }
                } shouldBeSameInstanceAs failure
            }
        }

        test("NUR-X17 NUR-X25 checkpoint throws again and again in a cancelled coroutine, and lets others run") {
            runTest {
                val steps = mutableListOf<String>()
                val job =
                    launch {
                        steps += "first"
                        checkpoint()
                        steps += "second"
                        currentCoroutineContext().job.cancel()
                        repeat(3) {
                            try {
                                checkpoint()
                            } catch (e: CancellationException) {
                                steps += "cancelled"
                            }
                        }
                    }
                launch { steps += "other" }
                job.join()
                steps.shouldContainExactly("first", "other", "second", "cancelled", "cancelled", "cancelled")
            }
        }

        test("NUR-X20 a timeout in an async child does not touch its siblings") {
            runTest {
                coroutineScope {
                    val slow = async { moveOnAfter(1.seconds) { awaitCancellation() } }
                    val other = async { delay(5.seconds).let { "other" } }
                    slow.await() shouldBe true
                    other.await() shouldNotBe null
                }
            }
        }
    })
