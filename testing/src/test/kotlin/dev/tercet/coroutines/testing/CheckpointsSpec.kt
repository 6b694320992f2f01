@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

class CheckpointsSpec :
    FunSpec({
        /** In virtual time, and on many threads. */
        fun testBoth(name: String, body: suspend () -> Unit) {
            test(name) {
                runTest { body() }
                withContext(Dispatchers.Default) { body() }
            }
        }

        val onlySchedule: suspend () -> Unit = { withContext(NonCancellable) { yield() } }
        val onlyCancel: suspend () -> Unit = { currentCoroutineContext().ensureActive() }

        testBoth("KIT-K1 a block that is cancellable and gives way is a checkpoint, and its result comes out") {
            assertCheckpoints {
                yield()
                "result"
            } shouldBe "result"
            assertCheckpoints<String?> { yield().let { null } } shouldBe null
        }

        testBoth("KIT-K1 a block that throws need not be one") {
            shouldThrow<IOException> { assertCheckpoints { throw IOException("no") } }.message shouldBe "no"
        }

        testBoth("KIT-K2 a block that does neither is none, runs once, and its result comes out") {
            var runs = 0
            assertNoCheckpoints { "result".also { runs++ } } shouldBe "result"
            runs shouldBe 1
            shouldThrow<AssertionError> { assertNoCheckpoints { yield() } }
            shouldThrow<AssertionError> { assertCheckpoints { } }
        }

        testBoth("KIT-K3 one without the other is neither") {
            shouldThrow<AssertionError> { assertCheckpoints { onlySchedule() } }.message shouldBe
                "no cancel point: the block returned in a cancelled scope"
            shouldThrow<AssertionError> { assertNoCheckpoints { onlySchedule() } }.message shouldBe
                "a schedule point: others ran during the block"
            shouldThrow<AssertionError> { assertCheckpoints { onlyCancel() } }.message shouldBe
                "no schedule point: nobody else ran during the block"
            shouldThrow<AssertionError> { assertNoCheckpoints { onlyCancel() } }.message shouldBe
                "a cancel point: the block threw in a cancelled scope"
        }

        test("KIT-W1 KIT-W4 waiting until all are blocked runs what can run, and leaves time and who waits for it alone") {
            runTest {
                val record = mutableListOf<String>()
                val gate = CompletableDeferred<Unit>()
                launch {
                    repeat(10) { yield() }
                    record += "ten turns"
                    launch { gate.await().also { record += "the gate" } }
                }
                val sleeper = launch { delay(1.seconds) }
                waitAllTasksBlocked()
                record shouldBe listOf("ten turns")
                currentTime shouldBe 0
                gate.complete(Unit)
                waitAllTasksBlocked()
                record shouldBe listOf("ten turns", "the gate")
                sleeper.isCompleted shouldBe false
            }
        }

        test("KIT-W3 waiting until all are blocked notices a cancellation, before and meanwhile") {
            runTest {
                var returned = false
                launch {
                    val job = currentCoroutineContext().job
                    this@runTest.launch { job.cancel() }
                    waitAllTasksBlocked()
                    returned = true
                }.join()
                returned shouldBe false
                launch {
                    currentCoroutineContext().job.cancel()
                    shouldThrow<CancellationException> { waitAllTasksBlocked() }
                }.join()
            }
        }
    })
