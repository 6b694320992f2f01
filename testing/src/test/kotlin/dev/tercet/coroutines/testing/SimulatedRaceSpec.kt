package dev.tercet.coroutines.testing

import dev.tercet.AddressText
import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.Resolver
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.use
import dev.tercet.coroutines.withNetwork
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.net.NonBlockingSocket
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.wait.Latch
import dev.tercet.support.Stress
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.testing.simulation.NetworkEvent
import dev.tercet.testing.simulation.RaceScenario
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSingleton
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.net.ProtocolFamily
import java.net.UnknownHostException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/** Kotlin's driver of the race, in virtual time. Java's is in `SimulatedRaceTest`. */
class SimulatedRaceSpec :
    FunSpec({
        for (scenario in RaceScenario.all()) {
            test("IO-HE20 ${scenario.name}: ${scenario.starts}; ${scenario.end}") {
                for (seed in Stress.seed(SimulatedRaceSpec::class.java, 1).let {
                    it until it + Stress.rounds(5, 200)
                }) {
                    runIoTest(seed) { run(scenario) }
                }
            }
        }

        test("IO-HE14 given up at 5 s: all four sockets are closed then, and the report tells") {
            runIoTest(1) {
                dns.set("h", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
                for (i in 1..4) network.onConnect("192.0.2.$i", ConnectAnswer.hang())
                var report: ConnectReport? = null
                moveOnAfter(5.seconds) { openTcpStream("h", 80, onReport = { report = it }) } shouldBe true
                now shouldBe 5.seconds
                network.trace().assertNothingOpen()
                network.trace().events(NetworkEvent.Kind.CLOSE).map { it.at() } shouldBe List(4) { 5.seconds.toJavaDuration() }
                report.shouldNotBeNull().attempts().map { it.outcome() } shouldBe List(4) { Outcome.ABANDONED }
            }
        }

        test("IO-HE14 a cancel that comes while a loser is being closed closes the winner too") {
            runIoTest(1) {
                dns.set("h", "192.0.2.1", "192.0.2.2")
                network.onConnect("192.0.2.1", ConnectAnswer.hang())
                network.onConnect("192.0.2.2", ConnectAnswer.accept())
                val isReleased = Latch()
                var hasReturned = false
                val connecting =
                    launch {
                        withNetwork(LateRelease(NetworkProvider.from(network), isReleased)) { openTcpStream("h", 80) }
                        hasReturned = true
                    }
                delay(1.seconds)
                // It has won, and waits for the other to be closed.
                network.trace().openSockets().shouldBeSingleton()
                connecting.cancel()
                isReleased.open()
                connecting.join()
                hasReturned shouldBe false
                network.trace().assertNothingOpen()
            }
        }

        test("IO-HE14 IO-HE9 random races, cancelled at random instants, also that of the success: nothing is left") {
            val first = Stress.seed(SimulatedRaceSpec::class.java, 1)
            for (seed in first until first + Stress.rounds(200, 10_000)) {
                runIoTest(seed) {
                    val random = Random(seed)
                    val literals = listOf("192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2")
                    dns.set("h", *literals.toTypedArray())
                    for (literal in literals) {
                        val after = (50L * (1 + random.nextInt(12))).milliseconds.toJavaDuration()
                        network.onConnect(
                            literal,
                            when (random.nextInt(3)) {
                                0 -> ConnectAnswer.accept().after(after)
                                1 -> ConnectAnswer.refuse().after(after)
                                else -> ConnectAnswer.hang()
                            },
                        )
                    }
                    var hasReturned = false
                    val connecting =
                        launch {
                            try {
                                val stream = openTcpStream("h", 80, (50 * random.nextInt(6)).milliseconds)
                                hasReturned = true
                                network.trace().openSockets().shouldBeSingleton()
                                stream.closeForcefully()
                            } catch (e: ConnectFailedException) {
                                e.suppressed.size shouldBe literals.size
                            }
                        }
                    delay((50 * random.nextInt(24)).milliseconds)
                    connecting.cancelAndJoin()
                    withClue("seed $seed, returned: $hasReturned") { network.trace().assertNothingOpen() }
                }
            }
        }
    })

private suspend fun IoTestScope.run(scenario: RaceScenario) {
    val reports = mutableListOf<ConnectReport>()
    val end =
        withNetwork(scenario.prepare(network)) {
            try {
                openTcpStream(RaceScenario.HOST, RaceScenario.PORT, scenario.delay?.toKotlinDuration(), onReport = {
                    reports += it
                }).use { stream ->
                    network.trace().openSockets().shouldBeSingleton()
                    reports.single().winner() shouldBe stream.remoteAddress
                    "won " + RaceScenario.letter(AddressText.of(stream.remoteAddress))
                }
            } catch (e: ConnectFailedException) {
                e.suppressed.size shouldBe e.report().attempts().size
                ("attempts to connect to test.example:80 failed" in e.message.orEmpty()) shouldBe true
                "failed"
            } catch (_: UnknownHostException) {
                "unknown"
            }
        }
    "$end at ${now.inWholeMilliseconds}" shouldBe scenario.end
    RaceScenario.starts(network) shouldBe scenario.starts
    reports.single().total() shouldBe now.toJavaDuration()
    network.trace().assertNothingOpen()
}

/** The system holds on to a socket that was closed until a latch is open. */
private class LateRelease(private val inner: NetworkProvider, private val isReleased: Latch) : NetworkProvider by inner {
    override fun openStream(family: ProtocolFamily): NonBlockingSocket {
        val socket = inner.openStream(family)
        return object : NonBlockingSocket by socket {
            override fun released() = isReleased
        }
    }

    override fun withResolver(resolver: Resolver) = LateRelease(NetworkProvider.from(inner.withResolver(resolver)), isReleased)
}
