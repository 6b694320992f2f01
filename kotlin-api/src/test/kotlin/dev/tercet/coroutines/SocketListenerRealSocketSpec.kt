package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.Socket
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import kotlin.random.Random

class SocketListenerRealSocketSpec :
    FunSpec({
        val loopback = InetAddress.getByName("127.0.0.1")

        everywhere("IO-SL1 IO-E7 a listener is made of a bound socket; a backlog below 1 is refused") {
            ListenerSocket.open(StandardProtocolFamily.INET).use { socket ->
                shouldThrow<IllegalArgumentException> { SocketListener(socket) }
                shouldThrow<IllegalStateException> { socket.accept() }
                for (backlog in listOf(0, -1)) {
                    shouldThrow<IllegalArgumentException> {
                        socket.bind(InetSocketAddress(loopback, 0), backlog)
                    }
                }
                shouldThrow<IllegalArgumentException> { socket.bind(InetSocketAddress.createUnresolved("localhost", 0), 1) }
                socket.bind(InetSocketAddress(loopback, 0), 1)
                shouldThrow<IllegalStateException> { socket.bind(InetSocketAddress(loopback, 0), 1) }
                SocketListener(socket).socket shouldBeSameInstanceAs socket
            }
        }

        everywhere("IO-SL2 IO-SS2 an accepted stream has the listener's address and the client's, and TCP_NODELAY") {
            for (host in listOf("127.0.0.1", "::1", null)) {
                openTcpListeners(0, host).single().use { listener ->
                    for (client in listOf("127.0.0.1", "::1").filter { host == null || it == host }) {
                        openTcpStream(client, listener.port).use { left ->
                            listener.accept().use { right ->
                                if (host != null) right.localAddress shouldBe listener.localAddress
                                (right.localAddress as InetSocketAddress).port shouldBe listener.port
                                right.remoteAddress shouldBe left.localAddress
                                right.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe true
                            }
                        }
                    }
                }
            }
        }

        everywhere("IO-SL5 IO-L1 two accepts: Busy for the second; a close wakes the first with Closed; closing again is fine") {
            val listener = openTcpListeners(0, "127.0.0.1").single()
            supervisorScope {
                val accepting = async(start = CoroutineStart.UNDISPATCHED) { listener.accept() }
                shouldThrow<BusyResourceException> { listener.accept() }
                letOthersWait()
                listener.close()
                shouldThrow<ClosedResourceException> { accepting.await() }
            }
            shouldThrow<ClosedResourceException> { listener.accept() }
            listener.close()
            listener.closeForcefully()
            coroutineScope {
                launch {
                    currentCoroutineContext().cancel()
                    shouldThrow<CancellationException> { listener.close() }
                }
            }
            (listener.localAddress as InetSocketAddress).port shouldBe listener.port
        }

        everywhere("IO-SL4 a listener whose socket was closed underneath is Closed") {
            val listener = openTcpListeners(0, "127.0.0.1").single()
            listener.socket.close()
            shouldThrow<ClosedResourceException> { listener.accept() }
            shouldThrow<ClosedResourceException> { listener.socket.getOption(StandardSocketOptions.SO_RCVBUF) }
        }

        everywhere("IO-C2 IO-C3 IO-C6 a cancelled accept takes no connection, and the next one works") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                repeat(20) { launch(start = CoroutineStart.UNDISPATCHED) { listener.accept() }.cancelAndJoin() }
                openTcpStream("127.0.0.1", listener.port).use { client ->
                    coroutineScope {
                        launch {
                            currentCoroutineContext().cancel()
                            shouldThrow<CancellationException> { listener.accept() }
                        }
                    }
                    listener.accept().use { it.remoteAddress shouldBe client.localAddress }
                }
            }
        }

        everywhere("IO-C4 IO-SL2 accepts cancelled at random moments lose no connection of 300") {
            val random = Random(5)
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                var accepted = 0
                val clients =
                    launch {
                        repeat(300) { openTcpStream("127.0.0.1", listener.port).close() }
                    }
                while (accepted < 300) {
                    val accepting =
                        launch {
                            listener.accept().closeForcefully()
                            accepted++
                        }
                    repeat(random.nextInt(20)) { kotlinx.coroutines.yield() }
                    accepting.cancelAndJoin()
                }
                clients.join()
            }
        }

        everywhere("IO-SL10 the port is free when close returns, 300 times, also when the acceptor was cancelled") {
            var port = 0
            repeat(300) {
                val listener = openTcpListeners(port, "127.0.0.1").single()
                port = listener.port
                val accepting =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        listener.use { it.accept() }
                    }
                kotlinx.coroutines.yield()
                accepting.cancelAndJoin()
                shouldThrow<ConnectException> { connectBlocking(InetSocketAddress(loopback, port)) }
            }
        }

        everywhere("IO-SL10 IO-SL11 connections are refused once the listener is closed, and those in its queue are reset") {
            val listener = openTcpListeners(0, "127.0.0.1").single()
            launch(start = CoroutineStart.UNDISPATCHED) { listener.accept() }.cancelAndJoin()
            openTcpStream("127.0.0.1", listener.port).use { queued ->
                listener.close()
                shouldThrow<BrokenResourceException> { queued.receiveText() }
                shouldThrow<IOException> { openTcpStream("127.0.0.1", listener.port) }
            }
        }

        everywhere("IO-SL8 a client that resets before it is accepted is accepted, and its first receive is Broken") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                openTcpStream("127.0.0.1", listener.port).use { it.setOption(StandardSocketOptions.SO_LINGER, 0) }
                letOthersWait()
                listener.accept().use { shouldThrow<BrokenResourceException> { it.receiveText() } }
            }
        }
    }) {
    private companion object {
        fun connectBlocking(address: InetSocketAddress) = Socket().use { it.connect(address) }
    }
}
