package dev.tercet.coroutines.testing

import dev.tercet.coroutines.loop.runOnLoop
import dev.tercet.coroutines.net.openTcpListeners
import dev.tercet.coroutines.net.openTcpStream
import dev.tercet.coroutines.net.openUnixListener
import dev.tercet.coroutines.net.openUnixSocket
import dev.tercet.coroutines.net.socketStreamPair
import dev.tercet.coroutines.socket.SocketStream
import dev.tercet.coroutines.stream.sendAll
import dev.tercet.coroutines.task.moveOnAfter
import dev.tercet.coroutines.use
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import java.net.StandardSocketOptions
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

        /**
         * Sends until sending waits, which is asked three times: this thread may have had no turn. A fixed buffer size keeps the kernel from
         * finding more room later.
         */
        suspend fun clog(stream: SocketStream) {
            val piece = ByteArray(65_536)
            var full = 0
            while (full < 3) {
                val sent = stream.bytesSent
                moveOnAfter(20.milliseconds) { stream.sendAll(piece) }
                full = if (stream.bytesSent == sent) full + 1 else 0
            }
        }

        suspend fun clogged(pair: Pair<SocketStream, SocketStream>): Pair<SocketStream, SocketStream> {
            for (stream in pair.toList()) {
                stream.setOption(StandardSocketOptions.SO_SNDBUF, 16_384)
                stream.setOption(StandardSocketOptions.SO_RCVBUF, 16_384)
            }
            clog(pair.first)
            clog(pair.second)
            return pair
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

        fun battery(maker: suspend () -> Pair<SocketStream, SocketStream>) {
            runBlocking(Dispatchers.Default) { checkHalfCloseableStream(maker, { clogged(maker()) }) }
            runOnLoop { checkHalfCloseableStream(maker, { clogged(maker()) }) }
        }

        test("IO-SS11 TCP streams keep the contract, on Dispatchers.Default and on a loop, and KIT-C57 leave no descriptor behind") {
            val before = descriptors()
            battery { tcpPair() }
            // A forced close gives its descriptor back one turn of the loop later.
            runOnLoop { repeat(3) { socketStreamPair().let { (left, right) -> left.close().also { right.close() } } } }
            (descriptors() - before in -5..8) shouldBe true
        }
        test("IO-SS11 Unix streams keep the contract, on Dispatchers.Default and on a loop") {
            battery(inDirectory { unixPair(it) })
        }
        test("IO-SS11 socket pairs keep the contract, on Dispatchers.Default and on a loop") {
            battery { socketStreamPair() }
        }
    })
