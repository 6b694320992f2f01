package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.StopSignal
import dev.tercet.coroutines.chunks
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.support.Stress
import dev.tercet.testing.internal.SplitMix64
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.testing.simulation.NameAnswer
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.launch
import java.net.ConnectException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** One seed, one run: the twin of SimulationDeterminismTest. */
class RunIoTestDeterminismSpec :
    FunSpec({
        suspend fun talk(host: String) {
            try {
                openTcpStream(host, 80).use { stream ->
                    repeat(3) {
                        stream.sendAll(byteArrayOf(1, 2, 3))
                        stream.receiveSome()
                    }
                    stream.sendEof()
                }
            } catch (_: BrokenResourceException) {
                // Also a way to end.
            } catch (_: ConnectException) {
                // And so is this.
            }
        }

        /**
         * Two servers with their handlers, clients that find them by name, over ways with jitter; some are cut short by a limit, some are refused
         * first. In the end the servers are stopped.
         */
        fun trace(seed: Long): String {
            var trace = ""
            runIoTest(seed) {
                network.setLatency(1.milliseconds, 20.milliseconds)
                dns.set("a.example", NameAnswer.of("192.0.2.1").after((seed % 7).milliseconds))
                dns.set("b.example", "192.0.2.2")
                network.onConnect("192.0.2.2", ConnectAnswer.refuse(), ConnectAnswer.byListener())
                val stop = StopSignal()
                nursery {
                    for (host in listOf("192.0.2.1", "192.0.2.2")) {
                        start { status ->
                            serveTcp(
                                80,
                                host = host,
                                onHandlerError = { _, _ -> },
                                stop = stop,
                                drain = 1.seconds,
                                taskStatus = status,
                            ) { stream -> stream.chunks().collect { stream.sendAll(it) } }
                        }
                    }
                    val random = SplitMix64(seed)
                    nursery {
                        repeat(5) {
                            val host = if (random.nextInt(0, 1) == 0) "a.example" else "b.example"
                            val limit = random.nextInt(1, 200).milliseconds
                            launch { moveOnAfter(limit) { talk(host) } }
                        }
                    }
                    stop.stop()
                }
                network.trace().assertNothingOpen()
                trace = "${network.trace()}\nend $now"
            }
            return trace
        }

        test("KIT-R1 IO-X3 the same seed gives the same trace, byte for byte") {
            val traces = HashSet<String>()
            val first = Stress.seed(RunIoTestDeterminismSpec::class.java, 0)
            val seeds = Stress.rounds(50, 1_000)
            for (seed in first until first + seeds) {
                val trace = trace(seed)
                withClue("seed $seed") { trace(seed) shouldBe trace }
                traces += trace
            }
            traces shouldHaveAtLeastSize seeds * 9 / 10
        }
    })
