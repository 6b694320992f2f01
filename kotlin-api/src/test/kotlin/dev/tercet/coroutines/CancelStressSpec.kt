package dev.tercet.coroutines

import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.File
import java.nio.ByteBuffer
import kotlin.random.Random

/** How many cancels in all: a million takes about half a minute on two cores. */
private val ROUNDS = Stress.rounds(60_000, 1_000_000)

/** Many streams at once, so that a trip to another thread is shared by many rounds. */
private const val STREAMS = 64

/**
 * Cancels against readiness, with real sockets: each byte that is sent must be received, once and in order, however often the receive was
 * cancelled in the moment in which it came.
 */
class CancelStressSpec :
    FunSpec({
        test(
            "IO-C2 IO-C3 IO-C4 IO-C6 receives cancelled at random moments under load, from three dispatchers: no byte lost, no descriptor left",
        ) {
            val before = descriptors()
            val seed = Stress.seed(CancelStressSpec::class.java)
            EventLoop.open("own").use { own ->
                EventLoop.open("other").use { other ->
                    withNetwork(own.network()) {
                        val dispatchers = mapOf(
                            "Default" to Dispatchers.Default,
                            "its loop" to own.dispatcher,
                            "another loop" to other.dispatcher,
                        )
                        dispatchers.entries.mapIndexed { i, (name, dispatcher) ->
                            async(Dispatchers.Default) {
                                // The one who cancels stands on another thread, or on the same.
                                val tally = Tally()
                                val passes = ROUNDS / 3 / STREAMS
                                cancels(dispatcher, Dispatchers.Default, passes / 2, Random(seed + i), tally)
                                cancels(dispatcher, dispatcher, passes - passes / 2, Random(seed - i), tally)
                                withClue("$name: $tally, seed $seed") {
                                    tally.received shouldBe tally.sent
                                    tally.cancelled shouldBeGreaterThan ROUNDS / 300
                                    tally.received shouldBeGreaterThan ROUNDS / 300
                                }
                                println("on $name: $tally")
                            }
                        }.awaitAll()
                    }
                }
            }
            descriptors() - before shouldBeLessThan STREAMS
        }
    })

private class Tally {
    var sent = 0
    var received = 0
    var cancelled = 0

    override fun toString() = "sent $sent, received $received, cancelled $cancelled"
}

/** One end of a connection over which a counter is sent, byte by byte. */
private class Line(val stream: SocketStream, val peer: SocketStream) {
    var sent = 0

    /** Written by one receiver after the other. */
    @Volatile
    var received = 0

    private val buffer = ByteBuffer.allocate(16)

    /** From the successful receive to the end of the count nothing suspends. */
    suspend fun receive(): Int {
        val n = stream.receiveSome(buffer.clear())
        buffer.flip()
        repeat(n) { check(buffer.get() == (received + it).toByte()) { "byte ${received + it} is not in its place" } }
        received += n
        return n
    }
}

private suspend fun cancels(receiverOn: CoroutineDispatcher, cancellerOn: CoroutineDispatcher, passes: Int, random: Random, tally: Tally) {
    val lines = List(STREAMS) { socketStreamPair().let { (left, right) -> Line(left, right) } }
    try {
        withContext(cancellerOn) {
            val receivers = CoroutineScope(receiverOn + Job())
            val jobs = arrayOfNulls<Job>(STREAMS)
            val byte = ByteBuffer.allocateDirect(1)
            repeat(passes) {
                lines.forEachIndexed { i, line -> jobs[i] = receivers.launch { line.receive() } }
                if (random.nextBoolean()) yield()
                lines.forEachIndexed { i, line ->
                    if (random.nextInt(4) != 0) {
                        line.peer.sendAll(byte.clear().put(0, line.sent++.toByte()))
                        tally.sent++
                    }
                    if (random.nextInt(8) == 0) yield()
                    if (i > 0) jobs[random.nextInt(i)]!!.cancel()
                }
                for (job in jobs) {
                    job!!.cancel()
                    job.join()
                    if (job.isCancelled) tally.cancelled++
                }
            }
            receivers.coroutineContext[Job]!!.cancel()
        }
        for (line in lines) {
            while (line.received < line.sent) line.receive()
            tally.received += line.received
        }
    } finally {
        lines.forEach {
            it.stream.closeForcefully()
            it.peer.close()
        }
    }
}

/** How many descriptors this process has open; 0 where it cannot be told. */
internal fun descriptors(): Int = File("/proc/self/fd").list()?.size ?: 0
