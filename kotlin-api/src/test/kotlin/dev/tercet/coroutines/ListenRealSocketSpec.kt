package dev.tercet.coroutines

import dev.tercet.Resolver
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import java.io.IOException
import java.net.BindException
import java.net.Inet4Address
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.net.UnknownHostException
import java.util.concurrent.CompletableFuture

class ListenRealSocketSpec :
    FunSpec({
        val v4 = InetAddress.getByName("127.0.0.1")
        val v6 = InetAddress.getByName("::1")

        fun network(vararg addresses: InetAddress) =
            EventLoop.shared().network().withResolver(Resolver.fixed(mapOf("test.example" to addresses.toList())))

        everywhere("IO-TL1 IO-E7 a port outside 0 to 65535, an empty host or a backlog below 1 is told before anything is opened") {
            val before = openSockets()
            for (port in listOf(-1, 65_536, 70_000, Int.MIN_VALUE)) {
                shouldThrow<IllegalArgumentException> { openTcpListeners(port) }.message shouldContain port.toString()
                shouldThrow<IllegalArgumentException> { serveTcp(port) { } }
            }
            for (host in listOf("", " ")) shouldThrow<IllegalArgumentException> { openTcpListeners(0, host) }
            shouldThrow<IllegalArgumentException> { openTcpListeners(0, "not:a:literal") }
            for (backlog in listOf(0, -5)) {
                shouldThrow<IllegalArgumentException> { openTcpListeners(0, backlog = backlog) }
                shouldThrow<IllegalArgumentException> { serveTcp(0, backlog = backlog) { } }
            }
            openSockets() shouldBe before
        }

        everywhere("IO-TL3 no host is one listener, and it takes IPv4, with IPv4 addresses, and IPv6 on the same port") {
            openTcpListeners(0).single().use { listener ->
                for (host in listOf("127.0.0.1", "::1")) {
                    openTcpStream(host, listener.port).use { client ->
                        listener.accept().use { peer ->
                            ((peer.remoteAddress as InetSocketAddress).address is Inet4Address) shouldBe (host == "127.0.0.1")
                            peer.remoteAddress shouldBe client.localAddress
                        }
                    }
                }
            }
        }

        everywhere("IO-TL4 0.0.0.0 is IPv4 only, :: takes both, ::1 refuses 127.0.0.1") {
            suspend fun reachable(host: String, from: String): Boolean = openTcpListeners(0, host).single().use { listener ->
                try {
                    openTcpStream(from, listener.port).close()
                    true
                } catch (refused: IOException) {
                    false
                }
            }
            reachable("0.0.0.0", "127.0.0.1") shouldBe true
            reachable("0.0.0.0", "::1") shouldBe false
            reachable("::", "127.0.0.1") shouldBe true
            reachable("::", "::1") shouldBe true
            reachable("::1", "127.0.0.1") shouldBe false
            reachable("127.0.0.1", "127.0.0.1") shouldBe true
        }

        everywhere("IO-TL5 SO_REUSEADDR is on") {
            openTcpListeners(0).single().use { it.socket.getOption(StandardSocketOptions.SO_REUSEADDR) shouldBe true }
        }

        everywhere("IO-TL6 binding again works beside a connection that stands and one in TIME_WAIT; not while it is open") {
            var port = 0
            repeat(5) {
                val listener = openTcpListeners(port, "127.0.0.1").single()
                port = listener.port
                shouldThrow<BindException> { openTcpListeners(port, "127.0.0.1") }.message shouldContain "127.0.0.1:$port"
                shouldThrow<IOException> { openTcpListeners(port) }
                openTcpStream("127.0.0.1", port).use { standing ->
                    listener.accept().use { server ->
                        val client = openTcpStream("127.0.0.1", port)
                        // The side that closes first goes into TIME_WAIT: the server's.
                        listener.accept().close()
                        client.receiveText() shouldBe null
                        client.close()
                        listener.close()
                        openTcpListeners(port, "127.0.0.1").single().use { again ->
                            standing.sendAll("still".buffer())
                            server.receiveText() shouldBe "still"
                            again.port shouldBe port
                        }
                    }
                }
            }
        }

        everywhere("IO-TL7 a backlog of 1 is passed on: of 5 connections that nobody accepts some do not come through; by default all do") {
            suspend fun connected(backlog: Int?): Int = openTcpListeners(0, "127.0.0.1", backlog).single().use { listener ->
                coroutineScope {
                    val tries = List(70) { async(start = CoroutineStart.UNDISPATCHED) { openTcpStream("127.0.0.1", listener.port) } }
                    dev.tercet.coroutines.letOthersWait()
                    dev.tercet.coroutines.letOthersWait()
                    val done = tries.filter { it.isCompleted }
                    tries.forEach { it.cancel() }
                    done.forEach { it.await().closeForcefully() }
                    done.size
                }
            }
            connected(1) shouldBe 2
            // NIO would make 50 of "none given".
            connected(null) shouldBe 70
        }

        everywhere("IO-TL1 IO-TL11 IO-X1 a host with several addresses gives one listener each, one named twice gives one") {
            withNetwork(network(v4, v6, v4, v6)) {
                val listeners = openTcpListeners(0, "test.example")
                listeners.map { (it.localAddress as InetSocketAddress).address } shouldBe listOf(v4, v6)
                for (listener in listeners) {
                    openTcpStream((listener.localAddress as InetSocketAddress).address.hostAddress, listener.port).close()
                    listener.close()
                }
            }
            val listeners = openTcpListeners(0, "localhost")
            listeners.map { it.localAddress }.distinct() shouldHaveSize listeners.size
            listeners.forEach { it.close() }
        }

        everywhere("IO-TL8 when one address fails nothing is left open, and the error names it") {
            val before = openSockets()
            openTcpListeners(0, "::1").single().use { taken ->
                withNetwork(network(v4, v6)) {
                    shouldThrow<BindException> { openTcpListeners(taken.port, "test.example") }.message shouldContain "[::1]"
                }
            }
            openSockets() shouldBe before
        }

        everywhere("IO-TL8 an address that this machine does not have is skipped, but not the only one") {
            // These are for documentation: nobody has them.
            val absent = InetAddress.getByName("198.51.100.1")
            withNetwork(network(absent, v4)) {
                openTcpListeners(0, "test.example").single().use { it.port shouldNotBe 0 }
            }
            withNetwork(network(absent, InetAddress.getByName("203.0.113.1"))) {
                shouldThrow<BindException> { openTcpListeners(0, "test.example") }.message shouldContain "203.0.113.1"
            }
        }

        everywhere("IO-TL1 IO-E6 a failing lookup comes out as it is, and a host without addresses is unknown") {
            val failure = IOException("the resolver is on fire")
            withNetwork(EventLoop.shared().network().withResolver { _, _ -> CompletableFuture.failedFuture(failure) }) {
                shouldThrow<IOException> { openTcpListeners(0, "test.example") } shouldBe failure
            }
            withNetwork(network()) {
                shouldThrow<UnknownHostException> { openTcpListeners(0, "test.example") }
                shouldThrow<UnknownHostException> { openTcpListeners(0, "other.example") }
            }
        }

        everywhere("IO-C1 IO-C2 a cancelled coroutine opens nothing") {
            val before = openSockets()
            coroutineScope {
                launch {
                    currentCoroutineContext().cancel()
                    shouldThrow<CancellationException> { openTcpListeners(0) }
                    shouldThrow<CancellationException> { openTcpListeners(0, "127.0.0.1") }
                    shouldThrow<CancellationException> { serveTcp(0) { } }
                    shouldThrow<CancellationException> { openTcpStream("127.0.0.1", 9) }
                }
            }
            openSockets() shouldBe before
        }
    })
