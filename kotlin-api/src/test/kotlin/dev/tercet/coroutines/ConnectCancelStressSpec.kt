package dev.tercet.coroutines

import dev.tercet.Resolver
import dev.tercet.coroutines.DeadAddress.Companion.ip
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.net.SocketException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.random.Random
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.measureTime

private val RACES = Stress.rounds(1_000, 20_000)

/** Races that are cancelled at any instant, also that of the success: a stream is returned, or nothing is left, and no SYN. */
class ConnectCancelStressSpec :
    FunSpec({
        /** Half of the races here, one after the other; the one who cancels spins for a random time, or yields. */
        suspend fun CoroutineScope.races(port: Int, random: Random, won: AtomicInteger, cancelled: AtomicInteger) {
            // The instants lie around the success, however slow the machine is.
            val usualNanos =
                List(31) {
                    measureTime { openTcpStream("test.example", port, 200.microseconds).closeForcefully() }.inWholeNanoseconds
                }.sorted()[15]
            repeat(RACES / 2) { number ->
                val delay = (random.nextInt(3) * 100).microseconds
                val connecting =
                    launch {
                        val stream = openTcpStream("test.example", port, delay)
                        won.incrementAndGet()
                        stream.closeForcefully()
                    }
                if (number % 2 == 0) {
                    repeat(random.nextInt(12)) { yield() }
                } else {
                    val until = System.nanoTime() + random.nextLong(3 * usualNanos)
                    while (System.nanoTime() < until) Thread.onSpinWait()
                }
                val before = won.get()
                connecting.cancelAndJoin()
                if (won.get() == before && connecting.isCancelled) cancelled.incrementAndGet()
                // A limit that runs out in the moment of the success: the stream must not be dropped.
                if (number % 64 == 0) withTimeoutOrNull(1.milliseconds) { openTcpStream("test.example", port, delay).closeForcefully() }
            }
        }

        test("IO-HE14 IO-HE9 IO-HE10 IO-C4 races cancelled at random instants leak no socket, from another thread and on one loop") {
            val seed = Stress.seed(ConnectCancelStressSpec::class.java)
            DeadAddress().use { dead ->
                val draining =
                    thread(isDaemon = true) {
                        try {
                            while (true) dead.accept().close()
                        } catch (_: SocketException) {
                            // The test has ended.
                        }
                    }
                val won = AtomicInteger()
                val cancelled = AtomicInteger()
                leakless {
                    val resolver = Resolver.fixed(mapOf("test.example" to listOf("127.0.0.3", "127.0.0.2", "127.0.0.1").map(::ip)))
                    withNetwork(EventLoop.shared().network().withResolver(resolver)) {
                        withContext(Dispatchers.Default) { races(dead.port, Random(seed), won, cancelled) }
                    }
                    withContext(Dispatchers.IO) {
                        EventLoop.open("races").use { loop ->
                            runOnLoop(loop) {
                                withNetwork(loop.network().withResolver(resolver)) { races(dead.port, Random(seed + 1), won, cancelled) }
                            }
                        }
                    }
                }
                val tally = "$won won, $cancelled cancelled, seed $seed"
                println(tally)
                withClue(tally) {
                    won.get() shouldBeGreaterThan RACES / 50
                    cancelled.get() shouldBeGreaterThan RACES / 50
                    dead.synSent() shouldBe 0
                }
                draining.isAlive shouldBe true
            }
        }
    })
