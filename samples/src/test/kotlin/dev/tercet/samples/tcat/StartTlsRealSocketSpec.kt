package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Tcat
import dev.tercet.samples.needing
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.net.InetAddress
import java.net.ServerSocket
import java.util.Locale

/** `--starttls` on sockets, with TLS behind it. */
class StartTlsRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        afterSpec { files.close() }

        fun word(protocol: StartTlsProtocol) = protocol.name.lowercase(Locale.ROOT)

        fun serving(protocol: StartTlsProtocol, injected: String = "", body: (StartTlsServer) -> Unit) =
            StartTlsServer(protocol, files.server.sslContext(files.authority), injected).use { withClue(protocol) { body(it) } }

        test("connect, check and cert ask for TLS, check the certificate, and go on inside") {
            for (protocol in StartTlsProtocol.entries) {
                serving(protocol) { server ->
                    val options = arrayOf("tls:127.0.0.1:${server.port}", "--starttls", word(protocol), "--ca", files.ca)
                    Tcat("connect", *options, "--trace").use { tcat ->
                        tcat.say("inside\n")
                        tcat.hearLine() shouldBe "inside"
                        tcat.endInput()
                        tcat.hear() shouldBe ""
                        tcat.exitCode() shouldBe 0
                        tcat.awaitError("$protocol with tls:127.0.0.1:${server.port}: TLS follows")
                        tcat.awaitError("handshake with ") shouldContain "peer CN=server.test"
                    }
                    server.heard.joinToString() shouldNotContain "inside"
                    Tcat("check", *options).use { tcat ->
                        tcat.hear() shouldContain "open after "
                        tcat.exitCode() shouldBe 0
                    }
                    Tcat("cert", *options, "--server-name", "elsewhere.test").use { tcat ->
                        tcat.hear() shouldContain "refused: it is for server.test, 127.0.0.1, not for elsewhere.test\n"
                        tcat.exitCode() shouldBe 4
                    }
                }
            }
        }

        test("plain text behind the consent is an error before TLS: exit code 1, one line") {
            for (protocol in StartTlsProtocol.entries) {
                serving(protocol, injected = "RSET\r\n") { server ->
                    Tcat("connect", "tls:127.0.0.1:${server.port}", "--starttls", word(protocol), "--insecure").use { tcat ->
                        tcat.exitCode() shouldBe 1
                        tcat.hear() shouldBe ""
                        tcat.errors() shouldBe listOf(
                            "tcat: tls:127.0.0.1:${server.port}: the server sent 6 bytes more than its reply, before TLS: " +
                                "that may be an attack, and none of it is used",
                        )
                    }
                }
            }
        }

        test("a server that ends, and --timeout with one that is silent: one line each") {
            ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { server ->
                val address = "tls:127.0.0.1:${server.localPort}"
                Tcat("connect", address, "--starttls", "smtp").use { tcat ->
                    server.accept().close()
                    tcat.exitCode() shouldBe 1
                    tcat.errors() shouldBe listOf("tcat: $address: the server ended the connection before TLS")
                }
                Tcat("connect", address, "--starttls", "imap", "--timeout", "0.3").use { tcat ->
                    server.accept().use { peer ->
                        tcat.exitCode() shouldBe 1
                        tcat.errors() shouldBe listOf("tcat: $address: not finished within 300 ms")
                        peer.getInputStream().read() shouldBe -1
                    }
                }
                Tcat("connect", address, "--starttls", "xmpp").use { tcat ->
                    server.accept().use { peer ->
                        peer.getInputStream().read() shouldBe '<'.code
                        tcat.cancel() shouldHaveSize 0
                        peer.getInputStream().readAllBytes()
                    }
                }
            }
        }

        test("XMPP without a host to ask for is bad usage, and nothing is connected to") {
            Tcat("connect", "tls+unix:/nowhere/socket", "--starttls", "xmpp", "--insecure").use { tcat ->
                tcat.exitCode() shouldBe 2
                tcat.errors() shouldBe listOf("tcat: --starttls xmpp asks for a host: --server-name NAME")
            }
        }

        test("through a proxy: the tunnel first, then STARTTLS, then TLS") {
            serving(StartTlsProtocol.SMTP) { server ->
                ConnectProxy().use { proxy ->
                    val options = arrayOf("--via", proxy.address, "--starttls", "smtp", "--ca", files.ca)
                    Tcat("connect", "tls:127.0.0.1:${server.port}", *options).use { tcat ->
                        tcat.say("inside\n")
                        tcat.hearLine() shouldBe "inside"
                        tcat.endInput().exitCode() shouldBe 0
                        server.heard shouldBe listOf("EHLO [127.0.0.1]\r\n", "STARTTLS\r\n")
                    }
                }
            }
        }

        // That clients of others take the same server for one shows that it is one.
        needing("openssl", "openssl s_client -starttls understands the server of these tests") {
            for ((protocol, name) in StartTlsProtocol.entries.zip(listOf("smtp", "imap", "postgres", "xmpp"))) {
                serving(protocol) { server ->
                    val starting = listOf("-starttls", name, "-xmpphost", "server.test").take(if (name == "xmpp") 4 else 2)
                    val checking = listOf("-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile", files.ca)
                    Program(
                        *(listOf("openssl", "s_client", "-connect", "127.0.0.1:${server.port}") + starting + checking).toTypedArray(),
                    ).use { peer ->
                        peer.say("inside\n")
                        peer.hearLine() shouldBe "inside"
                        peer.endInput().exitCode() shouldBe 0
                    }
                }
            }
        }
    })
