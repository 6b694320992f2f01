package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.file.Files
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class ServeRealSocketSpec :
    FunSpec({
        suspend fun echo(stream: SocketStream) {
            val buffer = ByteBuffer.allocate(8192)
            while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
        }

        suspend fun connect(port: Int) = openTcpStream("127.0.0.1", port)

        everywhere("IO-SV4 a handler's failure comes out of serveTcp as it is; its stream is closed, and the port is free") {
            val failure = IOException("handler")
            var port = 0
            supervisorScope {
                val serving =
                    async {
                        runCatching {
                            serveTcp(0, "127.0.0.1", taskStatus = { port = it.single().port }) { throw failure }
                        }
                    }
                eventually { port != 0 }
                connect(port).use { it.receiveEnd() }
                serving.await().exceptionOrNull() shouldBeSameInstanceAs failure
                openTcpListeners(port, "127.0.0.1").single().close()
            }
        }

        everywhere("IO-SS14 a TCP connection has the address of its peer as host and port, a Unix one has none") {
            val (left, right) = tcpPair()
            left.use { right.use { right.peerAddress shouldBe left.localAddress } }
            val (one, other) = unixPair()
            one.use { other.use { shouldThrow<IllegalStateException> { other.peerAddress } } }
        }

        everywhere("IO-SV4 servers of TCP and of Unix sockets go on when a peer breaks its connection") {
            val handler: suspend (SocketStream) -> Unit = {
                it.receiveSome(1)
                throw BrokenResourceException("on purpose", null)
            }
            nursery {
                val tcp = start { status -> serveTcp(0, "127.0.0.1", taskStatus = status, handler = handler) }.single()
                val path = Files.createTempDirectory("serve").resolve("socket")
                val unix = start { status -> serveUnix(path, taskStatus = status, handler = handler) }
                repeat(2) {
                    for (client in listOf(connect(tcp.port), openUnixSocket(path))) {
                        client.use {
                            it.sendAll("x".buffer())
                            it.receiveEnd()
                        }
                    }
                }
                cancelChildren()
            }
        }

        everywhere("IO-SV4 LOG and a function of one's own: the server goes on, and the peer's address is told after the close") {
            val peers = ConcurrentHashMap.newKeySet<SocketAddress>()
            nursery {
                val onError = OnHandlerError { failure, peer ->
                    failure.message shouldBe "handler"
                    peers += checkNotNull(peer)
                }
                val listeners =
                    start { status ->
                        serveTcp(0, "127.0.0.1", onHandlerError = onError, taskStatus = status) { throw IOException("handler") }
                    }
                val clients = List(5) { connect(listeners.single().port) }
                for (client in clients) client.use { it.receiveEnd() }
                eventually { peers == clients.map { it.localAddress }.toSet() }
                cancelChildren()
            }
        }

        everywhere("IO-SV5 IO-SL10 a cancelled and joined server has given its port back, 100 times, with connections in work") {
            var port = 0
            repeat(100) {
                val serving =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        serveTcp(port, "127.0.0.1", taskStatus = { port = it.single().port }) { awaitCancellation() }
                    }
                eventually { port != 0 }
                val client = connect(port)
                serving.cancelAndJoin()
                openTcpListeners(port, "127.0.0.1").single().close()
                client.use { it.receiveEnd() }
            }
        }

        everywhere("IO-SV9 IO-C4 IO-C9 servers cancelled at random moments under a storm of connects leak nothing") {
            val seed = Stress.seed(ServeRealSocketSpec::class.java)
            val random = Random(seed)
            repeat(Stress.rounds(60, 2_000)) {
                var port = 0
                val serving =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        serveTcp(0, "127.0.0.1", taskStatus = { port = it.single().port }) { it.sendAll("x".buffer()) }
                    }
                eventually { port != 0 }
                val clients =
                    List(8) {
                        launch {
                            try {
                                connect(port).use { stream -> stream.receiveText() }
                            } catch (gone: IOException) {
                                // The server went first.
                            }
                        }
                    }
                repeat(random.nextInt(40)) { kotlinx.coroutines.yield() }
                serving.cancelAndJoin()
                clients.joinAll()
            }
        }

        everywhere("IO-SV10 a stop: no new connection begins, the counts; who is being served is served to the end") {
            val stop = StopSignal()
            var report: ServeReport? = null
            nursery {
                val listeners =
                    start { status ->
                        report =
                            serveTcp(
                                0,
                                "127.0.0.1",
                                onHandlerError = OnHandlerError.LOG,
                                stop = stop,
                                drain = Duration.INFINITE,
                                taskStatus = status,
                            ) {
                                it.sendAll("?".buffer())
                                if (it.receiveText() == "fail") throw IOException("asked to")
                                it.sendAll("!".buffer())
                                echo(it)
                            }
                    }
                val port = listeners.single().port
                suspend fun ask(word: String) = connect(port).also {
                    it.receiveText() shouldBe "?"
                    it.sendAll(word.buffer())
                    if (word != "fail") it.receiveText() shouldBe "!"
                }
                val failed = ask("fail")
                failed.use { it.receiveEnd() }
                val good = ask("good")
                val slow = ask("slow")
                good.sendAll("ping".buffer())
                good.receiveText() shouldBe "ping"
                slow.sendAll("ping".buffer())
                slow.receiveText() shouldBe "ping"
                stop.stop()
                eventually("still listening") {
                    try {
                        connect(port).closeForcefully()
                        false
                    } catch (refused: IOException) {
                        true
                    }
                }
                good.sendAll("pong".buffer())
                good.receiveText() shouldBe "pong"
                good.sendEof()
                good.use { it.receiveText() shouldBe null }
                slow.use { }
            }
            report shouldBe ServeReport(3, 2, 1, 0)
        }

        everywhere("IO-SV10 who has not ended when the drain time is over is cancelled, counted, and closed") {
            val stop = StopSignal()
            var report: ServeReport? = null
            nursery {
                val listeners =
                    start { status ->
                        report =
                            serveTcp(0, "127.0.0.1", stop = stop, drain = 20.milliseconds, taskStatus = status) {
                                it.sendAll("?".buffer())
                                awaitCancellation()
                            }
                    }
                val clients = List(3) { connect(listeners.single().port) }
                for (client in clients) client.receiveText() shouldBe "?"
                stop.stop()
                for (client in clients) client.use { it.receiveEnd() }
            }
            report shouldBe ServeReport(3, 0, 0, 3)
        }

        everywhere("IO-SV10 maxConnections of 3 holds under 60 clients, with a listener per family; all are served") {
            val running = AtomicInteger()
            val most = AtomicInteger()
            nursery {
                val listeners =
                    start { status ->
                        serveListeners(
                            openTcpListeners(0, "127.0.0.1") + openTcpListeners(0, "::1"),
                            maxConnections = 3,
                            taskStatus = status,
                        ) { stream: SocketStream ->
                            most.accumulateAndGet(running.incrementAndGet(), Math::max)
                            delay(2.milliseconds)
                            stream.sendAll("x".buffer())
                            running.decrementAndGet()
                        }
                    }
                nursery {
                    repeat(Stress.rounds(60, 2_000)) { client ->
                        startSoon {
                            val host = if (client % 2 == 0) "127.0.0.1" else "::1"
                            openTcpStream(host, listeners[client % 2].port).use { it.receiveText() shouldBe "x" }
                        }
                    }
                }
                cancelChildren()
            }
            most.get() shouldBe 3
        }

        everywhere("IO-E7 IO-SV2 wrong numbers are told before anything is opened; an idle time of a nanosecond does not spin") {
            shouldThrow<IllegalArgumentException> { serveTcp(0, maxConnections = 0) { } }
            shouldThrow<IllegalArgumentException> { serveTcp(0, drain = (-1).seconds) { } }
            shouldThrow<IllegalArgumentException> { serveTcp(0, idleTimeout = 0.seconds) { } }
            nursery {
                start { status -> serveTcp(0, "127.0.0.1", idleTimeout = 1.nanoseconds, taskStatus = status) { echo(it) } }
                letOthersWait()
                cancelChildren()
            }
        }

        everywhere("IO-SV2 a listener handed twice and a closed handler nursery: a clear error at once, and the port is free") {
            val listener = openTcpListeners(0, "127.0.0.1").single()
            shouldThrow<IllegalArgumentException> { serveListeners(listOf(listener, listener)) { _: SocketStream -> } }
                .message shouldContain "twice"
            shouldThrow<ClosedResourceException> { listener.accept() }
            val closed = CoroutineScope(Job().apply { complete() })
            var port = 0
            shouldThrow<IllegalStateException> {
                serveTcp(0, "127.0.0.1", handlerNursery = closed, taskStatus = { port = it.single().port }) { }
            }.message shouldBe "the handler nursery is closed"
            port shouldBe 0
        }

        everywhere("IO-SV1 handlers given to a nursery of the caller's run on its dispatcher") {
            val names = ConcurrentHashMap.newKeySet<String>()
            val handlers = CoroutineScope(Dispatchers.IO + Job())
            nursery {
                val listeners =
                    start { status ->
                        serveTcp(0, "127.0.0.1", handlerNursery = handlers, taskStatus = status) { names += Thread.currentThread().name }
                    }
                connect(listeners.single().port).use { it.receiveEnd() }
                cancelChildren()
            }
            names.all { it.startsWith("DefaultDispatcher") }.shouldBeTrue()
            handlers.coroutineContext[Job]!!.cancelAndJoin()
        }

        /** Serves connections that all are open at once, and returns the threads of their handlers. */
        suspend fun threadsOfHandlers(scope: CoroutineScope, connections: Int): Set<Thread> {
            val threads = ConcurrentHashMap.newKeySet<Thread>()
            val listeners =
                scope.start { status ->
                    serveTcp(0, "127.0.0.1", taskStatus = status) {
                        threads += Thread.currentThread()
                        echo(it)
                        threads += Thread.currentThread()
                    }
                }
            val clients = List(connections) { connect(listeners.single().port) }
            for (client in clients) {
                client.sendAll("x".buffer())
                client.receiveText() shouldBe "x"
            }
            clients.forEach { it.close() }
            return threads
        }

        for ((where, network) in listOf("" to null, ", with the network of a loop of several threads too" to "pair")) {
            test("IO-SV13 runOnLoop is one thread, and the handlers of its servers run on it$where") {
                EventLoop.open("pair", 2).use { pair ->
                    runOnLoop {
                        val mine = Thread.currentThread()
                        nursery {
                            val threads =
                                if (network == null) {
                                    threadsOfHandlers(this, 4)
                                } else {
                                    withNetwork(pair.network()) { threadsOfHandlers(this@nursery, 4) }
                                }
                            threads shouldBe setOf(mine)
                            cancelChildren()
                        }
                    }
                }
            }
        }

        test("IO-SV13 what serves on a dispatcher of a loop with several threads stays on its thread") {
            EventLoop.open("pair", 2).use { pair ->
                withContext(pair.dispatcher) {
                    nursery {
                        threadsOfHandlers(this, 4) shouldBe setOf(Thread.currentThread())
                        cancelChildren()
                    }
                }
            }
        }

        test("IO-SV1 on a loop of two threads every handler runs on the loop of its connection, and both are used") {
            EventLoop.open("pair", 2).use { loop ->
                runOnLoop(loop) {
                    val threads = ConcurrentHashMap.newKeySet<String>()
                    nursery {
                        val listeners =
                            start { status ->
                                serveTcp(0, "127.0.0.1", taskStatus = status) {
                                    threads += Thread.currentThread().name.substringBefore(" @")
                                    it.socket.inner.loop()?.isCurrent shouldBe true
                                    echo(it)
                                    it.socket.inner.loop()?.isCurrent shouldBe true
                                }
                            }
                        repeat(4) {
                            connect(listeners.single().port).use { client ->
                                client.sendAll("x".buffer())
                                client.receiveText() shouldBe "x"
                            }
                        }
                        cancelChildren()
                    }
                    threads shouldHaveSize 2
                }
            }
        }

        everywhere("IO-SV3 a handler that has closed its stream, and one that leaves it open") {
            nursery {
                val listeners =
                    start { status ->
                        serveTcp(0, "127.0.0.1", taskStatus = status) { if (it.receiveText() == "close") it.close() }
                    }
                for (word in listOf("close", "leave")) {
                    connect(listeners.single().port).use {
                        it.sendAll(word.buffer())
                        it.receiveText() shouldBe null
                    }
                }
                cancelChildren()
            }
        }

        everywhere("IO-TL9 IO-SV8 serveUnix gives its listener, serves, and its file is gone with it") {
            inDirectory { directory ->
                val path = directory.resolve("s")
                nursery {
                    val listeners = start { status -> serveUnix(path, taskStatus = status) { echo(it) } }
                    listeners shouldHaveSize 1
                    openUnixSocket(path).use {
                        it.sendAll("x".buffer())
                        it.receiveText() shouldBe "x"
                    }
                    cancelChildren()
                }
                Files.exists(path) shouldBe false
            }
        }

        everywhere("IO-TL9 with start: a taken port is the failure of start, and the nursery goes on") {
            openTcpListeners(0, "127.0.0.1").single().use { taken ->
                nursery {
                    shouldThrow<IOException> { start { status -> serveTcp(taken.port, "127.0.0.1", taskStatus = status) { } } }
                        .message shouldContain "127.0.0.1:${taken.port}"
                    val (other) = start { status -> serveTcp(0, "127.0.0.1", taskStatus = status) { } }
                    (other.localAddress as InetSocketAddress).port shouldBe other.port
                    cancelChildren()
                }
            }
        }
    }) {
    private companion object {
        /** The end, or a reset: the server is gone either way. */
        suspend fun SocketStream.receiveEnd() {
            try {
                while (receiveText() != null) continue
            } catch (reset: BrokenResourceException) {
                // As good.
            }
        }
    }
}
