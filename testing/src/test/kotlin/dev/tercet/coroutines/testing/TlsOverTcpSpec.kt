package dev.tercet.coroutines.testing

import dev.tercet.AddressText
import dev.tercet.ConnectReport
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.internal.nio.Addresses
import dev.tercet.support.Stress
import dev.tercet.testing.certificates.TestCa
import dev.tercet.testing.simulation.ConnectAnswer
import dev.tercet.tls.NeedHandshakeException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/** TLS over TCP, suspending, in virtual time. Java's twin is `TlsOverTcpTest`. */
class TlsOverTcpSpec :
    FunSpec({
        val ca = TestCa.create()
        val trusting = TlsConfig(ca.trust())

        test("TLS-Q1 TLS-Q4 the race is that of openTcpStream, with its options, and no byte is sent in it") {
            runIoTest(1) {
                dns.set("server.test", "192.0.2.1", "192.0.2.2")
                network.onConnect("192.0.2.1", ConnectAnswer.hang())
                network.onConnect("192.0.2.2", ConnectAnswer.accept().after(40.milliseconds.toJavaDuration()))
                val reports = mutableListOf<ConnectReport>()
                val client = openTlsOverTcpStream("server.test", 443, trusting, 700.milliseconds, onReport = { reports += it })
                now shouldBe 740.milliseconds
                AddressText.of(client.transportStream.remoteAddress) shouldBe "192.0.2.2:443"
                reports.single().attempts().map { it.started() } shouldBe listOf(0, 700).map { it.milliseconds.toJavaDuration() }
                shouldThrow<NeedHandshakeException> { client.info }
                network.peers().first().received().size shouldBe 0
                client.closeForcefully()
                network.trace().assertNothingOpen()
            }
        }

        test("TLS-Q5 a connect that is given up leaves nothing") {
            runIoTest(1) {
                dns.set("server.test", "192.0.2.1")
                network.onConnect("192.0.2.1", ConnectAnswer.hang())
                moveOnAfter(5.seconds) { openTlsOverTcpStream("server.test", 443, trusting) } shouldBe true
                now shouldBe 5.seconds
                network.trace().assertNothingOpen()
            }
        }

        test("TLS-Q7 TLS over TCP runs on a simulated network, and leaves nothing there") {
            val config = TlsServerConfig(ca.issue("server.test"))
            for (seed in Stress.seed(TlsOverTcpSpec::class.java, 1).let { it until it + Stress.rounds(5, 200) }) {
                runIoTest(seed) {
                    network.setLatency(10.milliseconds.toJavaDuration())
                    dns.set("server.test", "127.0.0.1")
                    nursery {
                        val listeners =
                            start { status ->
                                serveTlsOverTcp(443, config, taskStatus = status) { stream ->
                                    stream.use { it.sendAll(it.receiveSome(100)) }
                                }
                            }
                        listeners shouldHaveSize 1
                        openTlsOverTcpStream("server.test", 443, trusting).use { client ->
                            client.sendAll("hello".encodeToByteArray())
                            client.receiveSome(100).decodeToString() shouldBe "hello"
                            client.receiveSome(100).size shouldBe 0
                        }
                        cancelChildren()
                    }
                    network.trace().assertNothingOpen()
                }
            }
        }
    })
