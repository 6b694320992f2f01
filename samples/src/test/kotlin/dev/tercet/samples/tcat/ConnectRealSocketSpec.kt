package dev.tercet.samples.tcat

import dev.tercet.samples.Tcat
import dev.tercet.support.ClosedPort
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.io.FileOutputStream
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.UnknownHostException
import java.nio.channels.SocketChannel
import kotlin.io.path.createTempDirectory
import kotlin.io.path.div

/** `tcat connect` when things go wrong: what it says, and the exit code. */
class ConnectRealSocketSpec :
    FunSpec({
        fun listening(body: (ServerSocket, String) -> Unit) = ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { server ->
            body(server, "tcp:127.0.0.1:${server.localPort}")
        }

        fun failing(vararg args: String, exitCode: Int = 1): String = Tcat(*args).use { tcat ->
            tcat.endInput()
            withClue(args.joinToString(" ")) {
                tcat.exitCode() shouldBe exitCode
                tcat.hear() shouldBe ""
                tcat.errors() shouldHaveSize 1
            }
            tcat.errors().single() shouldStartWith "tcat: "
            tcat.errors().single()
        }

        test("nobody listens: one line with the address and the reason, exit code 1") {
            val port = ClosedPort.tcp()
            failing("connect", "tcp:127.0.0.1:$port") shouldBe "tcat: tcp:127.0.0.1:$port: Connection refused"
            failing("connect", "unix:/nowhere/socket") shouldBe "tcat: unix:/nowhere/socket: No such file or directory"
            // Not as a process: the answer would depend on who answers for names here.
            describe(UnknownHostException("nobody.invalid: Name or service not known")) shouldBe "no such host: nobody.invalid"
        }

        test("what the library refuses is bad usage, exit code 2") {
            failing("connect", "unix:" + "x".repeat(200), exitCode = 2) shouldContain "200"
            failing("listen", "unix:" + "x".repeat(200), exitCode = 2) shouldContain "200"
            failing("connect", "tcp:${"x".repeat(64)}.invalid:80", exitCode = 2) shouldContain "63"
            failing("connect", "tcp:127.1:80", exitCode = 2) shouldContain "127.1"
            failing("connect", exitCode = 2) shouldContain "ADDRESS is missing"
        }

        test("a port that is taken, a directory as socket path: one line, exit code 1") {
            listening { _, address -> failing("listen", address, "--echo") shouldBe "tcat: $address: Address already in use" }
            val folder = createTempDirectory("tcat")
            failing("listen", "unix:$folder", "--echo") shouldStartWith "tcat: unix:$folder: "
            folder.toFile().delete()
        }

        test("resolve prints the addresses in order, with reasons; a name that is none is bad usage") {
            Tcat("resolve", "::1").use { tcat ->
                tcat.hear() shouldBe "::1  the only address\n"
                tcat.exitCode() shouldBe 0
            }
            failing("resolve", "127.1", exitCode = 2) shouldContain "127.1"
        }

        test("--trace draws the race, also when it is given up") {
            val port = ClosedPort.tcp()
            Tcat("connect", "tcp:127.0.0.1:$port", "--trace").use { tcat ->
                tcat.exitCode() shouldBe 1
                val (head, line) = tcat.errors()
                head shouldContain "race to 127.0.0.1 port $port: failed after"
                line shouldContain "x"
                line shouldContain "Connection refused (the only address)"
            }
        }

        test("--timeout ends a connect that nobody answers") {
            ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { full ->
                // The queue of the listener is filled: the kernel drops what comes then.
                val waiting = List(4) { SocketChannel.open().apply { configureBlocking(false) } }
                waiting.forEach { it.connect(InetSocketAddress(full.inetAddress, full.localPort)) }
                val address = "tcp:127.0.0.1:${full.localPort}"
                failing("connect", address, "--timeout", "0.5") shouldBe "tcat: $address: not finished within 500 ms"
                waiting.forEach { it.close() }
            }
        }

        test("--trace shows on stderr what was tried, and what was moved") {
            listening { server, address ->
                Tcat("connect", address, "--trace").use { tcat ->
                    tcat.endInput()
                    server.accept().use { it.getOutputStream().write(ByteArray(7)) }
                    tcat.exitCode() shouldBe 0
                    tcat.errors().first() shouldContain "connected to"
                    tcat.errors().last() shouldContain "sent 0 B, received 7 B"
                }
            }
        }

        test("--local-address is where it connects from") {
            listening { server, address ->
                Tcat("connect", address, "--local-address", "127.0.0.2").use { tcat ->
                    server.accept().use { it.inetAddress.hostAddress shouldBe "127.0.0.2" }
                    tcat.endInput().exitCode() shouldBe 0
                }
            }
        }

        test("stdin that has ended before anything came does not end receiving") {
            listening { server, address ->
                Tcat("connect", address).use { tcat ->
                    tcat.endInput()
                    server.accept().use { peer ->
                        peer.getInputStream().read() shouldBe -1
                        peer.getOutputStream().write(ByteArray(1_000_000))
                    }
                    tcat.output.readAllBytes().size shouldBe 1_000_000
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        test("the end of the peer closes stdout, and sending goes on") {
            listening { server, address ->
                Tcat("connect", address).use { tcat ->
                    server.accept().use { peer ->
                        peer.shutdownOutput()
                        tcat.hear() shouldBe ""
                        tcat.say("still here").endInput()
                        peer.getInputStream().readAllBytes().decodeToString() shouldBe "still here"
                    }
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        test("a full disk at stdout: one line, exit code 1, though stdin is open") {
            listening { server, address ->
                Tcat("connect", address, stdout = FileOutputStream("/dev/full")).use { tcat ->
                    server.accept().use { peer ->
                        peer.getOutputStream().write(ByteArray(1000))
                        tcat.exitCode() shouldBe 1
                    }
                    tcat.errors() shouldBe listOf("tcat: stdout: No space left on device")
                }
            }
        }

        test("a reader that has seen enough: exit code 1, and not a word") {
            listening { server, address ->
                Tcat("connect", address).use { tcat ->
                    server.accept().use { peer ->
                        tcat.output.close()
                        peer.getOutputStream().write(ByteArray(1_000_000))
                        tcat.exitCode() shouldBe 1
                    }
                    tcat.errors() shouldBe emptyList()
                }
            }
        }

        test("a peer that resets in the middle: one line, exit code 1, and what came before it is on stdout") {
            listening { server, address ->
                Tcat("connect", address).use { tcat ->
                    server.accept().use { peer ->
                        peer.getOutputStream().write("before".encodeToByteArray())
                        tcat.output.readNBytes(6).decodeToString() shouldBe "before"
                        peer.setSoLinger(true, 0)
                    }
                    tcat.exitCode() shouldBe 1
                    tcat.errors() shouldBe listOf("tcat: $address: Connection reset")
                }
            }
        }
    })
