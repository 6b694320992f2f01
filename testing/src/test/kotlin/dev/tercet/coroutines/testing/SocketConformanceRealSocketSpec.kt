package dev.tercet.coroutines.testing

import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.StreamSocket
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openUnixListener
import dev.tercet.coroutines.openUnixSocket
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.socketStreamPair
import dev.tercet.coroutines.use
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds

/** The battery on real sockets: TCP, Unix and socket pairs, on their loop and off it. */
class SocketConformanceRealSocketSpec :
    FunSpec({
        suspend fun tcpPair(): Pair<SocketStream, SocketStream> = openTcpListeners(0, host = "127.0.0.1").single().use { listener ->
            openTcpStream("127.0.0.1", listener.port) to listener.accept()
        }

        suspend fun unixPair(directory: Path): Pair<SocketStream, SocketStream> {
            val path = directory.resolve("s")
            return openUnixListener(path).use { listener -> openUnixSocket(path) to listener.accept() }
        }

        fun tcpChannels(): Pair<SocketChannel, SocketChannel> =
            ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).use { SocketChannel.open(it.localAddress) to it.accept() }

        fun unixChannels(directory: Path): Pair<SocketChannel, SocketChannel> {
            val path = directory.resolve("s")
            val address = UnixDomainSocketAddress.of(path)
            val server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)
            return server.use { SocketChannel.open(address) to it.accept() }.also { Files.delete(path) }
        }

        /**
         * The streams of channels that the kernel takes no more bytes for, in both directions. The kernel itself says so, to writes that do not
         * block: that a send of a stream makes no progress for some time may only mean that its coroutine had no turn. Asked three times, since
         * the kernel may find room late; a fixed buffer size keeps it from finding more.
         */
        suspend fun clogged(channels: Pair<SocketChannel, SocketChannel>): Pair<SocketStream, SocketStream> {
            for (channel in channels.toList()) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, 16_384).setOption(StandardSocketOptions.SO_RCVBUF, 16_384)
                channel.configureBlocking(false)
            }
            val piece = ByteBuffer.allocate(65_536)
            var full = 0
            while (full < 3) {
                full++
                for (channel in channels.toList()) while (channel.write(piece.clear()) > 0) full = 0
                delay(20.milliseconds)
            }
            return SocketStream(StreamSocket.fromChannel(channels.first)) to SocketStream(StreamSocket.fromChannel(channels.second))
        }

        fun descriptors(): Int = checkNotNull(java.io.File("/proc/self/fd").list()).size

        fun <T> inDirectory(body: suspend (Path) -> T): suspend () -> T = {
            val directory = Files.createTempDirectory("tercet-battery")
            try {
                body(directory)
            } finally {
                Files.deleteIfExists(directory)
            }
        }

        fun battery(maker: suspend () -> Pair<SocketStream, SocketStream>, channels: suspend () -> Pair<SocketChannel, SocketChannel>) {
            runBlocking(Dispatchers.Default) { checkHalfCloseableStream(maker, { clogged(channels()) }) }
            runOnLoop { checkHalfCloseableStream(maker, { clogged(channels()) }) }
        }

        test("IO-SS11 TCP streams keep the contract, on Dispatchers.Default and on a loop, and KIT-C57 leave no descriptor behind") {
            val before = descriptors()
            battery({ tcpPair() }, { tcpChannels() })
            // A forced close gives its descriptor back one turn of the loop later.
            runOnLoop { repeat(3) { socketStreamPair().let { (left, right) -> left.close().also { right.close() } } } }
            (descriptors() - before in -5..8) shouldBe true
        }
        test("IO-SS11 Unix streams keep the contract, on Dispatchers.Default and on a loop") {
            battery(inDirectory { unixPair(it) }, inDirectory { unixChannels(it) })
        }
        test("IO-SS11 socket pairs keep the contract, on Dispatchers.Default and on a loop") {
            battery({ socketStreamPair() }, inDirectory { unixChannels(it) })
        }
    })
