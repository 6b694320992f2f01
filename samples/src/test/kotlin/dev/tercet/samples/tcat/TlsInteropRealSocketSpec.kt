package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import dev.tercet.samples.needing
import dev.tercet.testing.certificates.TestKeyType
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.io.path.div

/** tcat's TLS against that of OpenSSL, GnuTLS and curl: versions, protocols, certificates of both sides, and both ways of ending. */
class TlsInteropRealSocketSpec :
    FunSpec({
        // RSA: GnuTLS cannot read the JDK's encoding of EC keys, which leaves out the public half.
        val files = TlsFiles(TestKeyType.RSA)
        afterSpec { files.close() }

        val peers = Peers(files, "tls")

        fun connecting(port: Int, vararg args: String, body: (Tcat) -> Unit) = peers.connecting(port, "--ca", files.ca, *args) { body(it) }

        fun forVersions(body: (String) -> Unit) = listOf("1.2", "1.3").forEach { version -> withClue("TLS $version") { body(version) } }

        /** The peer shows its certificate and its protocol, gets its line back, and ends first. */
        fun introducedAndEchoed(version: String, tcat: Tcat, peer: Program) {
            tcat.awaitError("handshake with ") shouldContain "TLSv$version, "
            tcat.awaitError("handshake with ") shouldContain ", ALPN http/1.1, peer CN=client.test, not resumed"
            peer.say("hello\n")
            peer.hearLine() shouldBe "hello"
            peer.endInput().exitCode() shouldBe 0
            tcat.exitCode() shouldBe 0
        }

        val asks = arrayOf("--client-auth", "need", "--ca", files.ca, "--alpn", "http/1.1", "--trace")

        fun opensslClient(port: Int, version: String, vararg args: String) =
            peers.opensslClient(port, "-tls${version.replace('.', '_')}", *args)

        fun gnutlsOnly(version: String) = arrayOf("--priority", "NORMAL:-VERS-ALL:+VERS-TLS$version")

        needing("openssl", "openssl s_server: client certificate, protocol, and an end that is said") {
            forVersions { version ->
                peers.opensslServer("-rev", "-alpn", "h2,http/1.1", "-Verify", "1", "-verify_return_error", "-CAfile", files.ca) {
                        _,
                        port,
                    ->
                    connecting(port, "--cert", files.clientPem, "--alpn", "http/1.1", "--tls-versions", version, "--trace") { tcat ->
                        tcat.awaitError("handshake with ") shouldContain " ms: TLSv$version, "
                        tcat.awaitError("handshake with ") shouldContain ", ALPN http/1.1, peer CN=server.test, not resumed"
                        tcat.say("hello\n")
                        tcat.hearLine() shouldBe "olleh"
                        // In 1.2 only the peer can end it, and this is the word for that.
                        if (version == "1.2") tcat.say("CLOSE\n")
                        tcat.endInput()
                        tcat.hear() shouldBe ""
                        tcat.exitCode() shouldBe 0
                    }
                }
            }
        }

        needing("openssl", "openssl s_server that is killed: exit code 3; that asks in vain for a certificate: exit code 4") {
            forVersions { version ->
                peers.opensslServer { peer, port ->
                    connecting(port, "--tls-versions", version) { tcat ->
                        peer.say("before\n")
                        tcat.hearLine() shouldBe "before"
                        peer.kill()
                        tcat.exitCode() shouldBe 3
                        tcat.errors() shouldBe listOf("tcat: tls:127.0.0.1:$port: the connection ended without the peer's close_notify")
                    }
                }
            }
            peers.opensslServer("-Verify", "1", "-verify_return_error", "-CAfile", files.ca) { _, port ->
                connecting(port, "--tls-versions", "1.3") { tcat ->
                    tcat.exitCode() shouldBe 4
                    tcat.errors().single() shouldContain "certificate_required"
                }
            }
        }

        needing("openssl", "openssl s_client: client certificate, protocol, both ends said, by either side first") {
            forVersions { version ->
                peers.listening("--echo", "--once", *asks) { tcat, port ->
                    opensslClient(port, version, "-alpn", "h2,http/1.1").use { peer -> introducedAndEchoed(version, tcat, peer) }
                }
                peers.listening("--exec", "echo", "the end") { tcat, port ->
                    opensslClient(port, version).use { peer ->
                        peer.hear() shouldBe "the end\n"
                        peer.exitCode() shouldBe 0
                    }
                    tcat.terminate().errors() shouldHaveSize 1
                }
            }
        }

        needing("openssl", "openssl s_client comes again with the session of the first time: --trace says resumed") {
            forVersions { version ->
                val session = (files.folder / "session-$version").toString()
                peers.listening("--echo", "--trace") { tcat, port ->
                    for (saying in listOf("-sess_out", "-sess_in")) {
                        opensslClient(port, version, saying, session).use { peer ->
                            peer.say("hello\n")
                            peer.hearLine() shouldBe "hello"
                            peer.endInput().exitCode() shouldBe 0
                        }
                    }
                    val handshakes = tcat.terminate().errors().filter { "handshake with " in it }
                    handshakes.map { it.substringAfterLast(", ") } shouldBe listOf("not resumed", "resumed")
                }
            }
        }

        needing("openssl", "openssl s_client that is killed: exit code 3; that does not believe us: exit code 4") {
            forVersions { version ->
                peers.listening("--echo", "--once") { tcat, port ->
                    opensslClient(port, version).use { peer ->
                        peer.say("hello\n")
                        peer.hearLine() shouldBe "hello"
                        peer.kill()
                        tcat.exitCode() shouldBe 3
                    }
                }
            }
            // In 1.3 OpenSSL's client sends this alert before it has switched encryption on, and the JDK's engine tries to decrypt it.
            for ((version, exitCode) in listOf("1.2" to 4, "1.3" to 1)) {
                peers.listening("--echo", "--once") { tcat, port ->
                    opensslClient(port, version, "-verify_hostname", "elsewhere.test").use {
                        withClue(version) { tcat.exitCode() shouldBe exitCode }
                        if (exitCode == 4) tcat.errors().last() shouldContain "the peer sent the alert bad_certificate"
                    }
                }
            }
        }

        needing("gnutls-serv", "gnutls-serv: protocol, an end that is said, and none") {
            forVersions { version ->
                val serving = listOf("--alpn", "h2", *gnutlsOnly(version))
                peers.toGnutlsServer(serving, listOf("--alpn", "h2", "--trace")) { peer, tcat ->
                    tcat.awaitError("handshake with ") shouldContain " ms: TLSv$version, "
                    tcat.awaitError("handshake with ") shouldContain ", ALPN h2, peer CN=server.test, not resumed"
                    tcat.say("hello\n")
                    tcat.hearLine() shouldBe "hello"
                    if (version == "1.3") tcat.endInput() else peer.kill()
                    tcat.exitCode() shouldBe if (version == "1.3") 0 else 3
                }
            }
        }

        needing("gnutls-cli", "gnutls-cli: client certificate, protocol, both ends said, by either side first") {
            forVersions { version ->
                peers.listening("--echo", "--once", *asks) { tcat, port ->
                    peers.gnutlsClient(port, *gnutlsOnly(version), "--alpn", "http/1.1").use { peer ->
                        introducedAndEchoed(version, tcat, peer)
                    }
                }
                peers.listening("--exec", "echo", "the end") { tcat, port ->
                    peers.gnutlsClient(port, *gnutlsOnly(version)).use { peer ->
                        peer.hearLine() shouldBe "the end"
                        peer.exitCode() shouldBe 0
                    }
                    // In 1.3 it hears our end and leaves without a word of its own, which we say, if we are still listening by then.
                    tcat.terminate().exitCode() shouldBe 0
                }
            }
        }

        needing("curl", "curl asks a web server of one line over https, TCP and Unix, with a certificate, and through a proxy") {
            val page = files.write("page", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello\n")
            // It reads the request to its empty line: a TLS 1.2 connection ends as a whole, and what was not read could cost the answer.
            val server = arrayOf("--exec", "sh", "-c", "while read -r line && [ \${#line} -gt 1 ]; do :; done; cat $page")

            fun curl(vararg args: String) = Program("curl", "-sS", "--cacert", files.ca, "--cert", files.clientPem, *args).use { curl ->
                withClue(args.joinToString(" ")) {
                    curl.hear() shouldBe "hello\n"
                    curl.exitCode() shouldBe 0
                }
            }

            val forCurl = arrayOf("--cert", files.serverPem, "--client-auth", "need", "--ca", files.ca, "--alpn", "http/1.1")
            forVersions { version ->
                val only = if (version == "1.2") arrayOf("--tls-max", "1.2") else arrayOf("--tlsv1.3")
                for (ending in listOf(emptyArray(), arrayOf("--https-compatible"))) {
                    peers.listening(*forCurl, *ending, *server) { tcat, port ->
                        curl("--noproxy", "*", *only, "https://127.0.0.1:$port/")
                        ConnectProxy(files.server.sslContext(files.authority)).use { proxy ->
                            val https = proxy.address.replace("tls:", "https://")
                            curl("--proxy", https, "--proxy-cacert", files.ca, *only, "https://127.0.0.1:$port/")
                        }
                        tcat.terminate().errors() shouldHaveSize 1
                    }
                }
            }
            val socket = files.folder / "curl"
            Tcat("listen", "tls+unix:$socket", *forCurl, *server).use { tcat ->
                tcat.awaitError("listening tls+unix:")
                curl("--unix-socket", "$socket", "https://server.test/")
            }
        }
    })
