package dev.tercet.coroutines

import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectFailedException
import dev.tercet.ConnectReport
import dev.tercet.Network
import dev.tercet.Resolver
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.SocketException
import java.net.StandardProtocolFamily
import java.net.UnknownHostException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.milliseconds

class ConnectRealSocketSpec :
    FunSpec({
        val v4 = InetAddress.getByName("127.0.0.1")
        val v6 = InetAddress.getByName("::1")

        fun network(vararg addresses: InetAddress): Network =
            EventLoop.shared().network().withResolver(Resolver.fixed(mapOf("test.example" to addresses.toList())))

        val noResolver: Network =
            EventLoop.shared().network().withResolver { host, _ -> throw AssertionError("the resolver was asked for $host") }

        everywhere("IO-E7 IO-HE1 wrong arguments are told before anything is asked or opened") {
            withNetwork(noResolver) {
                val before = openSockets()
                for (port in listOf(70_000, 65_536, 0, -1)) {
                    shouldThrow<IllegalArgumentException> { openTcpStream("test.example", port) }.message shouldContain port.toString()
                }
                for (host in listOf("", " ", "1:2", "::g", "[::1")) shouldThrow<IllegalArgumentException> { openTcpStream(host, 80) }
                for (local in listOf("", "1:2")) {
                    shouldThrow<IllegalArgumentException> { openTcpStream("test.example", 80, localAddress = local) }
                }
                openSockets() shouldBe before
            }
        }

        everywhere("IO-E6 IO-HE11 refused: a ConnectException that names the address, one suppressed, with the report") {
            val port = CLOSED_PORT
            var told: ConnectReport? = null
            val e = shouldThrow<ConnectFailedException> { openTcpStream("127.0.0.1", port, onReport = { told = it }) }
            e.shouldBeInstanceOf<ConnectException>().message shouldBe
                "all attempts to connect to 127.0.0.1:$port failed: Connection refused"
            e.suppressed.single().shouldBeInstanceOf<ConnectException>().message shouldStartWith "Error connecting to 127.0.0.1:$port: "
            e.report() shouldBeSameInstanceAs told
            e.report().winner() shouldBe null
            shouldThrow<ConnectFailedException> { openTcpStream("::1", port) }.message shouldContain "[::1]:$port"
            StreamSocket.open(StandardProtocolFamily.INET).use { socket ->
                shouldThrow<ConnectException> { socket.connect(InetSocketAddress(v4, port)) }.message shouldContain "127.0.0.1:$port"
                // Sockets are one-shot.
                shouldThrow<dev.tercet.ClosedResourceException> { socket.connect(InetSocketAddress(v4, port)) }
            }
        }

        everywhere("IO-E6 every attempt fails: one suppressed per address, in the order of the addresses") {
            val port = CLOSED_PORT
            val more = InetAddress.getByName("127.0.0.2")
            withNetwork(network(v4, v6, more)) {
                val e = shouldThrow<ConnectFailedException> { openTcpStream("test.example", port) }
                e.suppressed.size shouldBe 3
                for ((failure, text) in e.suppressed.zip(listOf("[::1]:$port", "127.0.0.1:$port", "127.0.0.2:$port"))) {
                    failure.message shouldContain text
                }
                e.report().attempts().map { it.outcome() } shouldBe List(3) { Outcome.FAILED }
            }
        }

        everywhere("the next address is tried when one fails, and the report tells of all: failed, won, not started") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                withNetwork(network(v4, v6, InetAddress.getByName("127.0.0.3"))) {
                    var report: ConnectReport? = null
                    openTcpStream("test.example", listener.port, onReport = { report = it }).use { stream ->
                        stream.remoteAddress shouldBe listener.localAddress
                        val told = report.shouldNotBeNull()
                        told.attempts().map { it.outcome() } shouldBe listOf(Outcome.FAILED, Outcome.WON, Outcome.NOT_STARTED)
                        told.winner() shouldBe listener.localAddress
                        told.toString() shouldContain "test.example"
                    }
                }
            }
        }

        everywhere("a failing onReport closes the connection and comes out") {
            val failure = IllegalStateException("report")
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                shouldThrow<IllegalStateException> { openTcpStream("127.0.0.1", listener.port, onReport = { throw failure }) } shouldBe
                    failure
                listener.accept().use { it.receiveSomeOrEnd() shouldBe -1 }
            }
        }

        everywhere("IO-X1 a literal never reaches the resolver, a name reaches that of the network") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                withNetwork(noResolver) {
                    openTcpStream("127.0.0.1", listener.port).close()
                    openTcpStream("127.0.0.1", listener.port, localAddress = "127.0.0.1").close()
                    openTcpListeners(0, "::1").single().close()
                }
                withNetwork(network(v4)) {
                    openTcpStream("test.example", listener.port).close()
                    openTcpStream("TEST.example", listener.port).close()
                    // In children too.
                    launch { openTcpStream("test.example", listener.port).close() }.join()
                }
            }
        }

        everywhere("IO-E6 a lookup error comes out as it is, no addresses are an unknown host") {
            val failure = IOException("the resolver is on fire")
            withNetwork(EventLoop.shared().network().withResolver { _, _ -> CompletableFuture.failedFuture(failure) }) {
                shouldThrow<IOException> { openTcpStream("test.example", 80) } shouldBeSameInstanceAs failure
            }
            val bug = IllegalStateException("bug")
            withNetwork(EventLoop.shared().network().withResolver { _, _ -> throw bug }) {
                shouldThrow<IOException> { openTcpStream("test.example", 80) }.cause shouldBeSameInstanceAs bug
            }
            withNetwork(network()) {
                shouldThrow<UnknownHostException> { openTcpStream("test.example", 80) }
                shouldThrow<UnknownHostException> { openTcpStream("other.example", 80) }
            }
        }

        everywhere("IO-E5 a lookup that somebody cancelled is a failure of the lookup, not a cancel of the caller") {
            withNetwork(
                EventLoop.shared().network().withResolver { _, _ ->
                    CompletableFuture.failedFuture(CancellationException("gone"))
                },
            ) {
                shouldThrow<IOException> { openTcpStream("test.example", 80) }.cause.shouldBeInstanceOf<CancellationException>()
            }
        }

        everywhere("IO-C3 a lookup that never ends can be cancelled") {
            withNetwork(EventLoop.shared().network().withResolver { _, _ -> CompletableFuture() }) {
                launch(start = CoroutineStart.UNDISPATCHED) { openTcpStream("test.example", 80) }.cancelAndJoin()
                launch(start = CoroutineStart.UNDISPATCHED) { openTcpListeners(0, "test.example") }.cancelAndJoin()
            }
        }

        everywhere("IO-HE15 the local address is used and the peer sees it") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                openTcpStream("127.0.0.1", listener.port, localAddress = "127.0.0.2").use { client ->
                    listener.accept().use { peer ->
                        (peer.remoteAddress as InetSocketAddress).address.hostAddress shouldBe "127.0.0.2"
                        peer.remoteAddress shouldBe client.localAddress
                    }
                }
                openTcpStream("127.0.0.1", listener.port, localAddress = "0.0.0.0").close()
            }
        }

        everywhere(
            "IO-HE15 IO-HE16 a local address of the other family is incompatible, one that is not ours cannot be bound; both name it",
        ) {
            openTcpListeners(0).single().use { listener ->
                for ((local, host) in listOf("0.0.0.0" to "::1", "::" to "127.0.0.1")) {
                    val e = shouldThrow<ConnectFailedException> { openTcpStream(host, listener.port, localAddress = local) }
                    val said = e.suppressed.single().shouldBeInstanceOf<SocketException>().message
                    said shouldContain local
                    said shouldContain "incompatible with remote address"
                }
                // With both families the one that fits is taken.
                withNetwork(network(v6, v4)) {
                    openTcpStream("test.example", listener.port, localAddress = "0.0.0.0").use {
                        (it.remoteAddress as InetSocketAddress).address shouldBe v4
                    }
                }
                val e = shouldThrow<ConnectFailedException> { openTcpStream("127.0.0.1", listener.port, localAddress = "192.0.2.1") }
                e.suppressed.single().message shouldContain "192.0.2.1"
            }
        }

        everywhere("IO-HE14 IO-C3 a cancelled connect closes its socket, and when it has ended no SYN is left") {
            ServerSocket(0, 1, v4).use { full ->
                // Nobody accepts: two get into the queue, the third hangs in SYN-SENT.
                val queued = List(2) { openTcpStream("127.0.0.1", full.localPort) }
                eventually("the queue is not full") {
                    withTimeoutOrNull(200.milliseconds) { openTcpStream("127.0.0.1", full.localPort).closeForcefully() } == null
                }
                synSent(full.localPort) shouldBe 0
                repeat(20) {
                    val connecting = launch(start = CoroutineStart.UNDISPATCHED) { openTcpStream("127.0.0.1", full.localPort) }
                    if (it % 2 == 0) eventually("no SYN is out") { synSent(full.localPort) == 1 }
                    connecting.cancelAndJoin()
                    synSent(full.localPort) shouldBe 0
                }
                val sockets = List(10) { StreamSocket.open(StandardProtocolFamily.INET) }
                val connecting =
                    sockets.map { socket ->
                        async(start = CoroutineStart.UNDISPATCHED) { runCatching { socket.connect(InetSocketAddress(v4, full.localPort)) } }
                    }
                letOthersWait()
                // Another one closes them under the hands of those who connect.
                sockets.forEach { it.close() }
                connecting.forEach { task -> task.await().exceptionOrNull().shouldBeInstanceOf<dev.tercet.ClosedResourceException>() }
                synSent(full.localPort) shouldBe 0
                queued.forEach { it.close() }
            }
        }

        everywhere("IO-C4 IO-HE14 connects cancelled at random moments leak nothing, and a stream that was returned is good") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                coroutineScope {
                    val accepting = launch { while (true) listener.accept().closeForcefully() }
                    val random = kotlin.random.Random(3)
                    repeat(200) {
                        val connecting =
                            launch {
                                val stream = openTcpStream("127.0.0.1", listener.port)
                                (stream.remoteAddress == listener.localAddress).shouldBeTrue()
                                stream.closeForcefully()
                            }
                        repeat(random.nextInt(15)) { kotlinx.coroutines.yield() }
                        connecting.cancelAndJoin()
                    }
                    accepting.cancelAndJoin()
                }
            }
        }
    }) {
    private companion object {
        /** How many connects to this port are under way, on this machine. */
        fun synSent(port: Int): Int {
            val hex = ":%04X".format(port)
            return listOf("/proc/net/tcp", "/proc/net/tcp6").map(Path::of).filter(Files::exists).sumOf { table ->
                Files.readAllLines(table).drop(1).map { it.trim().split(Regex(" +")) }.count { it[2].endsWith(hex) && it[3] == "02" }
            }
        }

        suspend fun dev.tercet.coroutines.SocketStream.receiveSomeOrEnd() = receiveSome(java.nio.ByteBuffer.allocate(1))
    }
}
