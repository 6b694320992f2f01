package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeLessThan
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.nio.ByteBuffer
import kotlin.random.Random

private val ROUNDS = Stress.rounds(1_500, 100_000)

/** Closes against a reader and a writer that wait, or are about to, or have just been woken. */
class CloseStressSpec :
    FunSpec({
        test(
            "IO-S5 IO-R6 IO-SS9 IO-K16 closes against readers and writers on three dispatchers: each ends with Closed, no descriptor is left",
        ) {
            val before = descriptors()
            val seed = Stress.seed(CloseStressSpec::class.java)
            EventLoop.open("own").use { own ->
                EventLoop.open("other").use { other ->
                    withNetwork(own.network()) {
                        listOf(Dispatchers.Default, own.dispatcher, other.dispatcher)
                            .mapIndexed { i, dispatcher -> async(Dispatchers.Default) { closes(dispatcher, Random(seed + i)) } }
                            .awaitAll()
                            .flatten()
                            .shouldBeEmpty()
                    }
                }
            }
            descriptors() - before shouldBeLessThan 64
        }
    })

/** Returns what ended otherwise. */
private suspend fun closes(dispatcher: CoroutineDispatcher, random: Random): List<String> {
    val wrong = mutableListOf<String>()
    val users = CoroutineScope(dispatcher + SupervisorJob())
    val tooMuch = ByteBuffer.allocateDirect(1 shl 20)
    repeat(ROUNDS / 3 / BATCH + 1) { round ->
        val pairs = List(BATCH) { socketStreamPair() }
        val ends =
            pairs.flatMap { (left, right) ->
                val reader = users.async { ending { while (true) check(left.receiveSome(1).size == 1) } }
                val writer = users.async { ending { left.sendAll(tooMuch.duplicate()) } }
                // Those that are woken by readiness and closed in the same moment must not hang either.
                if (random.nextInt(4) == 0) right.sendAll(ByteBuffer.allocate(1))
                listOf(reader, writer)
            }
        repeat(random.nextInt(4)) { yield() }
        withContext(if (random.nextBoolean()) Dispatchers.Default else dispatcher) {
            for ((left, _) in pairs) if (random.nextBoolean()) left.close() else left.closeForcefully()
        }
        ends.awaitAll().forEachIndexed { i, end ->
            if (end !is ClosedResourceException) wrong += "round $round, ${if (i % 2 == 0) "reader" else "writer"}: $end"
        }
        for ((_, right) in pairs) right.close()
    }
    users.coroutineContext[kotlinx.coroutines.Job]!!.cancel()
    return wrong
}

private const val BATCH = 16

private suspend fun ending(operation: suspend () -> Unit): Throwable? = try {
    operation()
    null
} catch (e: Exception) {
    e
}
