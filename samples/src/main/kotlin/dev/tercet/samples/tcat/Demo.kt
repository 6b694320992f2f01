package dev.tercet.samples.tcat

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectReport
import dev.tercet.Resolver
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.*
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.checkpoint
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openUnixSocket
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.serveUnix
import dev.tercet.coroutines.socketStreamPair
import dev.tercet.coroutines.use
import dev.tercet.coroutines.withNetwork
import dev.tercet.loop.EventLoop
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.takeWhile
import java.net.InetAddress
import java.net.ServerSocket
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteIfExists
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.time.Duration.Companion.milliseconds

/** `tcat demo`: the promises of the library, each kept before your eyes, on loopback. */
suspend fun demo(host: Host): ExitCode = Tour(host).run {
    stop("An echo server and a client") { echo() }
    stop("A race with a dead address") { race() }
    stop("Half-close: one direction ends, the other goes on") { halfClose() }
    stop("Cancelling a receive loses nothing") { cancelReceives() }
    stop("Backpressure: a peer that does not receive stops the sender") { backpressure() }
    stop("Unix sockets: a server takes over the path of another") { unixSockets() }
    stop("A server takes no more connections than it was told") { maxConnections() }
    stop("A graceful stop, and how it went") { gracefulStop() }
    stop("TLS with a throw-away CA") { tls() }
    stop("DTLS, while three datagrams of ten get lost") { dtls() }
    stop("Errors say whose fault it is") { errors() }
    end()
}

private suspend fun Tour.echo() = nursery {
    // Returns when the server listens: nobody has to guess for how long to wait.
    val listeners = start { status -> serveTcp(0, "127.0.0.1", taskStatus = status) { echo(it) } }
    say("a server listens on ${Address.of(listeners.single().localAddress)}")
    openTcpStream("127.0.0.1", listeners.single().port).use { stream ->
        stream.sendAll("hello".encodeToByteArray())
        stream.sendEof()
        val answer = StringBuilder()
        stream.chunks().collect { answer.append(it.decodeToString()) }
        saw("sent hello, received $answer", answer.toString() == "hello")
    }
    cancelChildren()
}

private suspend fun Tour.race() = nursery {
    // On 127.0.0.2 the same port swallows what comes: there the queue of a listener is full, and nobody accepts.
    val listeners = start { status -> serveTcp(0, "127.0.0.1", taskStatus = status) { it.receiveSome() } }
    val port = listeners.single().port
    val dead = InetAddress.getByName("127.0.0.2")
    ServerSocket(port, 1, dead).use {
        val waiting = mutableListOf<SocketStream>()
        try {
            fillQueue(port, waiting)
            val names = Resolver.fixed(
                mapOf("demo.example" to listOf(dead, InetAddress.getByName("127.0.0.3"), InetAddress.getByName("127.0.0.1"))),
            )
            var report: ConnectReport? = null
            withNetwork(EventLoop.shared().network().withResolver(names)) {
                openTcpStream("demo.example", port, onReport = { report = it }).close()
            }
            val told = checkNotNull(report)
            timeLine(told).lines().forEach { say(it) }
            val outcomes = told.attempts().map { it.outcome() }
            saw("one delay, not the two minutes of the kernel", outcomes == listOf(Outcome.ABANDONED, Outcome.FAILED, Outcome.WON))
        } finally {
            waiting.forEach { it.closeForcefully() }
        }
    }
    cancelChildren()
}

/** Connects to 127.0.0.2 until a connection is still not there after many others, begun later, were made to 127.0.0.1. */
private suspend fun fillQueue(port: Int, waiting: MutableList<SocketStream>) = nursery {
    while (true) {
        val another = startSoon { waiting += openTcpStream("127.0.0.2", port) }
        repeat(ENOUGH) { openTcpStream("127.0.0.1", port).close() }
        if (another.isActive) break
    }
    cancelChildren()
}

private suspend fun echo(stream: Stream) {
    val buffer = ByteBuffer.allocate(8192)
    while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
}

private suspend fun Tour.halfClose() = withPair { client, server ->
    nursery {
        startSoon {
            var count = 0
            server.lines().collect { count++ }
            server.sendAll("you said $count lines, and then that it was all\n".encodeToByteArray())
            server.sendEof()
        }
        repeat(3) { client.sendAll("line ${it + 1}\n".encodeToByteArray()) }
        client.sendEof()
        say("sent 3 lines and the end; receiving still")
        val answer = client.lines().let { lines -> buildList { lines.collect { add(it) } } }
        saw("received: ${answer.joinToString()}", answer == listOf("you said 3 lines, and then that it was all"))
    }
}

private suspend fun Tour.cancelReceives() = withPair { client, server ->
    val total = 200_000
    var received = 0
    var right = 0
    var cancelled = 0
    val firstCancelled = Job()
    nursery {
        startSoon {
            firstCancelled.join()
            for (start in 0 until total step 2000) {
                server.sendAll(ByteArray(2000) { byteAt(start + it) })
                delay(5.milliseconds)
            }
            server.sendEof()
        }
        var ended = false
        while (!ended) {
            // A time limit that is far too short, around each receive.
            val movedOn =
                moveOnAfter(1.milliseconds) {
                    val bytes = client.receiveSome(10_000)
                    bytes.forEach { if (it == byteAt(received++)) right++ }
                    ended = bytes.isEmpty()
                }
            if (!movedOn) continue
            cancelled++
            firstCancelled.complete()
        }
    }
    say("$cancelled receives were cancelled while they waited for $total bytes")
    saw("$received bytes arrived, $right of them right and in their place", right == total && received == total && cancelled > 0)
}

