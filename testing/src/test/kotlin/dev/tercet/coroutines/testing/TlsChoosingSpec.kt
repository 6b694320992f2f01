package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooSlowException
import dev.tercet.coroutines.Listener
import dev.tercet.coroutines.StapledStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsListener
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.tls.ClientHello
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsEngineFactory
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsTruncatedException
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import java.io.IOException
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration
import dev.tercet.tls.TlsConfig as ClientConfig
import dev.tercet.tls.TlsServerConfig as ServerConfig

/** Servers that choose their configuration by the client's hello, suspending. Java's twin is `TlsChoosingTest`. */
@OptIn(ExperimentalCoroutinesApi::class)
class TlsChoosingSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-N2 a server chooses by the name that the client says, and is asked once ($version)") {
                runTest {
                    for (name in configs.keys) {
                        val hellos = mutableListOf<ClientHello>()
                        val ends =
                            Ends { hello ->
                                hellos += hello
                                byName(hello)
                            }
                        val client = ends.client(name, TlsPairs.client.withVersions(version).withAlpn("h2", "x"))
                        shouldThrow<NeedHandshakeException> { ends.server.info }
                        ends.server.serverHostname shouldBe null
                        coroutineScope {
                            launch { ends.server.receiveSome().decodeToString() shouldBe "hello" }
                            client.sendAll("hello".encodeToByteArray())
                        }
                        hellos shouldBe listOf(ClientHello(name, listOf("h2", "x"), listOf(version.protocolName())))
                        client.info.peerCertificates() shouldBe ends.server.info.localCertificates()
                        ends.server.serverHostname shouldBe name
                        ends.server.sendAll("bye".encodeToByteArray())
                        client.receiveSome().decodeToString() shouldBe "bye"
                    }
                }
            }
        }

        test("TLS-N2 nothing is asked, and nothing said, before the whole hello is there") {
            runTest {
                var asked = 0
                val ends =
                    Ends {
                        asked++
                        a
                    }
                val hello = hello("a.test")
                supervisorScope {
                    ends.client.sendAll(hello.copyOf(hello.size - 1))
                    val server = async { ends.server.doHandshake() }
                    testScheduler.runCurrent()
                    asked shouldBe 0
                    ends.client.sendAll(hello.copyOfRange(hello.size - 1, hello.size))
                    ends.client.receiveSome()[0] shouldBe 22
                    asked shouldBe 1
                    ends.client.closeForcefully()
                    shouldThrow<BrokenResourceException> { server.await() }
                }
            }
        }

        test("TLS-N2 TLS-N7 no configuration: unrecognized_name for the client, Broken for both") {
            runTest {
                val ends = Ends(::byName)
                supervisorScope {
                    val server = async { ends.server.doHandshake() }
                    ends.client("c.test").broken().reason() shouldContain "the peer sent the alert unrecognized_name"
                    val thrown = shouldThrow<BrokenResourceException> { server.await() }
                    thrown.reason() shouldBe "no server is chosen for the name \"c.test\""
                    thrown.cause.shouldBeInstanceOf<SSLException>()
                    ends.server.broken().reason() shouldBe thrown.reason()
                    ends.server.close()
                }
                val nameless = Ends(::byName)
                supervisorScope {
                    val server = async { nameless.server.doHandshake() }
                    nameless.client(null, TlsPairs.client.dangerouslyWithoutHostnameCheck()).broken()
                    shouldThrow<BrokenResourceException> { server.await() }.reason() shouldContain "has no server name (SNI)"
                }
            }
        }

        test("TLS-N2 a chooser that fails: internal_error for the client, its exception for us") {
            runTest {
                val failure = IOException("no database")
                val ends = Ends { throw failure }
                ends.client.sendAll(hello("a.test"))
                shouldThrow<IOException> { ends.server.doHandshake() } shouldBeSameInstanceAs failure
                ends.client.receiveSome() shouldBe alert(80)
                ends.server.broken().reason() shouldBe "choosing a configuration has failed"
                ends.server.close()
                ends.client.receiveSome().size shouldBe 0
            }
        }

        test("TLS-N2 a configuration that no engine can follow is a failure of the chooser") {
            runTest {
                val ends = Ends { ServerConfig.of { _, _, _ -> error("no engine today") } }
                ends.client.sendAll(hello("a.test"))
                shouldThrow<IllegalStateException> { ends.server.doHandshake() }
                ends.client.receiveSome() shouldBe alert(80)
                ends.server.broken()
            }
        }

        test("TLS-B5 TLS-B6 a cancellation in the chooser breaks the stream, for the others too") {
            runTest {
                val ends = Ends { awaitCancellation() }
                ends.client.sendAll(hello("a.test"))
                supervisorScope {
                    val first = async { ends.server.doHandshake() }
                    testScheduler.runCurrent()
                    val second = async { ends.server.receiveSome() }
                    testScheduler.runCurrent()
                    first.cancel()
                    shouldThrow<CancellationException> { first.await() }
                    shouldThrow<BrokenResourceException> { second.await() }
                }
                ends.server.broken()
            }
        }

        test("TLS-H3 a stream that was closed while it was being chosen for has no engine left") {
            runTest {
                var released = 0
                val counting =
                    object : TlsEngineFactory {
                        override fun create(role: TlsRole, host: String?, port: Int) = a.engineFactory().create(role, host, port)

                        override fun release(engine: SSLEngine) {
                            released++
                        }
                    }
                val chosen = ServerConfig.of(counting)
                val transports = memoryStreamPair()
                lateinit var server: TlsStream<*>
                server =
                    TlsStream.wrapChoosing(transports.second) {
                        server.closeForcefully()
                        chosen
                    }
                transports.first.sendAll(hello("a.test"))
                shouldThrow<ClosedResourceException> { server.doHandshake() }
                released shouldBe 1
            }
        }

        test("TLS-A6 TLS-G3 httpsCompatible is what the chosen configuration says, and counts") {
            runTest {
                val ends = Ends { a.withHttpsCompatible(true) }
                val client = ends.client("a.test")
                ends.server.httpsCompatible shouldBe false
                handshake(client, ends.server)
                ends.server.httpsCompatible shouldBe true
                client.closeForcefully()
                ends.server.receiveSome().size shouldBe 0
            }
        }

        test("TLS-O5 bytes that were received before wrapping count for the choice") {
            runTest {
                val transports = memoryStreamPair()
                coroutineScope {
                    launch { TlsStream.wrapClient(transports.first, "b.test", TlsPairs.client).doHandshake() }
                    val server = TlsStream.wrapChoosing(transports.second, transports.second.receiveSome(), ::byName)
                    server.doHandshake()
                    server.close()
                }
            }
        }

        test("TLS-R4 a client that sends its hello byte by byte is given up after ten seconds") {
            runTest {
                val ends = Ends(::byName)
                val hello = hello("a.test")
                val drip =
                    launch {
                        for (b in hello) {
                            delay(600.milliseconds)
                            ends.client.sendAll(byteArrayOf(b))
                        }
                    }
                val thrown = ends.server.broken()
                currentTime shouldBe 10_000
                thrown.reason() shouldBe "the ClientHello was not there within 10 s"
                thrown.cause.shouldBeInstanceOf<TooSlowException>()
                ends.server.broken().cause.shouldBeInstanceOf<TooSlowException>()
                drip.cancel()
            }
        }

        test("TLS-R4 TLS-B18 the limits are for the peer: the chooser's time is not its fault") {
            runTest {
                val ends =
                    Ends {
                        delay(5.minutes)
                        a.withHandshakeTimeout(7.seconds.toJavaDuration())
                    }
                ends.client.sendAll(hello("a.test"))
                ends.server.broken().reason() shouldBe "the TLS handshake was not finished within 7 s"
                currentTime shouldBe 307_000
            }
        }

        test("TLS-R4 TLS-B19 a hello of more than 64 KiB is refused, and the client told why") {
            runTest {
                val ends = Ends(::byName)
                // A message of 0xff00 bytes, of which each record has one.
                val message = byteArrayOf(1, 0, -1, 0) + ByteArray(11_700)
                ends.client.sendAll(message.flatMap { listOf<Byte>(22, 3, 1, 0, 1, it) }.toByteArray())
                ends.server.broken().reason() shouldBe "the peer's ClientHello is not whole within 65536 bytes"
                ends.client.receiveSome() shouldBe alert(47)
            }
        }

        test("TLS-B20 TLS-N2 plaintext and garbage are told apart, and from a broken hello") {
            runTest {
                val http = Ends(::byName)
                http.client.sendAll("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".encodeToByteArray())
                http.server.broken().reason() shouldContain "does not speak TLS, it sent \"GET / HTTP"
                http.server.close()
                http.client.receiveSome().size shouldBe 0

                val garbage = Ends(::byName)
                garbage.client.sendAll(byteArrayOf(-2, 1, 2, 3))
                garbage.server.broken().reason() shouldContain "no TLS at all (0xfe)"
                garbage.client.receiveSome() shouldBe alert(70)

                val damaged = Ends(::byName)
                damaged.client.sendAll(hello("a.test").also { it[5 + 4 + 2 + 32] = 77 })
                damaged.server.broken().reason() shouldContain "at byte 39: the id of the session has 0 to 32"
                damaged.client.receiveSome() shouldBe alert(50)

                val nothing = Ends(::byName)
                nothing.client.close()
                nothing.server.broken().cause.shouldBeInstanceOf<TlsTruncatedException>()
            }
        }

        test("TLS-N2 TLS-N8 TLS-P2 a server of many names renews a certificate while it runs") {
            runIoTest(1) {
                dns.set("a.test", "127.0.0.1")
                dns.set("b.test", "127.0.0.1")
                var isRenewed = false
                val renewed = TlsServerConfig(TlsPairs.ca.issue("a.test"))
                nursery {
                    start { status ->
                        serveTlsOverTcp(
                            443,
                            { hello ->
                                delay(3.seconds)
                                if (hello.serverName == "a.test" && isRenewed) renewed else byName(hello)
                            },
                            taskStatus = status,
                        ) { stream ->
                            stream.use {
                                while (true) {
                                    val data = it.receiveSome()
                                    if (data.isEmpty()) break
                                    it.sendAll(data)
                                }
                            }
                        }
                    }
                    val old = openTlsOverTcpStream("a.test", 443, TlsPairs.client)
                    val other = openTlsOverTcpStream("b.test", 443, TlsPairs.client)
                    old.talk()
                    other.talk()
                    isRenewed = true
                    val fresh = openTlsOverTcpStream("a.test", 443, TlsPairs.client)
                    fresh.talk()
                    old.talk()
                    fresh.info.peerCertificates() shouldNotBe old.info.peerCertificates()
                    old.close()
                    other.close()
                    fresh.close()
                    cancelChildren()
                }
            }
        }

        test("TLS-N8 a listener's supplier is asked for each connection: renewal without choice") {
            runTest {
                var asked = 0
                val renewed = TlsServerConfig(TlsPairs.ca.issue("a.test"))
                val pairs = List(2) { memoryStreamPair() }
                val listener = TlsListener(Accepting(pairs.map { it.second })) { if (++asked == 1) a else renewed }
                val first = TlsStream.wrapClient(pairs[0].first, "a.test", TlsPairs.client)
                val second = TlsStream.wrapClient(pairs[1].first, "a.test", TlsPairs.client)
                val firstServer = listener.accept()
                handshake(first, firstServer)
                handshake(second, listener.accept())
                asked shouldBe 2
                first.info.peerCertificates() shouldNotBe second.info.peerCertificates()
                first.sendAll("on".encodeToByteArray())
                firstServer.receiveSome().decodeToString() shouldBe "on"
            }
        }

        test("TLS-N8 TLS-P1 a supplier that throws fails its connection, and not the accepting") {
            runTest {
                val failures =
                    listOf(IllegalStateException("half a file"), NoClassDefFoundError("half a jar"), CancellationException("elsewhere"))
                for (failure in failures) {
                    val (left, right) = memoryStreamPair()
                    val listener = TlsListener(Accepting(listOf(right))) { throw failure }
                    val client = TlsStream.wrapClient(left, "a.test", TlsPairs.client)
                    val server = listener.accept()
                    val serving = async { runCatching { server.doHandshake() }.exceptionOrNull() }
                    shouldThrow<BrokenResourceException> { client.doHandshake() }.reason() shouldContain "the alert internal_error"
                    val thrown = serving.await()
                    if (failure is CancellationException) {
                        thrown.shouldBeInstanceOf<IllegalStateException>().cause shouldBe failure
                        (thrown is CancellationException) shouldBe false
                    } else {
                        thrown shouldBe failure
                    }
                }
            }
        }
    })

