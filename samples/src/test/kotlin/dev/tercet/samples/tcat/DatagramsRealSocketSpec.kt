package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import dev.tercet.samples.needing
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import java.io.File
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress

private val LOOPBACK = InetAddress.getLoopbackAddress()

/** A peer that is no tcat. */
private class Peer : AutoCloseable {
    private val socket = DatagramSocket(0, LOOPBACK).apply { soTimeout = 60_000 }
    val port get() = socket.localPort

    fun send(text: String, port: Int) = socket.send(DatagramPacket(text.encodeToByteArray(), text.length, LOOPBACK, port))

    fun receive(): Pair<String, Int> {
        val packet = DatagramPacket(ByteArray(65_535), 65_535)
        socket.receive(packet)
        return String(packet.data, 0, packet.length) to packet.port
    }

    override fun close() = socket.close()
}

/** `tcat connect udp:` and `tcat listen udp:`, alone, with each other, and against nc and socat. */
class DatagramsRealSocketSpec :
    FunSpec({
        fun listen(vararg args: String, body: (Running, Int) -> Unit) = Tcat("listen", "udp:127.0.0.1:0", *args).use { tcat ->
            body(tcat, tcat.awaitError("listening udp:127.0.0.1:").toInt())
        }

        fun hear(program: Running, text: String) = program.output.readNBytes(text.length).decodeToString() shouldBe text

        test("connect: a read of stdin is a datagram, what comes goes to stdout, with -q none the end of stdin is no end") {
            Peer().use { peer ->
                Tcat("connect", "udp:127.0.0.1:${peer.port}", "-q", "none").use { tcat ->
                    tcat.say("one")
                    val (one, port) = peer.receive()
                    one shouldBe "one"
                    tcat.say("two").endInput()
                    peer.receive() shouldBe ("two" to port)
                    peer.send("", port)
                    peer.send("answer", port)
                    hear(tcat, "answer")
                    tcat.isAlive shouldBe true
                }
            }
        }

        test("connect: it ends when nothing has come for a second after the end of stdin, or for -q; listen only with -q") {
            Peer().use { peer ->
                for (quiet in listOf(listOf(), listOf("-q", "0.1"))) {
                    Tcat("connect", "udp:127.0.0.1:${peer.port}", *quiet.toTypedArray()).use { tcat ->
                        tcat.say("x")
                        peer.send("answer", peer.receive().second)
                        hear(tcat, "answer")
                        tcat.endInput().hear() shouldBe ""
                        tcat.exitCode() shouldBe 0
                        tcat.errors() shouldHaveSize 0
                    }
                }
                listen("-q", "0.1") { tcat, port ->
                    tcat.endInput()
                    peer.send("first", port)
                    tcat.hear() shouldBe "first"
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        test("connect --timeout: it ends when nothing has moved for so long, exit code 0; --trace tells what has") {
            Peer().use { peer ->
                Tcat("connect", "udp:127.0.0.1:${peer.port}", "--timeout", "0.2", "--trace").use { tcat ->
                    tcat.hear() shouldBe ""
                    tcat.exitCode() shouldBe 0
                    tcat.errors().first() shouldStartWith "tcat: sending from udp:127.0.0.1:"
                    tcat.errors().last() shouldBe "tcat: closed: sent 0 datagrams of 0 bytes, received 0 of 0"
                }
            }
        }

        test("listen --timeout counts from the first datagram on") {
            listen("--timeout", "0.2", "--trace") { tcat, port ->
                tcat.isAlive shouldBe true
                Peer().use { it.send("first", port) }
                tcat.hear() shouldBe "first"
                tcat.exitCode() shouldBe 0
                tcat.errors().last() shouldBe "tcat: closed: sent 0 datagrams of 0 bytes, received 1 of 5"
            }
        }

        test("connect: nobody receives: one line, exit code 1") {
            val port = Peer().use { it.port }
            Tcat("connect", "udp:127.0.0.1:$port").use { tcat ->
                tcat.say("x")
                tcat.exitCode() shouldBe 1
                tcat.errors() shouldBe listOf("tcat: udp:127.0.0.1:$port: Port unreachable")
            }
        }

        test("connect --local-address is where it sends from") {
            Peer().use { peer ->
                Tcat("connect", "udp:127.0.0.1:${peer.port}", "--local-address", "127.0.0.2", "--trace").use { tcat ->
                    tcat.awaitError("sending from ") shouldStartWith "udp:127.0.0.2:"
                }
            }
        }

        test("a long stdin goes in datagrams of at most 65,507 bytes") {
            Peer().use { peer ->
                val file = File.createTempFile("tcat", "stdin")
                file.writeText("x".repeat(100_000))
                Tcat("connect", "udp:127.0.0.1:${peer.port}", stdin = file.inputStream()).use {
                    peer.receive().first.length shouldBe 65_507
                    peer.receive().first.length shouldBe 100_000 - 65_507
                }
                file.delete()
            }
        }

        test("listen --echo answers each sender, empty datagrams too, and ends with TERM, exit code 0") {
            listen("--echo") { tcat, port ->
                Peer().use { first ->
                    Peer().use { second ->
                        first.send("1", port)
                        second.send("2", port)
                        second.receive() shouldBe ("2" to port)
                        first.receive() shouldBe ("1" to port)
                        first.send("", port)
                        first.receive() shouldBe ("" to port)
                        first.send("y".repeat(65_507), port)
                        first.receive().first.length shouldBe 65_507
                    }
                }
                tcat.terminate().exitCode() shouldBe 0
                tcat.errors() shouldHaveSize 1
            }
        }

        test("listen --echo --once answers one datagram") {
            listen("--echo", "--once") { tcat, port ->
                Peer().use { peer ->
                    peer.send("x", port)
                    peer.receive() shouldBe ("x" to port)
                }
                tcat.exitCode() shouldBe 0
            }
        }

        test("listen talks to the first sender and to nobody else, and nothing that came at once is lost") {
            listen { tcat, port ->
                Peer().use { peer ->
                    Peer().use { stranger ->
                        for (i in 0..9) peer.send("$i", port)
                        hear(tcat, "0123456789")
                        stranger.send("not for you", port)
                        tcat.say("from stdin").endInput()
                        peer.receive() shouldBe ("from stdin" to port)
                        peer.send("to stdout", port)
                        hear(tcat, "to stdout")
                        tcat.terminate().hear() shouldBe ""
                    }
                }
                tcat.exitCode() shouldBe 0
            }
        }

        test("two tcats, over IPv6") {
            Tcat("listen", "udp:[::1]:0").use { server ->
                val port = server.awaitError("listening udp:").substringAfterLast(':')
                Tcat("connect", "udp:[::1]:$port").use { client ->
                    client.say("there")
                    hear(server, "there")
                    server.say("and back")
                    hear(client, "and back")
                }
            }
        }

        test("bad addresses: a port that is taken, a name that nobody has, a local address of the other family") {
            fun failing(exitCode: Int, vararg args: String): String = Tcat(*args).use { tcat ->
                tcat.endInput()
                tcat.exitCode() shouldBe exitCode
                tcat.errors() shouldHaveSize 1
                tcat.errors().single()
            }
            Peer().use { peer ->
                failing(1, "listen", "udp:127.0.0.1:${peer.port}") shouldBe "tcat: udp:127.0.0.1:${peer.port}: Address already in use"
            }
            val nobody = "x".repeat(63) + ".invalid"
            failing(1, "connect", "udp:$nobody:80") shouldBe "tcat: udp:$nobody:80: no such host: $nobody"
            failing(2, "connect", "udp:[::1]:9", "--local-address", "127.0.0.1") shouldContain "[::1]:9"
            // No name has so long a part.
            val noName = "x".repeat(64)
            failing(2, "connect", "udp:$noName:9") shouldStartWith "tcat: udp:$noName:9: "
            failing(2, "listen", "udp:127.0.0.1:0", "--exec", "cat") shouldEndWith "--exec needs streams, and udp:127.0.0.1:0 has none"
        }

        needing("nc", "nc -u as the client and as the server") {
            listen { tcat, port ->
                Program("nc", "-u", "127.0.0.1", "$port").use { nc ->
                    nc.say("from nc")
                    hear(tcat, "from nc")
                    tcat.say("from tcat")
                    hear(nc, "from tcat")
                }
            }
            Program("nc", "-luv", "127.0.0.1", "0").use { nc ->
                val port = nc.awaitError("Bound on ").substringAfterLast(' ')
                Tcat("connect", "udp:127.0.0.1:$port").use { tcat ->
                    tcat.say("from tcat")
                    hear(nc, "from tcat")
                    nc.say("from nc")
                    hear(tcat, "from nc")
                }
            }
        }

        needing("socat", "socat as the client of an echo, and as the server") {
            listen("--echo") { _, port ->
                Program("socat", "-t60", "-", "UDP:127.0.0.1:$port").use { socat ->
                    socat.say("to and fro")
                    hear(socat, "to and fro")
                }
            }
            // Any free port: socat does not tell which one it got.
            val port = Peer().use { it.port }
            Program("socat", "-d", "-d", "-d", "-t60", "UDP-LISTEN:$port,bind=127.0.0.1", "-").use { socat ->
                socat.awaitError("listening on")
                Tcat("connect", "udp:127.0.0.1:$port").use { tcat ->
                    tcat.say("from tcat")
                    hear(socat, "from tcat")
                    socat.say("from socat")
                    hear(tcat, "from socat")
                }
            }
        }
    })