/** No two stretches of the sequence look alike for long. */
private fun byteAt(position: Int): Byte = (position * 31 + position / 251).toByte()

private suspend fun Tour.backpressure() = withPair { client, server ->
    val total = 32L shl 20
    nursery {
        val block = ByteArray(65_536)
        val sending = startSoon { while (client.bytesSent < total) client.sendAll(block) }
        awaitStandstill { client.bytesSent }
        val taken = client.bytesSent
        saw("the kernel took $taken bytes of $total, then sendAll waited", taken in 1 until total && sending.isActive)
        var received = 0L
        server.chunks().takeWhile {
            received += it.size
            received < total
        }.collect {}
        sending.join()
        saw("the peer received $received bytes, and sending went on to its end", received == total)
    }
}

/** Returns when [count] is not 0 and has not changed while many messages went to and fro on another pair of sockets. */
private suspend fun awaitStandstill(count: () -> Long) = withPair { here, there ->
    var last = 0L
    var rounds = 0
    while (last == 0L || rounds < ENOUGH) {
        here.sendAll(byteArrayOf(1))
        there.receiveSome(1)
        val now = count()
        rounds = if (now == last) rounds + 1 else 0
        last = now
    }
}

private suspend fun Tour.unixSockets() {
    val folder = createTempDirectory("tcat")
    val path = folder / "socket"
    try {
        nursery {
            val names = listOf("the first", "the second")
            val answers = mutableListOf<String>()
            for (name in names) {
                // The file of the first is replaced atomically: there is always one to connect to.
                start { status -> serveUnix(path, taskStatus = status) { it.sendAll(name.encodeToByteArray()) } }
                openUnixSocket(path).use { stream -> answers += stream.receiveSome().decodeToString() }
            }
            saw("connected to $path twice: $answers", answers == names)
            saw("the file of the socket is there", path.exists())
            cancelChildren()
        }
        saw("the servers have ended, and the file is gone", !path.exists())
    } finally {
        path.deleteIfExists()
        folder.deleteIfExists()
    }
}

private suspend fun Tour.maxConnections() = nursery {
    // Handlers run on the loops of their connections, so at the same time.
    val now = AtomicInteger()
    val most = AtomicInteger()
    var connected = 0
    var served = 0
    val twoAtOnce = Job()
    val allConnected = Job()
    val listeners =
        start { status ->
            serveTcp(0, "127.0.0.1", maxConnections = 2, taskStatus = status) { stream ->
                val count = now.incrementAndGet()
                most.accumulateAndGet(count, Math::max)
                if (count == 2) twoAtOnce.complete()
                // Nobody is done before the others knock at the door.
                twoAtOnce.join()
                allConnected.join()
                stream.sendAll("done".encodeToByteArray())
                now.decrementAndGet()
            }
        }
    nursery {
        repeat(6) {
            startSoon {
                openTcpStream("127.0.0.1", listeners.single().port).use { stream ->
                    if (++connected == 6) allConnected.complete()
                    if (stream.receiveSome().isNotEmpty()) served++
                }
            }
        }
    }
    cancelChildren()
    saw("6 clients came at once, $most were served at a time, $served in the end", most.get() == 2 && served == 6)
}

private suspend fun Tour.gracefulStop() {
    val stop = StopSignal()
    var report: ServeReport? = null
    nursery {
        val listeners =
            start { status ->
                report =
                    serveTcp(
                        0,
                        "127.0.0.1",
                        onHandlerError = { _, _ -> },
                        stop = stop,
                        drain = 100.milliseconds,
                        taskStatus = status,
                    ) { stream ->
                        when (stream.receiveSome(1).decodeToString()) {
                            "q" -> stream.sendAll("quick".encodeToByteArray())
                            "f" -> throw IllegalStateException("a bug in a handler")
                            else -> stream.sendAll("slow".encodeToByteArray()).also { awaitCancellation() }
                        }
                    }
            }
        val slow = open(listeners.single().port, 's')
        val others = "qqqf".map { need -> open(listeners.single().port, need) }
        say("5 clients: 3 quick ones, one that makes its handler fail, one whose handler never ends; then the stop signal")
        others.forEach { it.receiveToEnd() }
        slow.receiveSome(1)
        stop.stop()
        slow.receiveToEnd()
        (others + slow).forEach { it.close() }
    }
    saw("$report", report == ServeReport(5, 3, 1, 1))
}

private suspend fun open(port: Int, need: Char): SocketStream {
    val stream = openTcpStream("127.0.0.1", port)
    stream.sendAll(need.toString().encodeToByteArray())
    return stream
}

private suspend fun SocketStream.receiveToEnd() = chunks().collect {}

private suspend fun Tour.errors() {
    withPair { client, server ->
        nursery {
            startSoon { client.receiveSome(1) }
            checkpoint()
            saw<BusyResourceException>("two receivers at once are a mistake of the program") { client.receiveSome(1) }
            cancelChildren()
        }
        server.closeForcefully()
        saw<BrokenResourceException>("a peer that is gone") { while (true) client.sendAll(ByteArray(65_536)) }
        client.close()
        saw<ClosedResourceException>("a stream that we have closed") { client.receiveSome(1) }
    }
}

private suspend fun withPair(body: suspend (SocketStream, SocketStream) -> Unit) {
    val (left, right) = socketStreamPair()
    left.use { right.use { body(left, right) } }
}

/** So many rounds on loopback, and what has not happened by then does not happen by itself. */
private const val ENOUGH = 100
