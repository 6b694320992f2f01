package dev.tercet.coroutines

import dev.tercet.loop.EventLoop
import dev.tercet.support.ClosedPort
import io.kotest.core.spec.style.scopes.FunSpecRootScope
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** How long anything in a test of real sockets may take. */
internal val PATIENCE = 30.seconds

/** One test on `Dispatchers.Default` and one on an event loop; in both no socket is left open afterwards. */
internal fun FunSpecRootScope.everywhere(name: String, body: suspend CoroutineScope.() -> Unit) {
    test("$name [Default]") {
        leakless { withContext(Dispatchers.Default) { withTimeout(PATIENCE, body) } }
    }
    test("$name [loop]") {
        leakless {
            withContext(Dispatchers.IO) {
                EventLoop.open("test", 2).use { loop -> runOnLoop(loop) { withTimeout(PATIENCE, body) } }
            }
        }
    }
}

/** The same over a TCP connection and over a Unix one: four tests. */
internal fun FunSpecRootScope.onBoth(name: String, body: suspend CoroutineScope.(left: SocketStream, right: SocketStream) -> Unit) {
    everywhere("$name [TCP]") { tcpPair().let { (left, right) -> left.use { right.use { body(left, right) } } } }
    everywhere("$name [Unix]") { unixPair().let { (left, right) -> left.use { right.use { body(left, right) } } } }
}

/** Fails when sockets are left open. */
internal suspend fun leakless(body: suspend () -> Unit) {
    warmUp()
    // What the test before has closed may take a turn of its loop; what it has leaked is not ours.
    for (i in 1..200) if (openSockets() > baseline) delay(5.milliseconds) else break
    val before = openSockets()
    baseline = before
    body()
    eventually("${openSockets()} sockets are open, $before were") { openSockets() <= before }
}

/** The JDK keeps a socket pair of its own from the first close of a socket on. */
private suspend fun warmUp() {
    val (left, right) = tcpPair()
    left.close()
    right.use { it.receiveText() }
}

private var baseline = 1

/** A port that refuses. Bound before sockets are counted. */
internal val CLOSED_PORT: Int = ClosedPort.tcp()

/** How many descriptors of this process are sockets. */
internal fun openSockets(): Int = Files.list(Path.of("/proc/self/fd")).use { fds ->
    fds.filter { fd -> runCatching { Files.readSymbolicLink(fd).toString().startsWith("socket:") }.getOrDefault(false) }.count().toInt()
}

/** Waits until something holds, on the clock of the real world. */
internal suspend fun eventually(what: String = "it did not happen", condition: suspend () -> Boolean) {
    withContext(Dispatchers.Default) {
        repeat(2000) {
            if (condition()) return@withContext
            delay(5.milliseconds)
        }
        throw AssertionError(what)
    }
}

/** Long enough for another coroutine to get to its wait. A test that relies on it can only be too kind, never fail for it. */
internal suspend fun letOthersWait(): Unit = withContext(Dispatchers.Default) { delay(50.milliseconds) }

internal suspend fun tcpPair(): Pair<SocketStream, SocketStream> =
    openTcpListeners(0, "127.0.0.1").single().use { listener -> openTcpStream("127.0.0.1", listener.port) to listener.accept() }

internal suspend fun unixPair(): Pair<SocketStream, SocketStream> = inDirectory { directory ->
    openUnixListener(directory.resolve("s")).use { listener -> openUnixSocket(directory.resolve("s")) to listener.accept() }
}

@OptIn(ExperimentalPathApi::class)
internal inline fun <R> inDirectory(body: (Path) -> R): R {
    val directory = Files.createTempDirectory("tercet-test")
    try {
        return body(directory)
    } finally {
        directory.deleteRecursively()
    }
}

/**
 * Sends until there is no room, which is asked three times: the kernel may make some late. The send buffer is then made small, so that
 * there is none before the peer has received nearly everything. Returns how many bytes it were.
 */
internal suspend fun SocketStream.clog(): Long {
    val before = bytesSent
    var full = 0
    while (full < 3) {
        val sent = bytesSent
        withTimeoutOrNull(40.milliseconds) { while (true) sendAll(ByteBuffer.allocate(65_536)) }
        full = if (bytesSent == sent) full + 1 else 0
    }
    setOption(StandardSocketOptions.SO_SNDBUF, 1)
    return bytesSent - before
}

internal fun String.buffer(): ByteBuffer = ByteBuffer.wrap(toByteArray())

/** One receive, as text; null at the end. */
internal suspend fun ReceiveStream.receiveText(max: Int = 100): String? {
    val buffer = ByteBuffer.allocate(max)
    return if (receiveSome(buffer) == -1) null else String(buffer.array(), 0, buffer.position())
}
