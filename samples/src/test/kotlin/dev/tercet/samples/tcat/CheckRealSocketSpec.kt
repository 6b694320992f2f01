package dev.tercet.samples.tcat

import dev.tercet.samples.Tcat
import dev.tercet.support.ClosedPort
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.SocketTimeoutException
import java.nio.channels.SocketChannel

/** `tcat check`: what it says of ports, and the exit code. */
class CheckRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        val loopback = InetAddress.getLoopbackAddress()
        afterSpec { files.close() }

        fun listening(body: (ServerSocket) -> Unit) = ServerSocket(0, 50, loopback).use(body)

        fun checking(vararg args: String, exitCode: Int): List<String> = Tcat("check", *args).use { tcat ->
            withClue(args.joinToString(" ")) {
                val lines = tcat.hear().lines().dropLast(1)
                tcat.exitCode() shouldBe exitCode
                tcat.errors() shouldHaveSize 0
                lines
            }
        }

        test("a port that is open, and one that is closed: a line for each in their order; exit code 1 unless all are open") {
            listening { server ->
                val closed = ClosedPort.tcp()
                val (first, second) = checking("tcp:127.0.0.1:$closed", "tcp:127.0.0.1:${server.localPort}", exitCode = 1)
                first shouldMatch "tcp:127.0.0.1:$closed +Connection refused"
                second shouldMatch "tcp:127.0.0.1:${server.localPort} +open after [0-9]+\\.[0-9] ms"
                checking("tcp:127.0.0.1:${server.localPort}", exitCode = 0) shouldHaveSize 1
                // It has closed: the connections were accepted by the kernel, and have ended.
                repeat(2) { server.accept().use { it.getInputStream().read() shouldBe -1 } }
            }
        }

        test("a range: the open ports, and a line that counts; exit code 0 when one is open") {
            listening { server ->
                val port = server.localPort
                // Others may listen beside it, so only the sums are known.
                val lines = checking("tcp:127.0.0.1:${port - 3}-${port + 3}", exitCode = 0)
                lines.single { it.startsWith("tcp:127.0.0.1:$port ") } shouldContain "open after "
                val counts = lines.last().substringAfter("${port - 3}-${port + 3}  ")
                counts shouldStartWith "${lines.size - 1} open"
                Regex("[0-9]+").findAll(counts).sumOf { it.value.toInt() } shouldBe 7
            }
        }

        test("a server that does not answer: its own limit, exit code 1") {
            ServerSocket(0, 1, loopback).use { full ->
                // The queue of the listener is filled: the kernel drops what comes then.
                val waiting = List(4) { SocketChannel.open().apply { configureBlocking(false) } }
                waiting.forEach { it.connect(InetSocketAddress(full.inetAddress, full.localPort)) }
                checking("tcp:127.0.0.1:${full.localPort}", "--timeout", "0.3", exitCode = 1).single() shouldContain
                    "no answer within 0.3 s"
                waiting.forEach { it.close() }
            }
        }

        test("TLS and DTLS: what was agreed on; refused certificates are exit code 4 when nothing else fails") {
            for (scheme in listOf("tls", "dtls")) {
                Peers(files, scheme).listening("--echo") { _, port ->
                    val address = "$scheme:127.0.0.1:$port"
                    checking(address, "--ca", files.ca, exitCode = 0).single() shouldContain
                        Regex("open after .* ms, D?TLSv1\\.[23], TLS_.*peer CN=server.test")
                    checking(address, exitCode = 4).single() shouldContain "certificate was refused"
                    checking(address, "tcp:127.0.0.1:${ClosedPort.tcp()}", exitCode = 1) shouldHaveSize 2
                }
            }
        }

        test("a Unix socket; a file of authorities that is missing is bad usage, and nothing is connected to") {
            checking("unix:/nowhere/socket", exitCode = 1).single() shouldBe "unix:/nowhere/socket  No such file or directory"
            listening { server ->
                Tcat("check", "tls:127.0.0.1:${server.localPort}", "--ca", "/nowhere/ca").use { tcat ->
                    tcat.exitCode() shouldBe 2
                    tcat.errors() shouldBe listOf("tcat: --ca /nowhere/ca: no such file")
                }
                server.soTimeout = 1
                shouldThrow<SocketTimeoutException> { server.accept() }
            }
        }

        test("cancelled in the midst of it: no connection is left") {
            listening { server ->
                Tcat("check", "tls:127.0.0.1:${server.localPort}", "--insecure").use { tcat ->
                    server.accept().use { peer ->
                        peer.getInputStream().read() shouldBe HANDSHAKE_RECORD
                        tcat.cancel()
                        peer.getInputStream().readAllBytes()
                    }
                }
            }
        }
    })

/** RFC 8446, section 5.1. */
private const val HANDSHAKE_RECORD = 22
