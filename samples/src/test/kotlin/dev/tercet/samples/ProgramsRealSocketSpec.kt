package dev.tercet.samples

import dev.tercet.ConnectFailedException
import dev.tercet.ServeReport
import dev.tercet.TooSlowException
import dev.tercet.coroutines.*
import dev.tercet.coroutines.testing.*
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.testing.simulation.SimulatedNetwork
import dev.tercet.testing.simulation.Simulation
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.ConnectException
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.tercet.blocking.Net as BlockingNet

/** The programs of the API's design, numbered as there, that are no samples. */
class ProgramsRealSocketSpec :
    FunSpec({
        /** An IPv6 address that does not answer, and an IPv4 one. */
        fun SimulatedNetwork.example(ipv4: ConnectAnswer) {
            names().set("example.com", "2001:db8::1", "192.0.2.1")
            onConnect("2001:db8::1", ConnectAnswer.fail(ConnectException("no route")).after(Duration.ofMillis(400)))
            onConnect("192.0.2.1", ipv4.after(Duration.ofMillis(100)))
        }

        suspend fun race(print: (Any?) -> Unit) = try {
            openTcpStream("example.com", 443, happyEyeballsDelay = 250.milliseconds, onReport = print).close()
        } catch (e: ConnectFailedException) {
            for (attempt in e.report().attempts()) print("${attempt.address()} ${attempt.outcome()} ${attempt.error()?.message}")
        }

        val won =
            """
            connect to example.com port 443: connected to 192.0.2.1 after 350.0 ms (lookup 0.0 ms)
              2001:db8::1: abandoned, 0.0 ms to 350.0 ms
              192.0.2.1: won, 250.0 ms to 350.0 ms
            """.trimIndent()

        /** Without the reasons for the order, which are another test's. */
        fun withoutReasons(report: String) = report.replace(Regex(" \\((?!lookup).*\\)"), "")

        test("program 8 in Kotlin: happy eyeballs, and what happened") {
            runIoTest {
                network.example(ConnectAnswer.accept())
                val printed = mutableListOf<String>()
                race { printed += it.toString() }
                printed.map(::withoutReasons) shouldBe listOf(won)
            }
            runIoTest {
                network.example(ConnectAnswer.refuse())
                val printed = mutableListOf<String>()
                race { printed += it.toString() }
                printed.drop(1).map { it.substringBefore(" FAILED") } shouldBe listOf("/[2001:db8:0:0:0:0:0:1]:443", "/192.0.2.1:443")
                printed.first().lines().first() shouldBe "connect to example.com port 443: failed after 400.0 ms (lookup 0.0 ms)"
            }
        }

        test("program 8 in Java: happy eyeballs, and what happened") {
            Simulation.run(1) { sim ->
                sim.network().example(ConnectAnswer.accept())
                JavaPrograms.race(sim.network()).map(::withoutReasons) shouldBe listOf(won, "connected to /192.0.2.1:443")
            }
            Simulation.run(1) { sim ->
                sim.network().example(ConnectAnswer.refuse())
                val printed = JavaPrograms.race(sim.network())
                printed.drop(1).map { it.substringBefore(", ") } shouldBe listOf("2001:db8::1: failed", "192.0.2.1: failed")
            }
        }

        test("program 10 in Kotlin: start a server and know that it listens") {
            runOnLoop {
                nursery {
                    val listeners = start { status -> serveTcp(port = 0, taskStatus = status) { echo(it) } }
                    openTcpStream("localhost", listeners.single().port).use {
                        it.sendAll("GET / HTTP/1.0\r\n\r\n".encodeToByteArray())
                        it.sendEof()
                        BufferedReceiveStream(it).receiveLine() shouldBe "GET / HTTP/1.0"
                    }
                    cancelChildren()
                }
            }
        }

        test("program 10 in Java: start a server and know that it listens") {
            JavaPrograms.startServer() shouldBe "GET / HTTP/1.0\r\n\r\n"
        }

        test("program 1 in Java, the end of it: a stop lets the connection finish") {
            JavaPrograms.stopServer() shouldBe ServeReport(1, 1, 0, 0)
        }

        test("program 11 in Kotlin: moveOnAfter tells that it moved on, failAfter fails") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                left.use {
                    right.use {
                        // How long it takes until the buffers are full is the machine's.
                        while (!moveOnAfter(50.milliseconds) { left.waitSendAllMightNotBlock() }) {
                            moveOnAfter(50.milliseconds) { while (true) left.sendAll(ByteArray(65_536)) } shouldBe true
                        }
                        shouldThrow<TooSlowException> { failAfter(50.milliseconds) { left.receiveSome(100) } }
                        right.sendAll(byteArrayOf(1))
                        failAfter(30.seconds) { left.receiveSome(100) } shouldBe byteArrayOf(1)
                    }
                }
            }
        }

        test("program 11 in Java: moveOnAfter tells that it moved on, failAfter fails") {
            val pair = BlockingNet.socketStreamPair()
            pair.left().use { left ->
                pair.right().use { right ->
                    JavaPrograms.isSlow(left) shouldBe false
                    shouldThrow<TooSlowException> { JavaPrograms.receiveWithin(Duration.ofMillis(50), left) }
                    right.sendAll(byteArrayOf(1))
                    JavaPrograms.receiveWithin(Duration.ofSeconds(30), left) shouldBe byteArrayOf(1)
                }
            }
        }

        test("program 12 in Kotlin: a stream of one's own, proved by the battery") {
            fun rot13(pair: Pair<Stream, Stream>) = Rot13Stream(pair.first) to Rot13Stream(pair.second)
            checkTwoWayStream({ rot13(memoryStreamPair()) }, cloggedMaker = { rot13(lockstepStreamPair()) })
        }

        test("program 12 rotates") {
            val (left, right) = memoryStreamPair()
            Rot13Stream(left).sendAll("Hello".encodeToByteArray())
            right.receiveSome(10).decodeToString() shouldBe "Uryyb"
        }
    })
