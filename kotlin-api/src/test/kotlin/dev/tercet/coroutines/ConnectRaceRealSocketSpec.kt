package dev.tercet.coroutines

import dev.tercet.AddressFamily
import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.Network
import dev.tercet.Resolver
import dev.tercet.coroutines.DeadAddress.Companion.ip
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.net.NonBlockingSocket
import dev.tercet.internal.wait.Latch
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ProtocolFamily
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.toJavaDuration

/** The race over real sockets: 127.0.0.2 swallows connects, 127.0.0.1 takes them, others refuse. */
class ConnectRaceRealSocketSpec :
    FunSpec({
        fun network(vararg literals: String): Network =
            EventLoop.shared().network().withResolver(Resolver.fixed(mapOf("test.example" to literals.map(::ip))))

        fun outcomes(report: ConnectReport?) = report.shouldNotBeNull().attempts().map { it.outcome() }

        everywhere("IO-HE5 IO-HE8 IO-HE14 past a dead address in one delay; its SYN has stopped when the stream is returned") {
            DeadAddress().use { dead ->
                withNetwork(network("127.0.0.2", "127.0.0.1", "127.0.0.3")) {
                    var report: ConnectReport? = null
                    openTcpStream("test.example", dead.port, 30.milliseconds, onReport = { report = it }).use { stream ->
                        dead.synSent() shouldBe 0
                        (stream.remoteAddress as InetSocketAddress).address shouldBe ip("127.0.0.1")
                    }
                    outcomes(report) shouldBe listOf(Outcome.ABANDONED, Outcome.WON, Outcome.NOT_STARTED)
                    report.shouldNotBeNull().attempts()[1].started() shouldBeGreaterThanOrEqualTo 30.milliseconds.toJavaDuration()
                }
            }
        }

        test("IO-HE14 a cancel on the loop's own thread, while a loser is being closed, closes the winner too") {
            DeadAddress().use { dead ->
                val late = LateRelease(NetworkProvider.from(network("127.0.0.2", "127.0.0.1")))
                runOnLoop {
                    var hasReturned = false
                    val connecting =
                        launch {
                            withNetwork(late) { openTcpStream("test.example", dead.port, 30.milliseconds) }
                            hasReturned = true
                        }
                    // One has won, and the other is being closed.
                    late.isClosing.await()
                    late.open.get() shouldBe 1
                    connecting.cancel()
                    late.isReleased.open()
                    connecting.join()
                    hasReturned shouldBe false
                    late.open.get() shouldBe 0
                }
            }
        }

        everywhere("IO-HE5 an address that refuses costs no delay") {
            DeadAddress().use { dead ->
                withNetwork(network("127.0.0.3", "127.0.0.4", "127.0.0.1")) {
                    var report: ConnectReport? = null
                    openTcpStream("test.example", dead.port, 1.hours, onReport = { report = it }).close()
                    outcomes(report) shouldBe listOf(Outcome.FAILED, Outcome.FAILED, Outcome.WON)
                }
            }
        }

        everywhere("IO-HE6 null and infinite: one at a time; zero: all at once") {
            DeadAddress().use { dead ->
                for (delay in listOf(null, Duration.INFINITE)) {
                    withNetwork(network("127.0.0.2", "127.0.0.1")) {
                        var report: ConnectReport? = null
                        val connecting =
                            launch(start = CoroutineStart.UNDISPATCHED) {
                                openTcpStream("test.example", dead.port, delay, onReport = { report = it })
                            }
                        eventually("no SYN") { dead.synSent() == 1 }
                        // Time for a second attempt.
                        letOthersWait()
                        connecting.cancelAndJoin()
                        outcomes(report) shouldBe listOf(Outcome.ABANDONED, Outcome.NOT_STARTED)
                        dead.synSent() shouldBe 0
                    }
                }
                withNetwork(network("127.0.0.2", "127.0.0.3", "127.0.0.1")) {
                    var report: ConnectReport? = null
                    openTcpStream("test.example", dead.port, Duration.ZERO, onReport = { report = it }).close()
                    outcomes(report) shouldBe listOf(Outcome.ABANDONED, Outcome.FAILED, Outcome.WON)
                    dead.synSent() shouldBe 0
                }
            }
        }

        everywhere("IO-HE14 cancelled with two attempts under way: no SYN is left") {
            DeadAddress().use { dead ->
                withNetwork(network("127.0.0.2", "127.0.0.5")) {
                    repeat(10) {
                        val connecting =
                            launch(start = CoroutineStart.UNDISPATCHED) { openTcpStream("test.example", dead.port, Duration.ZERO) }
                        eventually("no two SYNs") { dead.synSent() == 2 }
                        connecting.cancelAndJoin()
                        dead.synSent() shouldBe 0
                    }
                }
            }
        }

        everywhere("IO-HE13 a bug in one attempt closes the others and comes out as it is") {
            DeadAddress().use { dead ->
                val bug = IllegalStateException("bug")
                val opened = AtomicInteger()
                val buggy =
                    object : NetworkProvider by NetworkProvider.from(network("127.0.0.2", "127.0.0.1")) {
                        private val real = NetworkProvider.from(network("127.0.0.2", "127.0.0.1"))

                        override fun openStream(family: java.net.ProtocolFamily) =
                            if (opened.incrementAndGet() == 2) throw bug else real.openStream(family)
                    }
                withNetwork(buggy) {
                    shouldThrow<IllegalStateException> { openTcpStream("test.example", dead.port, Duration.ZERO) } shouldBeSameInstanceAs
                        bug
                    dead.synSent() shouldBe 0
                }
            }
        }

        everywhere("IO-HE2 a negative delay is refused before anything is asked") {
            withNetwork(EventLoop.shared().network().withResolver { host, _ -> throw AssertionError("asked for $host") }) {
                for (delay in listOf((-1).nanoseconds, -Duration.INFINITE)) {
                    shouldThrow<IllegalArgumentException> { openTcpStream("test.example", 80, delay) }
                }
            }
        }

        everywhere("IO-HV1 IPv4 goes alone when IPv6 does not come in time") {
            DeadAddress().use { dead ->
                val slow =
                    object : Resolver {
                        override fun answersPerFamily() = true

                        override fun lookup(host: String, family: AddressFamily): CompletionStage<List<InetAddress>> = if (family ==
                            AddressFamily.IPV6
                        ) {
                            CompletableFuture()
                        } else {
                            CompletableFuture.completedFuture(listOf(ip("127.0.0.1")))
                        }
                    }
                withNetwork(EventLoop.shared().network().withResolver(slow)) {
                    var report: ConnectReport? = null
                    openTcpStream("test.example", dead.port, onReport = { report = it }).close()
                    report.shouldNotBeNull().lookup() shouldBeGreaterThanOrEqualTo 50.milliseconds.toJavaDuration()
                }
            }
        }

        everywhere("IO-HV4 IO-HE19 planConnect tells the order and why, and the race keeps to it") {
            withNetwork(network("127.0.0.1", "127.0.0.2", "::1")) {
                val plan = planConnect("test.example", 1)
                plan.map { it.address().address } shouldBe listOf("::1", "127.0.0.1", "127.0.0.2").map(::ip)
                plan[0].why() shouldBe "rule 6: precedence 50 before 35"
                val attempts = shouldThrow<ConnectFailedException> { openTcpStream("test.example", 1) }.report().attempts()
                attempts.map { it.address() to it.why() } shouldBe plan.map { it.address() to it.why() }
                planConnect("test.example", 1, "0.0.0.0")[0].address().address shouldBe ip("127.0.0.1")
                shouldThrow<IllegalArgumentException> { planConnect("test.example", 0) }
            }
        }

        everywhere("IO-HE20 a clock that stands still, goes back or leaps cannot make the driver spin") {
            DeadAddress().use { dead ->
                var now = 0L
                val clocks: Map<String, () -> Long> =
                    mapOf(
                        "stands still" to { 5L },
                        "goes back" to { now.also { now -= 1_000_000_000 } },
                        "leaps" to { now.also { now += 3_600_000_000_000 } },
                    )
                for ((name, clock) in clocks) {
                    val readings = AtomicInteger()
                    val wrong =
                        object : NetworkProvider by NetworkProvider.from(network("127.0.0.2", "127.0.0.3", "127.0.0.1")) {
                            override fun nanoTime(): Long = clock().also { readings.incrementAndGet() }
                        }
                    withNetwork(wrong) { openTcpStream("test.example", dead.port, 40.milliseconds).close() }
                    withClue("$name: $readings readings") { readings.get() shouldBeLessThan 50 }
                    dead.synSent() shouldBe 0
                }
            }
        }
    })

/** Sockets of this network are closed at once, and released when that is allowed. */
private class LateRelease(private val inner: NetworkProvider) : NetworkProvider by inner {
    val isReleased = Latch()
    val isClosing = CompletableDeferred<Unit>()
    val open = AtomicInteger()

    override fun openStream(family: ProtocolFamily): NonBlockingSocket {
        val socket = inner.openStream(family)
        val isOpen = AtomicBoolean(true)
        open.incrementAndGet()
        return object : NonBlockingSocket by socket {
            override fun close() {
                socket.close()
                if (isOpen.getAndSet(false)) open.decrementAndGet()
                isClosing.complete(Unit)
            }

            override fun released() = isReleased
        }
    }
}
