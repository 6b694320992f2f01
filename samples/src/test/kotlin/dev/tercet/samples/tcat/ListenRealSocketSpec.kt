package dev.tercet.samples.tcat

import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.ConnectException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.net.SocketTimeoutException
import java.util.concurrent.TimeUnit
import kotlin.io.path.createTempDirectory
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** `tcat listen`: what it does with connections, and how it stops. */
class ListenRealSocketSpec :
    FunSpec({
        fun listen(vararg args: String, body: (Running, Int) -> Unit) = Tcat("listen", "tcp:127.0.0.1:0", *args).use { tcat ->
            body(tcat, tcat.awaitError("listening tcp:127.0.0.1:").toInt())
        }

        fun talk(port: Int, text: String): String = Socket(InetAddress.getLoopbackAddress(), port).use { peer ->
            peer.getOutputStream().write(text.encodeToByteArray())
            peer.shutdownOutput()
            peer.getInputStream().readAllBytes().decodeToString()
        }

        test("without a service it talks to the first connection, and ends with it") {
            listen { tcat, port ->
                tcat.say("from stdin").endInput()
                talk(port, "to stdout") shouldBe "from stdin"
                tcat.hear() shouldBe "to stdout"
                tcat.exitCode() shouldBe 0
                tcat.errors() shouldHaveSize 1
            }
        }

        test("without a host it takes IPv4 and IPv6") {
            Tcat("listen", "tcp::0", "--echo").use { tcat ->
                val port = tcat.awaitError("listening tcp:").substringAfterLast(':').toInt()
                for (host in listOf("127.0.0.1", "::1")) {
                    Socket(host, port).use { peer ->
                        peer.getOutputStream().write(7)
                        peer.getInputStream().read() shouldBe 7
                    }
                }
            }
        }

        test("--once serves one connection") {
            listen("--once", "--echo") { tcat, port ->
                talk(port, "hello") shouldBe "hello"
                tcat.exitCode() shouldBe 0
            }
        }

        test("--max-connections 1 lets the second wait until the first has ended") {
            listen("--echo", "--max-connections", "1") { _, port ->
                Socket(InetAddress.getLoopbackAddress(), port).use { first ->
                    first.getOutputStream().write(1)
                    first.getInputStream().read() shouldBe 1
                    Socket(InetAddress.getLoopbackAddress(), port).use { second ->
                        second.getOutputStream().write(2)
                        second.soTimeout = 200
                        val early = runCatching { second.getInputStream().read() }
                        withClue("$early") { (early.exceptionOrNull() is SocketTimeoutException) shouldBe true }
                        first.close()
                        second.soTimeout = 20_000
                        second.getInputStream().read() shouldBe 2
                    }
                }
            }
        }

        test("--timeout cuts a connection on which nothing moves, and spares one on which something does") {
            // A busy machine may keep us from moving anything for that long: then it is judged with a longer time.
            val isJudged = listOf(0.4, 2.0, 10.0).any { seconds ->
                var longest = Duration.ZERO
                var isSpared = false
                listen("--echo", "--timeout", "$seconds") { _, port ->
                    connected(port) { idle -> connected(port) { busy -> isSpared = isSpared(busy, idle) { longest = maxOf(longest, it) } } }
                }
                withClue("cut after at most $longest") { (isSpared || longest > seconds.seconds / 2) shouldBe true }
                isSpared
            }
            isJudged shouldBe true
        }

        test("--timeout with --once: exit code 1, and one line") {
            listen("--echo", "--once", "--timeout", "0.2") { tcat, port ->
                connected(port) { peer -> peer.getInputStream().read() shouldBe -1 }
                tcat.exitCode() shouldBe 1
                tcat.errors().last() shouldContain "no byte has moved for 0.2 s"
            }
        }

        test("TERM: the port is closed, the connection there is finishes, exit code 0") {
            listen("--echo") { tcat, port ->
                Socket(InetAddress.getLoopbackAddress(), port).use { peer ->
                    peer.getOutputStream().write(1)
                    peer.getInputStream().read() shouldBe 1
                    tcat.terminate()
                    awaitRefusal(port)
                    peer.getOutputStream().write(2)
                    peer.shutdownOutput()
                    peer.getInputStream().readAllBytes() shouldBe byteArrayOf(2)
                }
                tcat.exitCode() shouldBe 0
                ServerSocket(port).close()
            }
        }

        test("TERM twice ends it at once, exit code 1") {
            listen("--echo") { tcat, port ->
                connected(port) { peer ->
                    peer.getOutputStream().write(1)
                    peer.getInputStream().read() shouldBe 1
                    tcat.terminate()
                    awaitRefusal(port)
                    tcat.terminate()
                    tcat.exitCode() shouldBe 1
                    tcat.errors().last() shouldBe "tcat: stopped by a signal"
                }
            }
        }

        test("a Unix socket is there while it listens, and gone after TERM") {
            val folder = createTempDirectory("tcat")
            val path = folder / "socket"
            Tcat("listen", "unix:$path", "--echo").use { server ->
                server.awaitError("listening unix:$path")
                Tcat("connect", "unix:$path").use { client ->
                    client.say("hello").endInput()
                    client.hear() shouldBe "hello"
                    client.exitCode() shouldBe 0
                }
                server.terminate().exitCode() shouldBe 0
            }
            path.exists() shouldBe false
            folder.toFile().delete()
        }

        test("--forward hands on both directions and both ends; when the target is gone, the others go on") {
            listen("--echo") { target, targetPort ->
                listen("--forward", "tcp:127.0.0.1:$targetPort") { tcat, port ->
                    talk(port, "through") shouldBe "through"
                    target.terminate().exitCode() shouldBe 0
                    talk(port, "") shouldBe ""
                    tcat.awaitError("tcat: ") shouldStartWith "tcp:127.0.0.1:$targetPort: Connection refused"
                    talk(port, "") shouldBe ""
                }
            }
        }

        test("--exec: the end of the peer ends the process's stdin, the end of the process ends the answer") {
            listen("--exec", "sort") { _, port -> talk(port, "b\na\n") shouldBe "a\nb\n" }
        }

        test("--exec: a process that reads nothing answers whole, whatever the peer sends") {
            listen("--exec", "sh", "-c", "head -c 300000 /dev/zero; exec 0<&-") { _, port ->
                talk(port, "unread".repeat(100_000)).length shouldBe 300_000
            }
        }

        test("--exec: a command that is not there costs one line per connection") {
            listen("--exec", "no-such-command") { tcat, port ->
                talk(port, "") shouldBe ""
                tcat.awaitError("tcat: exec no-such-command: ")
                talk(port, "") shouldBe ""
            }
        }

        test("--exec: a hundred processes at once, all waiting for input, and each gets its own") {
            listen("--exec", "cat") { tcat, port ->
                val peers = List(100) { Socket(InetAddress.getLoopbackAddress(), port) }
                peers.forEachIndexed { i, peer ->
                    peer.soTimeout = 60_000
                    peer.getOutputStream().write(i)
                }
                peers.forEachIndexed { i, peer -> peer.getInputStream().read() shouldBe i }
                tcat.descendants().size shouldBe 100
                peers.forEach { it.close() }
            }
        }

        test("--exec: the process and its children are killed when the peer resets") {
            listen("--exec", "sh", "-c", "sleep 1000 & echo started; wait") { tcat, port ->
                connected(port) { peer ->
                    peer.getInputStream().read() shouldBe 's'.code
                    tcat.descendants().size shouldBeLessThan 3
                    peer.setSoLinger(true, 0)
                }
                tcat.awaitError("Connection reset")
                val children = tcat.descendants()
                children.forEach { it.onExit().get() }
                tcat.descendants().shouldBeEmpty()
            }
        }
    })

