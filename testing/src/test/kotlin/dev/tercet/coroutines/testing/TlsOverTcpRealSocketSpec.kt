package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.OnHandlerError
import dev.tercet.Resolver
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.Listener
import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsListener
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openTlsOverTcpListeners
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.coroutines.withNetwork
import dev.tercet.internal.loop.LoopThread
import dev.tercet.loop.EventLoop
import dev.tercet.support.ClosedPort
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsEngineFactory
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsTruncatedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecRootScope
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.net.BindException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLException
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.tercet.tls.TlsConfig as ClientConfig
import dev.tercet.tls.TlsServerConfig as ServerConfig

private const val V4 = "127.0.0.1"
private val ca = TestCa.create()
private val trusting = TlsConfig(trust = ca.trust())

/** Of a server that is called by its name only. */
private val named = TlsServerConfig(ca.issue("server.test"))

/** The names of these tests; they are not in DNS. */
private val names: Resolver =
    Resolver.fixed(
        mapOf("server.test" to addresses(V4), "wrong.test" to addresses(V4), "two.test" to addresses(V4, "127.0.0.2")),
    )

private fun addresses(vararg literals: String): List<InetAddress> = literals.map { InetAddress.getByName(it) }

/** On an event loop, where the handshake's computations go elsewhere, and on `Dispatchers.Default`. */
private fun FunSpecRootScope.onLoopAndOff(name: String, body: suspend CoroutineScope.() -> Unit) {
    test("$name [loop]") {
        withContext(Dispatchers.IO) {
            EventLoop.open("test", 2).use { loop ->
                runOnLoop(loop) { withNetwork(loop.network().withResolver(names)) { withTimeout(60.seconds, body) } }
            }
        }
    }
    test("$name [Default]") {
        withContext(Dispatchers.Default) {
            withNetwork(EventLoop.shared().network().withResolver(names)) { withTimeout(60.seconds, body) }
        }
    }
}

private suspend fun listen(): SocketListener = openTcpListeners(0, V4).single()

private suspend fun echo(stream: TlsStream<SocketStream>) {
    val buffer = ByteBuffer.allocate(8192)
    while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
}

private suspend fun echoAndClose(stream: TlsStream<SocketStream>) = stream.use { echo(it) }

private suspend fun conversation(client: TlsStream<SocketStream>): String = client.use {
    it.sendAll("hello".encodeToByteArray())
    it.receiveSome(100).decodeToString()
}

/** A server that is there for as long as [clients] run. */
private suspend fun serving(
    config: ServerConfig,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    handler: suspend (TlsStream<SocketStream>) -> Unit,
    clients: suspend (port: Int) -> Unit,
) {
    nursery {
        val listeners =
            start { status -> serveTlsOverTcp(0, config, V4, onHandlerError = onHandlerError, taskStatus = status, handler = handler) }
        clients(listeners.single().port)
        cancelChildren()
    }
}

/** Below TLS, maybe after an alert. */
private suspend fun receiveEnd(stream: SocketStream) {
    try {
        while (stream.receiveSome(100).isNotEmpty()) continue
    } catch (_: BrokenResourceException) {
        // As good an end.
    }
}

private suspend fun sayNonsense(client: SocketStream) = client.use {
    it.sendAll("GET / HTTP/1.0\r\n\r\n".encodeToByteArray())
    receiveEnd(it)
}

/** Counts engines in and out. */
private class CountingEngines(private val inner: TlsEngineFactory) : TlsEngineFactory {
    val made = AtomicInteger()
    val released = AtomicInteger()

    override fun create(role: TlsRole, host: String?, port: Int): SSLEngine {
        made.incrementAndGet()
        return inner.create(role, host, port)
    }

    override fun release(engine: SSLEngine) {
        released.incrementAndGet()
    }
}

