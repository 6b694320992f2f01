package dev.tercet.coroutines.testing

import dev.tercet.AddressText
import dev.tercet.BrokenResourceException
import dev.tercet.ConnectAttempt
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.OnHandlerError
import dev.tercet.TooSlowException
import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.internal.nio.Addresses
import dev.tercet.testing.certificates.TestCa
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.tls.RaceThrough
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsIdentity
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineScope
import java.time.Duration
import javax.net.ssl.SSLException
import kotlin.time.Duration.Companion.milliseconds

/** A race through the handshake, in virtual time, and on a loop. Java's twin is `RaceThroughTlsTest`. */
class RaceThroughTlsSpec :
    FunSpec({
        val ca = TestCa.create()
        val trusting = TlsConfig(ca.trust())
        val latency = Duration.ofMillis(10)

        suspend fun CoroutineScope.serve(host: String, identity: TlsIdentity, port: Int = 443): Int = start { status ->
            serveTlsOverTcp(port, TlsServerConfig(identity), host, onHandlerError = OnHandlerError { _, _ -> }, taskStatus = status) {
                it.use { stream -> stream.sendAll(stream.receiveSome(100)) }
            }
        }.single().let { (it.transportListener as SocketListener).port }

        suspend fun open(config: TlsConfig, report: (ConnectReport) -> Unit = {}): TlsStream<SocketStream> =
            openTlsOverTcpStream("server.test", 443, config, onReport = report, raceThrough = RaceThrough.HANDSHAKE)

        for (version in TlsVersion.entries) {
            test("IO-HV12 an address that connects and then says nothing gives way to the next ($version)") {
                runIoTest(1) {
                    network.setLatency(latency)
                    dns.set("server.test", "192.0.2.1", "192.0.2.2")
                    network.onConnect("192.0.2.1", ConnectAnswer.accept().after(latency))
                    lateinit var report: ConnectReport
                    nursery {
                        serve("192.0.2.2", ca.issue("server.test"))
                        open(TlsConfig(ca.trust(), versions = setOf(version))) { report = it }.use { client ->
                            client.info.version shouldBe version.protocolName()
                            AddressText.of(client.transportStream.remoteAddress) shouldBe "192.0.2.2:443"
                            client.sendAll("hello".encodeToByteArray())
                            client.receiveSome(100).decodeToString() shouldBe "hello"
                        }
                        cancelChildren()
                    }
                    report.attempts()[0].outcome() shouldBe ConnectAttempt.Outcome.ABANDONED
                    report.attempts()[1].started() shouldBe Duration.ofMillis(250)
                    report.attempts()[1].ended() shouldBe Duration.ofMillis(if (version == TlsVersion.TLS_1_3) 290 else 310)
                    network.peers().first().received().size shouldBeGreaterThan 100
                    network.trace().assertNothingOpen()
                }
            }
        }

        test("IO-HV12 another server's certificate is a failed attempt, and the next is begun") {
            runIoTest(1) {
                network.setLatency(latency)
                dns.set("server.test", "192.0.2.1", "192.0.2.2")
                lateinit var report: ConnectReport
                nursery {
                    serve("192.0.2.1", ca.issue("other.test"))
                    serve("192.0.2.2", ca.issue("server.test"))
                    open(trusting) { report = it }.use { AddressText.of(it.transportStream.remoteAddress) shouldBe "192.0.2.2:443" }
                    cancelChildren()
                }
                report.attempts().map { it.outcome() } shouldBe listOf(ConnectAttempt.Outcome.FAILED, ConnectAttempt.Outcome.WON)
                report.attempts()[1].started() shouldBe Duration.ofMillis(40)
                report.attempts()[0].error().shouldBeInstanceOf<BrokenResourceException>()
            }
        }

        test("IO-HV12 when no handshake succeeds, each says why") {
            runIoTest(1) {
                dns.set("server.test", "192.0.2.1", "192.0.2.2")
                network.onConnect("192.0.2.2", ConnectAnswer.refuse())
                nursery {
                    serve("192.0.2.1", ca.issue("other.test"))
                    val failure = shouldThrow<ConnectFailedException> { open(trusting) }
                    failure.suppressed.size shouldBe 2
                    generateSequence(failure.suppressed.first()) { it.cause }.any { it is SSLException } shouldBe true
                    cancelChildren()
                }
            }
        }

        test("IO-HV12 TLS-B18 a handshake that takes longer than its limit is a failed attempt") {
            runIoTest(1) {
                network.setLatency(latency)
                dns.set("server.test", "192.0.2.1")
                network.onConnect("192.0.2.1", ConnectAnswer.accept().after(latency))
                lateinit var report: ConnectReport
                val limited = trusting.withHandshakeTimeout(Duration.ofSeconds(1))
                val failure = shouldThrow<ConnectFailedException> { open(limited) { report = it } }
                failure.suppressed.first().cause.shouldBeInstanceOf<TooSlowException>()
                report.attempts()[0].ended() shouldBe Duration.ofSeconds(1).plus(latency)
                network.trace().assertNothingOpen()
            }
        }

        test("IO-HE14 IO-HV12 given up at any millisecond, it leaves nothing open") {
            for (millis in 0..320 step 7) {
                runIoTest(1) {
                    network.setLatency(latency)
                    dns.set("server.test", "192.0.2.1", "192.0.2.2")
                    network.onConnect("192.0.2.1", ConnectAnswer.accept().after(latency))
                    nursery {
                        serve("192.0.2.2", ca.issue("server.test"))
                        val isOver = moveOnAfter(millis.milliseconds) { open(trusting).close() }
                        withClue("$millis ms") { isOver shouldBe (millis < 290) }
                        cancelChildren()
                    }
                    network.trace().assertNothingOpen()
                }
            }
        }

        test("IO-HV12 on the thread of a loop the engine works elsewhere, and the race goes on") {
            runOnLoop {
                nursery {
                    val port = serve("127.0.0.1", ca.issue("localhost"), port = 0)
                    for (version in TlsVersion.entries) {
                        val config = TlsConfig(ca.trust(), versions = setOf(version))
                        openTlsOverTcpStream("localhost", port, config, raceThrough = RaceThrough.HANDSHAKE).use { client ->
                            client.info.version shouldBe version.protocolName()
                            client.sendAll("hello".encodeToByteArray())
                            client.receiveSome(100).decodeToString() shouldBe "hello"
                        }
                    }
                    cancelChildren()
                }
            }
        }
    })