/** Talks over [busy] until [idle] is cut, and once more. [onPause] is told how long nothing has moved. Returns whether each word came back. */
private fun isSpared(busy: Socket, idle: Socket, onPause: (Duration) -> Unit): Boolean {
    var last = TimeSource.Monotonic.markNow()

    fun isEchoed(): Boolean {
        val isEchoed =
            try {
                busy.getOutputStream().write(1)
                busy.getInputStream().read() == 1
            } catch (_: SocketException) {
                false
            }
        onPause(last.elapsedNow())
        last = TimeSource.Monotonic.markNow()
        return isEchoed
    }

    fun isCut() = try {
        idle.getInputStream().read() == -1
    } catch (_: SocketTimeoutException) {
        false
    }

    idle.soTimeout = 50
    while (isEchoed()) if (isCut()) return isEchoed()
    return false
}

private fun connected(port: Int, body: (Socket) -> Unit) = Socket(InetAddress.getLoopbackAddress(), port).use(body)

/** Returns when nobody listens there any more; fails when somebody does after a minute. */
internal fun awaitRefusal(port: Int) {
    val start = System.nanoTime()
    while (true) {
        check(System.nanoTime() - start < TimeUnit.MINUTES.toNanos(1)) { "port $port still takes connections" }
        try {
            Socket(InetAddress.getLoopbackAddress(), port).close()
            Thread.onSpinWait()
        } catch (_: ConnectException) {
            return
        } catch (_: SocketException) {
            // Reset: the listener was closed while this connection waited to be accepted. The next one is refused.
        }
    }
}