private val a = TlsServerConfig(TlsPairs.ca.issue("a.test"))
private val configs = mapOf("a.test" to a, "b.test" to TlsServerConfig(TlsPairs.ca.issue("b.test")))

private suspend fun byName(hello: ClientHello): ServerConfig? = configs[hello.serverName]

private fun alert(code: Int) = byteArrayOf(21, 3, 3, 0, 2, 2, code.toByte())

/** A client's memory stream, and a server above the other end. */
private class Ends(chooser: suspend (ClientHello) -> ServerConfig?) {
    private val transports = memoryStreamPair()
    val client: StapledStream<MemorySendStream, MemoryReceiveStream> = transports.first
    val server: TlsStream<*> = TlsStream.wrapChoosing(transports.second, chooser = chooser)

    fun client(name: String?, config: ClientConfig = TlsPairs.client): TlsStream<*> = TlsStream.wrapClient(client, name, config)
}

private class Accepting<T : Stream>(streams: List<T>) : Listener<T> {
    private val rest = streams.iterator()

    override suspend fun accept(): T = rest.next()

    override suspend fun close() {}

    override fun closeForcefully() {}
}

/** What a client of the JDK says first. */
private suspend fun hello(name: String): ByteArray = supervisorScope {
    val transports = memoryStreamPair()
    val client = async { TlsStream.wrapClient(transports.first, name, TlsPairs.client.withAlpn("h2")).doHandshake() }
    val hello = transports.second.receiveSome()
    transports.second.closeForcefully()
    shouldThrow<BrokenResourceException> { client.await() }
    hello
}

private suspend fun TlsStream<*>.broken(): BrokenResourceException = shouldThrow<BrokenResourceException> { doHandshake() }

private suspend fun TlsStream<*>.talk() {
    sendAll("hello".encodeToByteArray())
    receiveSome().decodeToString() shouldBe "hello"
}

private suspend fun handshake(client: TlsStream<*>, server: TlsStream<*>) {
    coroutineScope {
        launch { client.doHandshake() }
        server.doHandshake()
    }
}