/** TLS over TCP, suspending. Java's twin is `TlsOverTcpRealSocketTest`. */
class TlsOverTcpRealSocketSpec :
    FunSpec({
        onLoopAndOff("TLS-Q1 a client races, is wrapped for the host, and has said nothing when it is returned") {
            val reports = mutableListOf<ConnectReport>()
            val config = trusting.withHttpsCompatible(true)
            listen().use { listener ->
                openTlsOverTcpStream("server.test", listener.port, config, onReport = { reports += it }).use { client ->
                    reports.single().winner() shouldBe client.transportStream.remoteAddress
                    client.serverHostname shouldBe "server.test"
                    client.role shouldBe TlsRole.CLIENT
                    shouldThrow<NeedHandshakeException> { client.info }
                    client.transportStream.bytesSent shouldBe 0
                }
            }
        }

        onLoopAndOff("TLS-Q2 by default the platform's authorities are trusted: a private one's server is refused in the handshake") {
            serving(TlsServerConfig(ca.issue(V4)), handler = ::echoAndClose) { port ->
                val client = openTlsOverTcpStream(V4, port)
                shouldThrow<BrokenResourceException> { client.doHandshake() }.cause.shouldBeInstanceOf<SSLException>()
                client.close()
            }
        }

        onLoopAndOff("TLS-Q3 the server has to be the host that was asked for, and not the address it was found at") {
            serving(named, handler = ::echoAndClose) { port ->
                conversation(openTlsOverTcpStream("server.test", port, trusting)) shouldBe "hello"
                for (other in listOf("wrong.test", V4)) {
                    openTlsOverTcpStream(other, port, trusting).use { client ->
                        shouldThrow<BrokenResourceException> { client.doHandshake() }.cause.shouldBeInstanceOf<SSLException>()
                    }
                }
            }
            serving(TlsServerConfig(ca.issue(V4)), handler = ::echoAndClose) { port ->
                conversation(openTlsOverTcpStream(V4, port, trusting)) shouldBe "hello"
                openTlsOverTcpStream("server.test", port, trusting).use { client ->
                    shouldThrow<BrokenResourceException> { client.doHandshake() }
                }
            }
        }

        onLoopAndOff("TLS-Q4 httpsCompatible is passed on, at both ends: nobody misses close_notify") {
            val handler: suspend (TlsStream<SocketStream>) -> Unit = {
                it.httpsCompatible.shouldBeTrue()
                it.sendAll("bye".encodeToByteArray())
            }
            serving(named.withHttpsCompatible(true), handler = handler) { port ->
                openTlsOverTcpStream("server.test", port, trusting.withHttpsCompatible(true)).use { client ->
                    client.httpsCompatible.shouldBeTrue()
                    client.receiveSome(100).decodeToString() shouldBe "bye"
                    client.receiveSome(100).size shouldBe 0
                }
            }
        }

        onLoopAndOff("TLS-Q5 a configuration that does not work is told before anybody is connected to") {
            val none = TlsEngineFactory { _, _, _ -> throw IllegalStateException("no engine today") }
            val unchecked = trusting.withConfigurer { _, parameters -> parameters.endpointIdentificationAlgorithm = "" }
            listen().use { listener ->
                shouldThrow<IllegalStateException> { openTlsOverTcpStream(V4, listener.port, ClientConfig.of(none)) }
                shouldThrow<IllegalArgumentException> { openTlsOverTcpStream(V4, listener.port, unchecked) }
                // Nobody was there before this one.
                openTcpStream(V4, listener.port).use { first ->
                    listener.accept().use { it.remoteAddress shouldBe first.localAddress }
                }
            }
        }

        onLoopAndOff("TLS-Q5 bad hosts and ports are refused at once, and leave no engine behind") {
            val engines = CountingEngines(trusting.engineFactory())
            val config = ClientConfig.of(engines)
            for (host in listOf("", " ", "a b", "x..test", "[::1]", "1.2.3")) {
                shouldThrow<IllegalArgumentException> { openTlsOverTcpStream(host, 443, config) }
            }
            for (port in listOf(-1, 0, 65_536)) shouldThrow<IllegalArgumentException> { openTlsOverTcpStream(V4, port, config) }
            shouldThrow<IllegalArgumentException> { openTlsOverTcpStream(V4, 443, config, happyEyeballsDelay = (-1).milliseconds) }
            engines.released.get() shouldBe engines.made.get()
        }

        onLoopAndOff("TLS-Q5 no engine and no socket is left when a connect fails, is cancelled, or its report does") {
            val engines = CountingEngines(trusting.engineFactory())
            val config = ClientConfig.of(engines)
            shouldThrow<ConnectFailedException> { openTlsOverTcpStream(V4, ClosedPort.tcp(), config) }
            engines.released.get() shouldBe 1
            listen().use { listener ->
                val failure = IllegalStateException("report")
                shouldThrow<IllegalStateException> {
                    openTlsOverTcpStream(V4, listener.port, config, onReport = { throw failure })
                } shouldBeSameInstanceAs failure
                engines.released.get() shouldBe 2
                listener.accept().use { receiveEnd(it) }
                shouldThrow<CancellationException> {
                    coroutineScope {
                        cancel()
                        openTlsOverTcpStream(V4, listener.port, config)
                    }
                }
            }
            engines.made.get() shouldBe 3
            engines.released.get() shouldBe 3
        }

        onLoopAndOff("TLS-Q6 TLS-P2 one listener for all addresses, or one for each of a host, each on the TCP listener below") {
            suspend fun shouldAccept(listener: TlsListener<SocketStream>, address: String) {
                openTcpStream(address, listener.port).use { client ->
                    val accepted = listener.accept()
                    accepted.transportStream.remoteAddress shouldBe client.localAddress
                    accepted.role shouldBe TlsRole.SERVER
                    accepted.closeForcefully()
                }
            }
            openTlsOverTcpListeners(0, named).single().use { shouldAccept(it, V4) }
            val each = openTlsOverTcpListeners(0, named, "two.test", backlog = 5)
            each shouldHaveSize 2
            each[0].use { first ->
                each[1].use { second ->
                    shouldAccept(first, V4)
                    shouldAccept(second, "127.0.0.2")
                }
            }
        }

        onLoopAndOff("TLS-Q6 a server's configuration that does not work is told before a port is touched") {
            val failure = IllegalStateException("no engine today")
            val config = named.withConfigurer { _, _ -> throw failure }
            listen().use { taken ->
                shouldThrow<BindException> { openTlsOverTcpListeners(taken.port, named, V4) }
                shouldThrow<IllegalStateException> { openTlsOverTcpListeners(taken.port, config, V4) } shouldBeSameInstanceAs failure
                shouldThrow<IllegalStateException> { serveTlsOverTcp(taken.port, config, V4) { } } shouldBeSameInstanceAs failure
            }
            for (port in listOf(-1, 65_536)) shouldThrow<IllegalArgumentException> { openTlsOverTcpListeners(port, named, V4) }
            shouldThrow<IllegalArgumentException> { openTlsOverTcpListeners(0, named, V4, backlog = 0) }
            shouldThrow<IllegalArgumentException> { serveTlsOverTcp(0, named, V4, maxConnections = 0) { } }
        }

        onLoopAndOff("TLS-Q7 a server tells its listeners, serves until it is stopped, and then returns its counts") {
            val stop = StopSignal()
            val reports = mutableListOf<ServeReport>()
            nursery {
                val listeners =
                    start { status ->
                        reports += serveTlsOverTcp(0, named, V4, stop = stop, drain = 60.seconds, taskStatus = status) { echoAndClose(it) }
                    }
                repeat(3) { conversation(openTlsOverTcpStream("server.test", listeners.single().port, trusting)) shouldBe "hello" }
                stop.stop()
            }
            reports shouldBe listOf(ServeReport(3, 3, 0, 0))
        }

        onLoopAndOff("TLS-Q7 a server that is cancelled gives its port back, with a silent client in work") {
            var served = 0
            var silent: SocketStream? = null
            serving(named, handler = ::echo) { port ->
                served = port
                silent = openTcpStream(V4, port)
                // One that is accepted behind the silent one.
                conversation(openTlsOverTcpStream("server.test", port, trusting)) shouldBe "hello"
            }
            openTcpListeners(served, V4).single().close()
            checkNotNull(silent).use { receiveEnd(it) }
        }

        onLoopAndOff("TLS-Q8 the handler does the handshake, and only its own close sends close_notify") {
            val handler: suspend (TlsStream<SocketStream>) -> Unit = {
                shouldThrow<NeedHandshakeException> { it.info }
                if (it.receiveSome(1).decodeToString() == "c") it.close()
            }
            serving(named, handler = handler) { port ->
                openTlsOverTcpStream("server.test", port, trusting).use { client ->
                    client.sendAll("c".encodeToByteArray())
                    client.receiveSome(1).size shouldBe 0
                }
                openTlsOverTcpStream("server.test", port, trusting).use { client ->
                    client.sendAll("-".encodeToByteArray())
                    shouldThrow<BrokenResourceException> { client.receiveSome(1) }.cause.shouldBeInstanceOf<TlsTruncatedException>()
                }
            }
        }

        onLoopAndOff("TLS-Q9 with PROPAGATE a client that does not speak TLS stops the server") {
            supervisorScope {
                val ports = Channel<Int>(1)
                val serving =
                    async {
                        runCatching {
                            serveTlsOverTcp(0, named, V4, onHandlerError = OnHandlerError.PROPAGATE, taskStatus = {
                                ports.trySend(it.single().port)
                            }) {
                                echo(it)
                            }
                        }
                    }
                sayNonsense(openTcpStream(V4, ports.receive()))
                val failure = serving.await().exceptionOrNull()
                failure.shouldBeInstanceOf<BrokenResourceException>()
                failure.cause.shouldBeInstanceOf<SSLException>()
            }
        }

        onLoopAndOff("TLS-Q9 by default a server survives port scans, plain text, and clients that do not trust it") {
            val survives: suspend (List<TlsListener<SocketStream>>) -> Unit = { listeners ->
                val port = listeners.single().port
                openTcpStream(V4, port).close()
                sayNonsense(openTcpStream(V4, port))
                openTlsOverTcpStream(V4, port).use { shouldThrow<BrokenResourceException> { it.doHandshake() } }
                conversation(openTlsOverTcpStream("server.test", port, trusting)) shouldBe "hello"
            }
            nursery {
                survives(start { status -> serveTlsOverTcp(0, named, V4, taskStatus = status) { echoAndClose(it) } })
                survives(start { status -> serveTlsOverTcp(0, { named }, V4, taskStatus = status) { echoAndClose(it) } })
                cancelChildren()
            }
        }

        onLoopAndOff("TLS-Q9 a server that says so survives clients that do not speak TLS, and is told who they are") {
            val blamed = Channel<SocketAddress?>(Channel.UNLIMITED)
            val onError = OnHandlerError { _, peer -> blamed.trySend(peer) }
            serving(named, onError, ::echo) { port ->
                repeat(3) {
                    val client = openTcpStream(V4, port)
                    val address = client.localAddress
                    sayNonsense(client)
                    blamed.receive() shouldBe address
                }
                conversation(openTlsOverTcpStream("server.test", port, trusting)) shouldBe "hello"
            }
        }

        test("IO-SV1 on a loop of two threads the handlers of TLS connections run on the loops of their sockets, and both are used") {
            EventLoop.open("pair", 2).use { loop ->
                runOnLoop(loop) {
                    val loops = ConcurrentHashMap.newKeySet<Any>()
                    val handler: suspend (TlsStream<SocketStream>) -> Unit = { stream ->
                        loops += checkNotNull(LoopThread.currentLoop())
                        echoAndClose(stream)
                    }
                    serving(TlsServerConfig(ca.issue(V4)), handler = handler) { port ->
                        repeat(4) { conversation(openTlsOverTcpStream(V4, port, trusting)) shouldBe "hello" }
                    }
                    loops shouldHaveSize 2
                }
            }
        }

        onLoopAndOff("IO-SV10 an idle TLS connection is cancelled too: the bytes of its socket count") {
            nursery {
                val listeners =
                    start { status -> serveTlsOverTcp(0, named, V4, idleTimeout = 100.milliseconds, taskStatus = status) { echo(it) } }
                openTcpStream(V4, listeners.single().port).use { receiveEnd(it) }
                cancelChildren()
            }
        }

        onLoopAndOff("TLS-P1 accept does nothing of TLS: behind a client that says nothing the next one is served") {
            openTlsOverTcpListeners(0, named, V4).single().use { listener ->
                openTcpStream(V4, listener.port).use { silent ->
                    val first = listener.accept()
                    first.transportStream.remoteAddress shouldBe silent.localAddress
                    first.transportStream.bytesReceived shouldBe 0
                    nursery {
                        startSoon { echoAndClose(listener.accept()) }
                        conversation(openTlsOverTcpStream("server.test", listener.port, trusting)) shouldBe "hello"
                    }
                    first.closeForcefully()
                }
            }
        }

        onLoopAndOff("TLS-P2 a listener passes its configuration on and shows the listener below") {
            val below = listen()
            TlsListener(below, named.withHttpsCompatible(true)).use { listener ->
                listener.transportListener shouldBeSameInstanceAs below
                openTcpStream(V4, below.port).use { client ->
                    val accepted = listener.accept()
                    accepted.httpsCompatible.shouldBeTrue()
                    accepted.closeForcefully()
                    receiveEnd(client)
                }
            }
        }

        onLoopAndOff("TLS-P3 closing the listener closes the one below, and whoever waits there is told") {
            val below = listen()
            val listener = TlsListener(below, named)
            supervisorScope {
                val accepting = async(start = CoroutineStart.UNDISPATCHED) { runCatching { listener.accept() } }
                listener.close()
                accepting.await().exceptionOrNull().shouldBeInstanceOf<ClosedResourceException>()
            }
            shouldThrow<ClosedResourceException> { below.accept() }
            shouldThrow<ClosedResourceException> { listener.accept() }
        }

        test("TLS-P3 a failure of the listener below comes out as it is") {
            val failure = IOException("accept")
            val below =
                object : Listener<SocketStream> {
                    override suspend fun accept(): SocketStream = throw failure

                    override suspend fun close() {}

                    override fun closeForcefully() {}
                }
            shouldThrow<IOException> { TlsListener(below, named).accept() } shouldBeSameInstanceAs failure
        }

        onLoopAndOff("TLS-P4 a listener is closed forcefully before it has accepted anything") {
            val below = listen()
            TlsListener(below, named).closeForcefully()
            shouldThrow<ClosedResourceException> { below.accept() }
            openTcpListeners(below.port, V4).single().close()
        }
    })
