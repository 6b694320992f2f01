package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.DtlsEndpoint
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.start
import dev.tercet.coroutines.testing.DtlsPlay.ask
import dev.tercet.coroutines.testing.DtlsPlay.dial
import dev.tercet.coroutines.testing.DtlsPlay.endpoint
import dev.tercet.coroutines.testing.DtlsPlay.hear
import dev.tercet.coroutines.testing.DtlsPlay.isAtItsEnd
import dev.tercet.coroutines.testing.DtlsPlay.local
import dev.tercet.coroutines.testing.DtlsPlay.say
import dev.tercet.coroutines.testing.DtlsPlay.serve
import dev.tercet.coroutines.use
import dev.tercet.testing.RawDtls
import dev.tercet.testing.simulation.Packet
import dev.tercet.testing.simulation.Router
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsLimits
import dev.tercet.tls.NeedHandshakeException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.nio.ByteBuffer
import java.security.cert.CertificateException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Endpoint and channel for coroutines, in virtual time; the twin is DtlsEndpointTest. */
class DtlsEndpointSpec :
    FunSpec({
        fun conversation(handler: suspend (DtlsChannel) -> Unit, body: suspend IoTestScope.(DtlsEndpoint, DtlsEndpoint) -> Unit) =
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    endpoint("192.0.2.2").use { client ->
                        serve(backgroundScope, server, handler)
                        body(server, client)
                    }
                }
                network.trace().assertNothingOpen()
            }

        /** A server that echoes, and a client's endpoint. */
        fun conversation(body: suspend IoTestScope.(DtlsEndpoint, DtlsEndpoint) -> Unit) = conversation(DtlsPlay::echo, body)

        test("DTLS-K1 handshake, echo twice, no empty message, and the MTU of what is sent") {
            conversation { server, client ->
                network.setLatency(java.time.Duration.ofMillis(10))
                val channel = dial(client, server)
                shouldThrow<NeedHandshakeException> { channel.getCleartextMtu() }
                shouldThrow<NeedHandshakeException> { channel.info }
                channel.doHandshake()
                now shouldBe 60.milliseconds
                channel.ask("hello") shouldBe "hello"
                channel.ask("again") shouldBe "again"
                shouldThrow<IllegalArgumentException> { channel.send(ByteArray(0)) }
                shouldThrow<IllegalArgumentException> { channel.send(ByteArray(16_385)) }.message shouldContain "16385"
                val first = channel.getCleartextMtu()
                channel.setCiphertextMtu(1100)
                channel.getCleartextMtu() shouldBe first - 372
                channel.info.version shouldBe "DTLSv1.2"
                channel.endpoint shouldBe client
                channel.peerAddress shouldBe local(server)
            }
        }

        for (number in listOf((1L shl 48) - 1, (1L shl 48) - 4)) {
            test("DTLS-C17 a hello with record number $number begins nothing, and nothing stops for it") {
                conversation { server, client ->
                    dial(client, server).ask("before") shouldBe "before"
                    val stranger = InetSocketAddress(InetAddress.getByName("192.0.2.9"), 9)
                    val answers = mutableListOf<ByteArray>()
                    val open = network.router()
                    network.setRouter { packet ->
                        if (packet.destination() == stranger) answers.add(packet.payload()) else open.route(packet)
                    }
                    val random = ByteArray(32)
                    network.deliverPacket(Packet.of(stranger, local(server), RawDtls.hello(random, ByteArray(0), number, 0)))
                    delay(1.seconds)
                    val cookie = RawDtls.cookieOf(answers.single())
                    network.deliverPacket(Packet.of(stranger, local(server), RawDtls.hello(random, cookie, number, 1)))
                    delay(2.minutes)
                    answers.size shouldBe 1
                    server.statistics().halfOpen() shouldBe 0
                    dial(client, server).ask("after") shouldBe "after"
                }
            }
        }

        test("IO-SV4 a handshake that fails ends its channel and not the server") {
            runIoTest {
                val server = endpoint("192.0.2.1", 4433)
                val client = endpoint("192.0.2.2")
                val stop = StopSignal()
                val serving = async { server.serve(DtlsPlay.server, stop = stop, drain = 1.seconds) { DtlsPlay.echo(it) } }
                testScheduler.runCurrent()
                val distrusting = client.connect(local(server), DtlsPlay.NAME, DtlsConfig.DEFAULT)
                shouldThrow<BrokenResourceException> { distrusting.doHandshake() }
                dial(client, server).ask("hello") shouldBe "hello"
                stop.stop()
                serving.await() shouldBe ServeReport(2, 0, 1, 1)
                client.close()
                server.close()
            }
        }

        test("DTLS-B10 the handler of a peer that has vanished is cancelled, others go on") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    val ended = mutableListOf<String>()
                    backgroundScope.start<DtlsEndpoint> { status ->
                        server.serve(
                            DtlsPlay.server,
                            onHandlerError = DtlsPlay.lenient,
                            idleTimeout = 20.seconds,
                            taskStatus = status,
                        ) { channel ->
                            try {
                                if (channel.hear() == "push") {
                                    while (true) {
                                        channel.say("news")
                                        delay(1.seconds)
                                    }
                                }
                                DtlsPlay.echo(channel)
                            } finally {
                                ended.add("${channel.peerAddress.port} at $now")
                            }
                        }
                    }
                    endpoint("192.0.2.2", 2).use { lively ->
                        val talk = dial(lively, server)
                        talk.say("echo")
                        endpoint("192.0.2.3", 3).use { dial(it, server).say("echo") }
                        endpoint("192.0.2.4", 4).use { dial(it, server).say("push") }
                        repeat(6) {
                            talk.ask("x") shouldBe "x"
                            delay(10.seconds)
                        }
                        ended shouldContainExactlyInAnyOrder listOf("3 at 25s", "4 at 25s")
                        server.statistics().established() shouldBe 1
                    }
                }
            }
        }

        test("DTLS-L20 one address has its share of the handshakes, and others are served at once") {
            runIoTest {
                val socket = UdpSocket.bind("192.0.2.1", 4433)
                DtlsEndpoint(socket, limits = DtlsLimits.DEFAULT.withMaxHalfOpen(40)).use { server ->
                    serve(backgroundScope, server)
                    endpoint("192.0.2.2").use { client ->
                        val open = network.router()
                        val cookies = mutableMapOf<InetSocketAddress, ByteArray>()
                        network.setRouter { packet ->
                            val to = packet.destination()
                            if (to.port >= 1000 &&
                                to.port < 1060
                            ) {
                                cookies.putIfAbsent(to, RawDtls.cookieOf(packet.payload()))
                            } else {
                                open.route(packet)
                            }
                        }
                        val from = List(60) { InetSocketAddress(InetAddress.getByName("192.0.2.9"), 1000 + it) }
                        val random = ByteArray(32)
                        from.forEach { network.deliverPacket(Packet.of(it, local(server), RawDtls.hello(random, ByteArray(0), 0, 0))) }
                        delay(1.milliseconds)
                        from.forEach {
                            network.deliverPacket(Packet.of(it, local(server), RawDtls.hello(random, cookies.getValue(it), 1, 1)))
                        }
                        delay(1.milliseconds)
                        server.statistics().halfOpen() shouldBe 16
                        dial(client, server).ask("x") shouldBe "x"
                        now shouldBe 2.milliseconds
                        delay(2.minutes)
                        server.statistics().halfOpen() shouldBe 0
                    }
                }
            }
        }

        test("DTLS-K3 DTLS-D1 connect sends nothing, and the first message does the handshake") {
            conversation { server, client ->
                val channel = dial(client, server)
                delay(10.seconds)
                client.statistics().datagramsOut() shouldBe 0
                channel.ask("hello") shouldBe "hello"
            }
        }

        test("DTLS-K4 DTLS-D5 DTLS-G8 many ask for the handshake at once: there is one") {
            conversation { server, client ->
                val channel = dial(client, server)
                val shaken = List(3) { async { channel.doHandshake() } }
                launch { channel.say("hello") }
                channel.hear() shouldBe "hello"
                shaken.forEach { it.await() }
                server.statistics().accepted() shouldBe 1
            }
        }

        test("DTLS-K5 DTLS-I1 DTLS-I2 a closed channel is closed for all; closing twice is nothing") {
            conversation { server, client ->
                val channel = dial(client, server)
                channel.doHandshake()
                launch {
                    delay(1.seconds)
                    channel.close()
                }
                shouldThrow<ClosedResourceException> { channel.receive() }
                now shouldBe 1.seconds
                shouldThrow<ClosedResourceException> { channel.say("x") }
                shouldThrow<ClosedResourceException> { channel.doHandshake() }
                channel.close()
                channel.closeForcefully()
                dial(client, server).ask("next") shouldBe "next"
            }
        }

        test("DTLS-K6 DTLS-B1 DTLS-A14 the endpoint's close ends serve without an error, when the last handler has ended") {
            runIoTest {
                val server = endpoint("192.0.2.1", 4433)
                val serving = async {
                    server.serve(DtlsPlay.server, onHandlerError = DtlsPlay.lenient) {
                        it.say("here")
                        delay(5.seconds)
                    }
                }
                endpoint("192.0.2.2").use { client -> dial(client, server).hear() shouldBe "here" }
                server.close()
                server.close()
                serving.await() shouldBe ServeReport(1, 1, 0, 0)
                now shouldBe 5.seconds
                network.trace().assertNothingOpen()
            }
        }

        test("DTLS-K7 DTLS-A4 one client, two servers; afterwards everything is closed") {
            runIoTest {
                val client = endpoint("192.0.2.3")
                endpoint("192.0.2.1", 4433).use { one ->
                    endpoint("192.0.2.2", 4433).use { two ->
                        serve(backgroundScope, one) { it.say("one " + it.hear()) }
                        serve(backgroundScope, two) { it.say("two " + it.hear()) }
                        val channels = listOf(dial(client, one), dial(client, two))
                        channels.forEach { it.doHandshake() }
                        channels.reversed().forEach { it.say("x") }
                        channels.map { it.hear() } shouldContainExactlyInAnyOrder listOf("one x", "two x")
                        client.close()
                        channels.forEach { shouldThrow<ClosedResourceException> { it.receive() } }
                        shouldThrow<ClosedResourceException> { dial(client, one) }
                        shouldThrow<ClosedResourceException> { client.serve(DtlsPlay.server) { } }
                    }
                }
            }
        }

        test("DTLS-K9 DTLS-B3 one serves at a time, and after it another; DTLS-B4 bound only; a stop drains") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    endpoint("192.0.2.2").use { client ->
                        val stop = StopSignal()
                        val serving = async {
                            server.serve(DtlsPlay.server, onHandlerError = DtlsPlay.lenient, stop = stop, drain = 5.seconds) {
                                DtlsPlay.echo(it)
                            }
                        }
                        val first = dial(client, server)
                        first.ask("x") shouldBe "x"
                        shouldThrow<BusyResourceException> { server.serve(DtlsPlay.server) { } }
                        stop.stop()
                        delay(1.seconds)
                        // Its handler goes on, and so it is still the one that serves.
                        first.ask("y") shouldBe "y"
                        shouldThrow<BusyResourceException> { server.serve(DtlsPlay.server) { } }
                        serving.await() shouldBe ServeReport(1, 0, 0, 1)
                        now shouldBe 5.seconds
                        serve(backgroundScope, server)
                        dial(client, server).ask("z") shouldBe "z"
                    }
                }
                DtlsEndpoint(UdpSocket.open(StandardProtocolFamily.INET)).use { unbound ->
                    shouldThrow<IllegalStateException> { unbound.serve(DtlsPlay.server) { } }
                }
            }
        }

        test("DTLS-K10 DTLS-D6 who does not serve does not answer; the wait is the caller's, and its end changes nothing") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { silent ->
                    endpoint("192.0.2.2").use { client ->
                        val channel = client.connect(local(silent), DtlsPlay.NAME, DtlsPlay.client.withHandshakeTimeout(null))
                        moveOnAfter(100.seconds) { channel.doHandshake() } shouldBe true
                        now shouldBe 100.seconds
                        // DTLS-E2: at 0, 1, 3, 7, 15, 31 and 63 seconds.
                        client.statistics().datagramsOut() shouldBe 7
                        silent.statistics().datagramsOut() shouldBe 0
                        serve(backgroundScope, silent)
                        // DTLS-D7: it goes on where it was; the hellos still wait in the server's socket.
                        channel.doHandshake()
                        now shouldBe 100.seconds
                    }
                }
            }
        }

        test("DTLS-K11 DTLS-G5 DTLS-G6 the oldest messages are kept, the others dropped and counted") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    endpoint("192.0.2.2", incomingPacketsBuffer = 20).use { client ->
                        client.incomingPacketsBuffer shouldBe 20
                        serve(backgroundScope, server)
                        val channel = dial(client, server)
                        channel.doHandshake()
                        repeat(35) {
                            channel.say("$it")
                            delay(1.milliseconds)
                        }
                        channel.statistics().incomingPacketsDropped() shouldBe 15
                        List(20) { channel.hear() } shouldBe List(20) { "$it" }
                        channel.ask("more") shouldBe "more"
                    }
                }
            }
        }

        test("DTLS-K17 the first flight gets lost: the handshake takes exactly the first time-out") {
            for (timeout in listOf(1.seconds, 2.seconds, 4.seconds)) {
                conversation { server, client ->
                    var isFirst = true
                    router = Router { packet ->
                        if (isFirst) isFirst = false else network.deliverPacket(packet)
                    }
                    dial(client, server).doHandshake(timeout)
                    now shouldBe timeout
                }
            }
        }

        test("DTLS-G3 a receive that is cancelled loses nothing; neither does a short buffer") {
            conversation { server, client ->
                network.setLatency(java.time.Duration.ofMillis(500))
                val channel = dial(client, server)
                channel.say("hello")
                moveOnAfter(900.milliseconds) { channel.receive() } shouldBe true
                val small = ByteBuffer.allocate(4)
                shouldThrow<IllegalArgumentException> { channel.receive(small) }
                small.position() shouldBe 0
                val into = ByteBuffer.allocate(9)
                channel.receive(into) shouldBe 5
                into.position() shouldBe 5
            }
        }

        test("DTLS-I4 close_notify ends the channel: the end for who receives, Broken for who sends") {
            conversation({ channel ->
                channel.say("last")
                channel.close()
            }) { server, client ->
                val channel = dial(client, server)
                channel.doHandshake()
                delay(1.seconds)
                channel.hear() shouldBe "last"
                channel.isAtItsEnd() shouldBe true
                shouldThrow<BrokenResourceException> { channel.say("x") }
                server.statistics().established() shouldBe 0
            }
        }

        test("DTLS-L1 DTLS-D10 a server that is not believed fails the handshake at once, with the cause") {
            conversation { server, client ->
                val channel = client.connect(local(server), "another.test", DtlsPlay.client)
                val failure = shouldThrow<BrokenResourceException> { channel.doHandshake() }
                generateSequence<Throwable>(failure) {
                    it.cause
                }.last { it is CertificateException }.shouldBeInstanceOf<CertificateException>()
                now shouldBe Duration.ZERO
            }
        }

        test("DTLS-B5 a handler's failure ends serve, which cancels the others; the peers are told nothing") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    endpoint("192.0.2.2").use { client ->
                        val failure = shouldThrow<IllegalStateException> {
                            nursery {
                                start<DtlsEndpoint> { status ->
                                    server.serve(DtlsPlay.server, taskStatus = status) { channel ->
                                        if (channel.hear() == "fail") error("a handler") else delay(100.seconds)
                                    }
                                }
                                dial(client, server).say("wait")
                                delay(1.seconds)
                                endpoint("192.0.2.3").use { other ->
                                    dial(other, server).say("fail")
                                    delay(1.seconds)
                                }
                                cancelChildren()
                            }
                        }
                        failure.message shouldBe "a handler"
                        now shouldBe 1.seconds
                        server.statistics().established() shouldBe 0
                    }
                }
            }
        }

        test("DTLS-B7 no more handlers at a time than serve was told; the next one begins when one ends") {
            runIoTest {
                endpoint("192.0.2.1", 4433).use { server ->
                    var running = 0
                    var most = 0
                    backgroundScope.start<DtlsEndpoint> { status ->
                        server.serve(
                            DtlsPlay.server,
                            maxConnections = 2,
                            onHandlerError = DtlsPlay.lenient,
                            taskStatus = status,
                        ) { channel ->
                            most = maxOf(most, ++running)
                            channel.doHandshake()
                            delay(1.seconds)
                            running--
                        }
                    }
                    nursery {
                        repeat(5) { number ->
                            launch { endpoint("192.0.2.${10 + number}").use { dial(it, server).doHandshake() } }
                        }
                    }
                    most shouldBe 2
                    server.statistics().accepted() shouldBe 5
                }
            }
        }

        test("DTLS-A1 the socket is the endpoint's; what connect refuses before anything is done") {
            conversation { server, client ->
                shouldThrow<BusyResourceException> { client.socket.receiveFrom(ByteBuffer.allocate(10)) }
                shouldThrow<BusyResourceException> { DtlsEndpoint(client.socket) }
                shouldThrow<IllegalArgumentException> { client.connect(local(server), null) }
                shouldThrow<IllegalArgumentException> { DtlsEndpoint(client.socket, incomingPacketsBuffer = 0) }
                val channel = dial(client, server)
                shouldThrow<IllegalArgumentException> { channel.doHandshake(Duration.ZERO) }
                shouldThrow<IllegalArgumentException> { channel.setCiphertextMtu(63) }
            }
        }
    })
