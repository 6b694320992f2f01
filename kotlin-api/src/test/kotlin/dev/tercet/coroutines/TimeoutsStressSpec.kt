package dev.tercet.coroutines

import dev.tercet.TooSlowException
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withPermit
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** Expiries and cancels around the end of a block that opens a resource: none is lost (spec NUR-X20). */
class TimeoutsStressSpec :
    FunSpec({
        val rounds = Stress.rounds(2_000, 200_000)
        val seed = Stress.seed(TimeoutsStressSpec::class.java)

        test("NUR-X20 expiries around the end of a block, in virtual time, lose no resource") {
            runTest { Pool(Random(seed)).expire(this, rounds) }
        }

        test("NUR-X20 expiries around the end of a block, on Dispatchers.Default, lose no resource") {
            withContext(Dispatchers.Default) { Pool(Random(seed)).expire(this, rounds) }
        }

        test("NUR-X20 expiries around the end of a block, on one thread, lose no resource") {
            withContext(Dispatchers.Default.limitedParallelism(1)) { Pool(Random(seed)).expire(this, rounds) }
        }

        test("NUR-X20 expiries around the end of a block, on an event loop, lose no resource") {
            EventLoop.open("stress").use { loop -> withContext(loop.dispatcher) { Pool(Random(seed)).expire(this, rounds) } }
        }

        test("NUR-X20 cancels around the end of a block lose no resource, in virtual time and on Dispatchers.Default") {
            runTest { Pool(Random(seed)).cancel(this, rounds) }
            withContext(Dispatchers.Default) { Pool(Random(seed)).cancel(this, rounds) }
        }
    })

/** Counts what is open. */
private class Pool(private val random: Random) {
    private val opened = AtomicInteger()
    private val closed = AtomicInteger()
    private val tooSlow = AtomicInteger()
    private val late = AtomicInteger()

    private fun open(): AtomicInteger {
        opened.incrementAndGet()
        return closed
    }

    /** Ends in the tick of its limit, before it, or after it with the expiry kept out; its last act opens. */
    private suspend fun body(plan: Int): AtomicInteger {
        when (plan) {
            0 -> {}
            1 -> delay(1.milliseconds)
            2 -> shielded { delay(1.milliseconds) }
            3 -> shielded { delay(2.milliseconds) }.also { late.incrementAndGet() }
            else -> coroutineScope { launch { delay(1.milliseconds) } }
        }
        return open()
    }

    suspend fun expire(scope: CoroutineScope, rounds: Int) {
        concurrently(scope, rounds) { plan ->
            try {
                failAfter(1.milliseconds) { body(plan) }.incrementAndGet()
            } catch (e: TooSlowException) {
                tooSlow.incrementAndGet()
            }
        }
        closed.get() shouldBe opened.get()
        opened.get() + tooSlow.get() shouldBe rounds
        tooSlow.get() shouldBeGreaterThan 0
        late.get() shouldBeGreaterThan 0
    }

    suspend fun cancel(scope: CoroutineScope, rounds: Int) {
        val cut = AtomicInteger()
        concurrently(scope, rounds) { plan ->
            coroutineScope {
                val job = launch { failAfter(1_000.milliseconds) { body(plan) }.incrementAndGet() }
                job.invokeOnCompletion { if (it != null) cut.incrementAndGet() }
                delay(1.milliseconds)
                job.cancel()
            }
        }
        closed.get() shouldBe opened.get()
        opened.get() shouldBeGreaterThan 0
        cut.get() shouldBeGreaterThan 0
    }

    private suspend fun concurrently(scope: CoroutineScope, rounds: Int, round: suspend (plan: Int) -> Unit) {
        val permits = Semaphore(100)
        val jobs =
            List(rounds) {
                val plan = random.nextInt(5)
                scope.launch { permits.withPermit { round(plan) } }
            }
        jobs.forEach { it.join() }
    }
}
