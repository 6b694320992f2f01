package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.INET6
import java.net.StandardProtocolFamily.UNIX
import java.net.StandardSocketOptions
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.AlreadyBoundException
import java.nio.channels.Selector
import java.nio.channels.ServerSocketChannel
import kotlin.io.path.div
import kotlin.io.path.exists

private suspend fun listener(): ListenerSocket =
    ListenerSocket.open(INET).apply { bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8) }

private val ListenerSocket.address get() = checkNotNull(localAddress) as InetSocketAddress

private suspend fun connected(listener: ListenerSocket): StreamSocket = StreamSocket.open(INET).apply { connect(listener.address) }

private suspend fun withPair(body: suspend (left: StreamSocket, right: StreamSocket) -> Unit) =
    StreamSocket.openPair().let { (left, right) -> left.use { right.use { body(left, right) } } }

/** The low level: stream sockets and listeners as the system has them. */
class StreamSocketRealSocketSpec :
    FunSpec({
        everywhere("IO-K13 isReadable: bytes, the end and a reset; it takes nothing") {
            listener().use { listener ->
                connected(listener).use { socket ->
                    val peer = listener.accept()
                    socket.isReadable() shouldBe false
                    peer.send("x".buffer())
                    eventually("the byte has not come") { socket.isReadable() }
                    socket.isReadable() shouldBe true
                    socket.receive(ByteBuffer.allocate(10)) shouldBe 1
                    socket.isReadable() shouldBe false
                    peer.setOption(StandardSocketOptions.SO_LINGER, 0)
                    peer.close()
                    eventually("the reset has not come") { socket.isReadable() }
                    shouldThrow<IOException> { socket.receive(ByteBuffer.allocate(10)) }
                }
                connected(listener).use { socket ->
                    listener.accept().close()
                    eventually("the end has not come") { socket.isReadable() }
                    socket.receive(ByteBuffer.allocate(10)) shouldBe -1
                }
            }
        }

        everywhere("IO-K13 isReadable disturbs nobody who waits, and a closed socket says Closed") {
            withPair { left, right ->
                supervisorScope {
                    val receiver = async(start = CoroutineStart.UNDISPATCHED) { right.receive(ByteBuffer.allocate(10)) }
                    letOthersWait()
                    repeat(20) { right.isReadable() shouldBe false }
                    left.send("x".buffer())
                    receiver.await() shouldBe 1
                    val second = async(start = CoroutineStart.UNDISPATCHED) { right.receive(ByteBuffer.allocate(10)) }
                    letOthersWait()
                    right.isReadable() shouldBe false
                    right.close()
                    shouldThrow<ClosedResourceException> { second.await() }
                    shouldThrow<ClosedResourceException> { right.isReadable() }
                }
            }
        }

        everywhere("IO-K3 IO-K15 shutdown and didShutdownWrite, on a pair of both directions") {
            for (how in How.entries) {
                withClue(how) {
                    withPair { left, right ->
                        left.didShutdownWrite shouldBe false
                        left.shutdown(how)
                        left.didShutdownWrite shouldBe (how != How.READ)
                        if (how == How.READ) {
                            left.send("x".buffer()) shouldBe 1
                            right.receive(ByteBuffer.allocate(10)) shouldBe 1
                        } else {
                            right.receive(ByteBuffer.allocate(10)) shouldBe -1
                            shouldThrow<ClosedResourceException> { left.send("x".buffer()) }
                        }
                        if (how == How.WRITE) {
                            right.send("y".buffer()) shouldBe 1
                            left.receive(ByteBuffer.allocate(10)) shouldBe 1
                        } else {
                            left.receive(ByteBuffer.allocate(10)) shouldBe -1
                        }
                        left.close()
                        left.didShutdownWrite shouldBe (how != How.READ)
                    }
                }
            }
            StreamSocket.open(INET).use { socket ->
                shouldThrow<IllegalStateException> { socket.shutdown(How.WRITE) }
                socket.didShutdownWrite shouldBe false
            }
        }

        everywhere("IO-K13 bytes are gathered and scattered in order") {
            withPair { left, right ->
                left.send("ab".buffer(), "".buffer(), "cdef".buffer()) shouldBe 6
                val parts = arrayOf(ByteBuffer.allocate(1), ByteBuffer.allocate(3), ByteBuffer.allocate(10))
                right.receive(*parts) shouldBe 6
                parts.map { String(it.array(), 0, it.position()) } shouldBe listOf("a", "bcd", "ef")
            }
        }

        everywhere("IO-K4 after our own close everything is Closed, a second close is fine") {
            val listener = listener()
            withPair { socket, _ ->
                socket.close()
                listener.close()
                val operations = listOf<suspend () -> Unit>(
                    { socket.send("x".buffer()) },
                    { socket.receive(ByteBuffer.allocate(1)) },
                    { socket.waitWritable() },
                    { socket.isReadable() },
                    { socket.shutdown(How.BOTH) },
                    { socket.bind(InetSocketAddress(0)) },
                    { socket.getOption(StandardSocketOptions.SO_SNDBUF) },
                    { socket.setOption(StandardSocketOptions.SO_SNDBUF, 1) },
                    { listener.accept() },
                    { listener.bind(InetSocketAddress(0), 1) },
                    { listener.getOption(StandardSocketOptions.SO_RCVBUF) },
                )
                for (operation in operations) shouldThrow<ClosedResourceException> { operation() }
                socket.close()
                socket.closeForcefully()
                listener.close()
            }
        }

        everywhere("IO-K5 a refused or cancelled connect closes the socket, and names the address") {
            val nobody = listener().use { it.address }
            val socket = StreamSocket.open(INET)
            shouldThrow<ConnectException> { socket.connect(nobody) }.message shouldBe
                "Error connecting to 127.0.0.1:${nobody.port}: Connection refused"
            shouldThrow<ClosedResourceException> { socket.connect(nobody) }
            shouldThrow<ClosedResourceException> { socket.send("x".buffer()) }

            val cancelled = StreamSocket.open(INET)
            coroutineScope {
                launch {
                    currentCoroutineContext().cancel()
                    shouldThrow<CancellationException> { cancelled.connect(nobody) }
                }
            }
            shouldThrow<ClosedResourceException> { cancelled.getOption(StandardSocketOptions.TCP_NODELAY) }
        }

        everywhere("IO-K14 bind: taken, not ours, twice; a local address is where we connect from") {
            listener().use { listener ->
                StreamSocket.open(INET).use { socket ->
                    shouldThrow<BindException> { socket.bind(InetSocketAddress("203.0.113.1", 0)) }.message shouldBe
                        "cannot bind to 203.0.113.1:0: Cannot assign requested address"
                    ListenerSocket.open(INET).use { second -> shouldThrow<BindException> { second.bind(listener.address, 1) } }
                    socket.bind(InetSocketAddress("127.0.0.2", 0))
                    shouldThrow<AlreadyBoundException> { socket.bind(InetSocketAddress("127.0.0.2", 0)) }
                    socket.connect(listener.address)
                    listener.accept().use { peer -> peer.remoteAddress shouldBe socket.localAddress }
                }
            }
        }

        everywhere("IO-K1 IO-K2 modern defaults: no delay, and a port is free for the next listener") {
            StreamSocket.open(INET6).use { it.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe true }
            ListenerSocket.open(INET6).use { listener ->
                listener.getOption(StandardSocketOptions.SO_REUSEADDR) shouldBe true
                listener.setOption(StandardSocketOptions.SO_REUSEADDR, false)
                listener.getOption(StandardSocketOptions.SO_REUSEADDR) shouldBe false
            }
        }

        everywhere("IO-K1 a listener is made of a channel, as System.inheritedChannel gives one") {
            val channel = ServerSocketChannel.open(INET).bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            ListenerSocket.fromChannel(channel).use { listener ->
                listener.localAddress shouldBe channel.localAddress
                connected(listener).use { client ->
                    listener.accept().use { peer ->
                        client.send("x".buffer())
                        peer.receive(ByteBuffer.allocate(10)) shouldBe 1
                    }
                }
            }
            shouldThrow<IllegalArgumentException> { ListenerSocket.fromChannel(channel) }
            ServerSocketChannel.open().use { other ->
                Selector.open().use { selector ->
                    other.configureBlocking(false)
                    other.register(selector, 0)
                    shouldThrow<IllegalArgumentException> { ListenerSocket.fromChannel(other) }
                    other.isOpen shouldBe true
                }
            }
        }

        everywhere("IO-K1 IO-U5 a Unix listener from a channel: the socket file is not ours to remove") {
            inDirectory { directory ->
                val path = UnixDomainSocketAddress.of(directory / "s")
                ListenerSocket.fromChannel(ServerSocketChannel.open(UNIX).bind(path)).use { listener ->
                    StreamSocket.open(UNIX).use { client ->
                        client.connect(path)
                        listener.accept().close()
                        client.receive(ByteBuffer.allocate(1)) shouldBe -1
                    }
                }
                path.path.exists() shouldBe true
            }
        }
    })
