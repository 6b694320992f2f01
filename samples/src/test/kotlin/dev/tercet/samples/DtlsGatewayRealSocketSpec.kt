package dev.tercet.samples

import dev.tercet.EndOfChannelException
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.*
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsServerConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

class DtlsGatewayRealSocketSpec :
    FunSpec({
        val ca = TestCa.create()

        /** A service without encryption: it answers with what it got, and from where. */
        suspend fun UdpSocket.answerOnce(answer: (String) -> ByteArray) {
            val question = receiveFrom()
            sendTo(ByteBuffer.wrap(answer(question.data().decodeToString())), question.source())
        }

        suspend fun DtlsChannel.ask(question: String): String {
            send(question.encodeToByteArray())
            return receive().decodeToString()
        }

        fun gateway(
            name: String,
            body: suspend (backend: UdpSocket, port: Int, client: DtlsEndpoint, stop: suspend () -> ServeReport) -> Unit,
        ) = test(name) {
            onLoop {
                val stop = StopSignal()
                val report = CompletableDeferred<ServeReport>()
                val backend = UdpSocket.bind("127.0.0.1")
                val server = DtlsGateway(DtlsServerConfig(ca.issue("localhost")), checkNotNull(backend.localAddress))
                val endpoint = start<DtlsEndpoint> { status -> report.complete(server.serve(0, stop, status)) }
                DtlsEndpoint(UdpSocket.bind()).use { client ->
                    body(backend, checkNotNull(endpoint.socket.localAddress).port, client) {
                        stop.stop()
                        report.await()
                    }
                }
                backend.close()
            }
        }

        fun DtlsEndpoint.dial(port: Int) = connect(InetSocketAddress("127.0.0.1", port), "localhost", DtlsConfig(ca.trust()))

        gateway("each client gets its own answers, and close_notify when the gateway stops") { backend, port, client, stop ->
            DtlsEndpoint(UdpSocket.bind()).use { other ->
                val first = client.dial(port)
                val second = other.dial(port)
                first.send("one".encodeToByteArray())
                val one = backend.receiveFrom()
                second.send("two".encodeToByteArray())
                val two = backend.receiveFrom()
                backend.sendTo(ByteBuffer.wrap(two.data()), two.source())
                backend.sendTo(ByteBuffer.wrap(one.data()), one.source())
                first.receive().decodeToString() shouldBe "one"
                second.receive().decodeToString() shouldBe "two"
                stop() shouldBe ServeReport(2, 0, 0, 2)
                shouldThrow<EndOfChannelException> { first.receive() }
                shouldThrow<EndOfChannelException> { second.receive() }
            }
        }

        gateway("a client that ends ends its part") { backend, port, client, stop ->
            DtlsEndpoint(UdpSocket.bind()).use { other ->
                nursery {
                    startSoon { repeat(2) { backend.answerOnce { it.encodeToByteArray() } } }
                    val channel = client.dial(port)
                    channel.ask("hello") shouldBe "hello"
                    channel.close()
                    // The close_notify was received before this.
                    other.dial(port).ask("hello") shouldBe "hello"
                }
                stop() shouldBe ServeReport(2, 1, 0, 1)
            }
        }

        gateway("what does not fit into a datagram is lost, and so is what a closed port gets; the next goes through") {
                backend,
                port,
                client,
                _,
            ->
            val channel = client.dial(port)
            nursery {
                startSoon {
                    backend.answerOnce { ByteArray(20_000) }
                    backend.answerOnce { it.encodeToByteArray() }
                }
                channel.send("big".encodeToByteArray())
                channel.ask("small") shouldBe "small"
            }
            val address = checkNotNull(backend.localAddress)
            backend.close()
            repeat(3) { channel.send("lost".encodeToByteArray()) }
            UdpSocket.bind("127.0.0.1", address.port).use { again ->
                nursery {
                    startSoon { while (true) again.answerOnce { it.encodeToByteArray() } }
                    var answer = ""
                    while (answer != "back") {
                        // The system reports a closed port to a later call, which sends nothing then.
                        channel.send("back".encodeToByteArray())
                        moveOnAfter(100.milliseconds) { answer = channel.receive().decodeToString() }
                    }
                    end()
                }
            }
        }
    })
