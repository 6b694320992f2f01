package dev.tercet.coroutines.testing

import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.use
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.testing.simulation.NameAnswer
import dev.tercet.testing.simulation.NetworkEvent.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.ConnectException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class RunIoTestSpec :
    FunSpec({
        fun turns(seed: Long): List<String> {
            val record = mutableListOf<String>()
            runIoTest(seed) {
                for (name in listOf("a", "b", "c")) {
                    launch {
                        repeat(3) {
                            record += "$name$it"
                            yield()
                        }
                    }
                }
            }
            return record
        }

        test("KIT-J7 the seed decides who runs, and the same seed decides the same") {
            val orders = (1L..100L).map { turns(it) }
            orders.toSet() shouldHaveAtLeastSize 50
            (1L..100L).map { turns(it) } shouldBe orders
        }
        test("KIT-J6 KIT-J7 delays and timeouts stay virtual under the shuffled dispatcher") {
            runIoTest {
                now shouldBe Duration.ZERO
                delay(1.hours)
                now shouldBe 1.hours
                withTimeoutOrNull(5.seconds) { Channel<Int>().receive() } shouldBe null
                now shouldBe 1.hours + 5.seconds
                shouldThrow<dev.tercet.TooSlowException> { failAfter(1.seconds) { delay(2.seconds) } }
            }
        }
        for (parallel in listOf(false, true)) {
            test("KIT-J11 a deadlock is reported with where each coroutine is, parallel: $parallel") {
                val failure =
                    shouldThrow<AssertionError> {
                        runIoTest(42, parallel = parallel) {
                            val never = Channel<Int>()
                            delay(1.seconds)
                            launch(CoroutineName("reader")) { never.receive() }
                            never.receive()
                        }
                    }
                failure.message!! shouldStartWith "deadlock at 1 s: everybody waits, and not for a time"
                failure.message!! shouldContain "reader waits\n  at dev.tercet.coroutines.testing.RunIoTestSpec"
                failure.suppressed.last().message!! shouldContain "seed 42"
            }
        }
        test("KIT-R1 a failure keeps its type and tells the seed and the trace") {
            val failure =
                shouldThrow<IOException> {
                    runIoTest(42) {
                        network.onConnect("192.0.2.1", ConnectAnswer.accept())
                        openTcpStream("192.0.2.1", 80).close()
                        throw IOException("of the body")
                    }
                }
            failure.suppressed.last().message!! shouldContain "seed 42"
            failure.suppressed.last().message!! shouldContain "#1 ESTABLISHED 192.0.2.1:80"
        }
        test("KIT-N5 a connect is answered exactly when the test says") {
            runIoTest {
                dns.set("example.com", NameAnswer.of("192.0.2.1").after(23.milliseconds))
                network.onConnect("192.0.2.1", ConnectAnswer.accept().after(100.milliseconds))
                openTcpStream("example.com", 443).use { now shouldBe 123.milliseconds }
                network.onConnect("192.0.2.1", 80, ConnectAnswer.refuse().after(1.seconds))
                val failure = shouldThrow<ConnectException> { openTcpStream("192.0.2.1", 80) }
                failure.suppressed.single().message shouldBe "Error connecting to 192.0.2.1:80: Connection refused (after 1000.0 ms)"
                now shouldBe 123.milliseconds + 1.seconds
                network.onConnect("192.0.2.1", 81, ConnectAnswer.hang())
                withTimeoutOrNull(3.seconds) { openTcpStream("192.0.2.1", 81) } shouldBe null
                now shouldBe 123.milliseconds + 4.seconds
                network.trace().assertNothingOpen()
                dns.queries().map { it.host } shouldBe listOf("example.com")
            }
        }
        test("KIT-J1 between two milliseconds things happen at the next one, in their order") {
            runIoTest {
                network.setLatency(300.microseconds)
                val listener = openTcpListeners(80, host = "192.0.2.1").single()
                val stream = openTcpStream("192.0.2.1", 80)
                // Of the two ways each takes a millisecond of its own: the answer leaves when the question is there.
                now shouldBe 2.milliseconds
                val accepted = listener.accept()
                stream.sendAll(byteArrayOf(1))
                stream.sendAll(byteArrayOf(2))
                stream.close()
                mustReceive(accepted, "\u0001\u0002")
                mustBeAtEnd(accepted)
                accepted.close()
                listener.close()
                network.trace().assertNothingOpen()
            }
        }
        test("KIT-J2 waitAllTasksBlocked lets everything happen that is due now, and no time pass") {
            runIoTest {
                val record = mutableListOf<String>()
                launch {
                    repeat(20) { yield() }
                    record += "ran"
                    delay(1.milliseconds)
                    record += "later"
                }
                waitAllTasksBlocked()
                record shouldBe listOf("ran")
            }
        }
        test("KIT-J1 what is still to happen on the network does not keep a test going, and neither does the background") {
            runIoTest {
                network.setLatency(1.hours)
                backgroundScope.launch { delay(Duration.INFINITE) }
                backgroundScope.launch { openTcpStream("192.0.2.1", 80) }
                delay(1.seconds)
                network.trace().events(Kind.CONNECT).size shouldBe 1
            }
        }
        test("KIT-J5 IO-X3 serveTcp serves on the simulated network in virtual time") {
            runIoTest {
                network.setLatency(10.milliseconds)
                val server =
                    launch {
                        serveTcp(7000) { stream -> stream.use { it.sendAll("hello".encodeToByteArray()) } }
                    }
                waitAllTasksBlocked()
                openTcpStream("localhost", 7000).use {
                    mustReceive(it, "hello")
                    now shouldBe 40.milliseconds
                    mustBeAtEnd(it)
                }
                server.cancel()
                server.join()
                network.trace().assertNothingOpen()
            }
        }
    })
