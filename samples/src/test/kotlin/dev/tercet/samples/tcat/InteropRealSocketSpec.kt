package dev.tercet.samples.tcat

import dev.tercet.coroutines.*
import dev.tercet.coroutines.use
import dev.tercet.samples.Program
import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import dev.tercet.samples.needing
import dev.tercet.support.Stress
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Job
import java.io.File
import java.net.InetAddress
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.io.path.createTempDirectory
import kotlin.io.path.div
import kotlin.io.path.writeText

/** tcat against the programs that it must get on with, and against much of everything. */
class InteropRealSocketSpec :
    FunSpec({
        val folder = createTempDirectory("tcat")
        var sockets = 0
        afterSpec { folder.toFile().deleteRecursively() }

        /** Both kinds of address, for tcat to listen on, and what to put into a connect to them. */
        fun <T : Running> listeningAs(start: (Array<String>) -> T, vararg args: String, body: (T, Address) -> Unit) {
            for (address in listOf("tcp:127.0.0.1:0", "unix:$folder/${++sockets}")) {
                withClue(address) {
                    start(arrayOf("listen", address, *args)).use { body(it, Address.toConnect(it.awaitError("listening "))) }
                }
            }
        }

        fun listening(vararg args: String, body: (Tcat, Address) -> Unit) = listeningAs({ Tcat(*it) }, *args, body = body)

        fun netcat(address: Address): Program = when (address) {
            is Address.Tcp -> Program("nc", "-N", "127.0.0.1", "${address.port}")
            is Address.Unix -> Program("nc", "-N", "-U", "${address.path}")
            else -> error("no connections: $address")
        }

        fun socat(address: Address): Program = when (address) {
            is Address.Tcp -> Program("socat", "-t60", "-", "TCP:127.0.0.1:${address.port}")
            is Address.Unix -> Program("socat", "-t60", "-", "UNIX-CONNECT:${address.path}")
            else -> error("no connections: $address")
        }

        for ((name, client) in listOf("nc" to ::netcat, "socat" to ::socat)) {
            needing(name, "$name as the client of an echo: its end comes back as ours") {
                listening("--echo") { _, address ->
                    client(address).use { peer ->
                        peer.say("hello $name").endInput()
                        peer.hear() shouldBe "hello $name"
                        peer.exitCode() shouldBe 0
                    }
                }
            }

            needing(name, "$name as the client of stdin and stdout: each side ends, and hears the other out") {
                listening { tcat, address ->
                    client(address).use { peer ->
                        peer.say("from $name").endInput()
                        tcat.hear() shouldBe "from $name"
                        tcat.say("from tcat, after the end of $name").endInput()
                        peer.hear() shouldBe "from tcat, after the end of $name"
                        peer.exitCode() shouldBe 0
                        tcat.exitCode() shouldBe 0
                    }
                }
            }

            needing(name, "$name through --forward, and --exec") {
                listening("--exec", "tr", "a-z", "A-Z") { _, target ->
                    listening("--forward", "$target") { _, address ->
                        client(address).use { peer ->
                            peer.say("through two").endInput()
                            peer.hear() shouldBe "THROUGH TWO"
                        }
                    }
                }
            }
        }

        needing("nc", "nc as the server: both directions, and both ends") {
            Program("nc", "-lvN", "127.0.0.1", "0").use { peer ->
                val port = peer.awaitError("Listening on ").substringAfterLast(' ')
                Tcat("connect", "tcp:127.0.0.1:$port").use { tcat -> talkWith(tcat, peer) }
            }
            val path = folder / "nc"
            Program("nc", "-lvNU", "$path").use { peer ->
                peer.awaitError("Listening on ")
                Tcat("connect", "unix:$path").use { tcat -> talkWith(tcat, peer) }
            }
        }

        needing("socat", "socat as the server: both directions, and both ends") {
            Program("socat", "-d", "-d", "-t60", "TCP-LISTEN:0,bind=127.0.0.1", "-").use { peer ->
                val port = peer.awaitError("listening on").substringAfterLast(':')
                Tcat("connect", "tcp:127.0.0.1:$port").use { tcat -> talkWith(tcat, peer) }
            }
            Program("socat", "-d", "-d", "-t60", "UNIX-LISTEN:$folder/socat", "-").use { peer ->
                peer.awaitError("listening on")
                Tcat("connect", "unix:$folder/socat").use { tcat -> talkWith(tcat, peer) }
            }
        }

        needing("curl", "curl asks a web server of one line, over TCP and a Unix socket") {
            val page = folder / "page"
            page.writeText("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
            listening("--exec", "cat", "$page") { _, address ->
                val where =
                    when (address) {
                        is Address.Tcp -> arrayOf("http://127.0.0.1:${address.port}/")
                        is Address.Unix -> arrayOf("--unix-socket", "${address.path}", "http://localhost/")
                        else -> error("no connections: $address")
                    }
                // With a body of 1 MB that the server never reads: the answer must come all the same.
                (folder / "body").writeText("x".repeat(1_000_000))
                for (options in listOf(emptyArray(), arrayOf("-H", "Expect:", "--data-binary", "@$folder/body"))) {
                    Program("curl", "-sS", "--noproxy", "*", *options, *where).use { curl ->
                        curl.hear() shouldBe "hello\n"
                        curl.exitCode() shouldBe 0
                    }
                }
            }
        }

        needing("curl", "curl's request arrives at tcat's stdout as it is") {
            listening { tcat, address ->
                if (address !is Address.Tcp) return@listening
                Program("curl", "-sS", "--noproxy", "*", "http://127.0.0.1:${address.port}/path").use { curl ->
                    val request = generateSequence { tcat.hearLine() }.takeWhile { it.isNotEmpty() }.toList()
                    request.first() shouldBe "GET /path HTTP/1.1"
                    tcat.say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nby hand").endInput()
                    curl.hear() shouldBe "by hand"
                    curl.exitCode() shouldBe 0
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        // Processes: the memory of one can be measured, and its heap limited.
        test(
            "four times as much as the heaps over TCP, and a quarter of that over a Unix socket, byte for byte, through two tcats of 64 MiB",
        ) {
            listeningAs({ Program.tcat(*it) }, "--echo") { server, address ->
                Program.tcat("connect", "$address").use { client ->
                    val much = if (address is Address.Tcp) MUCH else MUCH / 4
                    val sending = thread { Pattern(much).sendTo(client.input) }
                    Pattern(much).receiveFrom(client.output) {
                        // At the last byte, when both are still there to be looked at.
                        withClue("memory of the client") { client.peakMemoryMiB() shouldBeLessThan 192 }
                        withClue("memory of the server") { server.peakMemoryMiB() shouldBeLessThan 192 }
                    }
                    sending.join()
                    client.exitCode() shouldBe 0
                }
                server.terminate().exitCode() shouldBe 0
            }
        }

        needing("nc", "64 MiB over TCP, 16 MiB over a Unix socket, from nc to tcat, and back at the same time") {
            listening { tcat, address ->
                val much = if (address is Address.Tcp) MUCH / 4 else MUCH / 16
                netcat(address).use { peer ->
                    val sendings =
                        listOf(
                            thread { Pattern(much).sendTo(peer.input) },
                            thread { Pattern(much).sendTo(tcat.input) },
                        )
                    val receiving = thread { Pattern(much).receiveFrom(peer.output) }
                    Pattern(much).receiveFrom(tcat.output)
                    (sendings + receiving).forEach { it.join() }
                    tcat.exitCode() shouldBe 0
                    peer.exitCode() shouldBe 0
                }
            }
        }

        test("1,000 connections at once, each with 64 KiB there and back") {
            listening("--echo") { target, targetAddress ->
                talkToThousand(targetAddress)
                if (targetAddress is Address.Unix) {
                    // A process: with a heap of 64 MiB.
                    Program.tcat("listen", "tcp:127.0.0.1:0", "--forward", "$targetAddress").use { tcat ->
                        talkToThousand(Address.toConnect(tcat.awaitError("listening ")))
                        tcat.terminate().errors() shouldHaveSize 1
                    }
                }
                target.terminate().errors() shouldHaveSize 1
            }
        }

        test("a peer that is killed in the middle of a transfer: exit code 1, and one line that says who") {
            // A process, which can be killed.
            listeningAs({ Program.tcat(*it) }, "--exec", "sleep", "1000") { server, address ->
                Tcat("connect", "$address").use { tcat ->
                    // Nobody reads at the other end, so that bytes are under way when it dies.
                    val sending =
                        thread {
                            try {
                                Pattern(GIB).sendTo(tcat.input)
                            } catch (e: java.io.IOException) {
                                // tcat has gone, as it should.
                            }
                        }
                    while (server.descendants().isEmpty()) Thread.onSpinWait()
                    server.descendants().let { children ->
                        server.kill()
                        children.forEach { it.destroyForcibly() }
                    }
                    tcat.exitCode() shouldBe 1
                    sending.join()
                    tcat.errors() shouldHaveSize 1
                    tcat.errors().single().startsWith("tcat: $address: ") shouldBe true
                }
            }
        }

        test("a client that is killed in the middle costs the server one line, and the next one nothing") {
            // A server that never stops sending: there are always bytes under way.
            listening("--exec", "cat", "/dev/zero") { server, address ->
                repeat(2) {
                    // A process, which can be killed.
                    Program.tcat("connect", "$address").use { victim ->
                        victim.output.read() shouldBe 0
                        victim.kill().exitCode()
                    }
                }
                server.awaitError("tcat: ")
                while (server.descendants().isNotEmpty()) Thread.onSpinWait()
                server.terminate().exitCode() shouldBe 0
                server.errors() shouldHaveSize 3
            }
        }

        test("a full disk at the stdout of a listener: one line, exit code 1") {
            // A process: its own descriptor is the full disk.
            val command = Program.tcatCommand("listen", "tcp:127.0.0.1:0").redirectOutput(File("/dev/full"))
            Program(command).use { tcat ->
                val port = tcat.awaitError("listening tcp:127.0.0.1:").toInt()
                java.net.Socket(InetAddress.getLoopbackAddress(), port).use { peer ->
                    peer.getOutputStream().write(ByteArray(1000))
                    tcat.exitCode() shouldBe 1
                }
                tcat.errors().last() shouldBe "tcat: stdout: No space left on device"
            }
        }
    })

/**
 * The server says something and its end, and still hears tcat out. In this order, because not every server listens on after the end of its
 * peer.
 */
private fun talkWith(tcat: Running, peer: Running) {
    peer.say("from the server").endInput()
    tcat.hear() shouldBe "from the server"
    tcat.say("from tcat, after the end of the server").endInput()
    peer.hear() shouldBe "from tcat, after the end of the server"
    tcat.exitCode() shouldBe 0
    tcat.errors() shouldBe emptyList()
}

/** All are connected before the first says a word, and all talk before the first stops. */
private fun talkToThousand(address: Address) = runOnLoop {
    val connected = AtomicInteger()
    val answered = AtomicInteger()
    val allConnected = Job()
    val allAnswered = Job()
    val message = ByteArray(65_536) { (it * 31).toByte() }
    nursery {
        repeat(CONNECTIONS) {
            startSoon {
                Route(address).open().use { stream ->
                    if (connected.incrementAndGet() == CONNECTIONS) allConnected.complete()
                    allConnected.join()
                    nursery {
                        startSoon { stream.sendAll(message) }
                        BufferedReceiveStream(stream).receiveExactly(message.size).contentEquals(message) shouldBe true
                    }
                    if (answered.incrementAndGet() == CONNECTIONS) allAnswered.complete()
                    allAnswered.join()
                    stream.sendEof()
                    stream.receiveSome().size shouldBe 0
                }
            }
        }
    }
    answered.get() shouldBe CONNECTIONS
}

private const val GIB = 1L shl 30
private val MUCH = if (Stress.isFull()) GIB else GIB / 4
private const val CONNECTIONS = 1000
