package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.testing.TestKeyType
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith

/** `tcat` with dtls:, against itself, OpenSSL and GnuTLS. */
class DtlsRealSocketSpec :
    FunSpec({
        // RSA: GnuTLS cannot read the JDK's encoding of EC keys, which leaves out the public half.
        val files = TlsFiles(TestKeyType.RSA)
        afterSpec { files.close() }

        fun listening(vararg args: String, body: (Program, Int) -> Unit) =
            Program.tcat("listen", "dtls:127.0.0.1:0", "--cert", files.serverPem, *args).use { tcat ->
                body(tcat, tcat.awaitError("listening dtls:127.0.0.1:").toInt())
            }

        fun connecting(port: Int, vararg args: String, body: (Program) -> Unit) =
            Program.tcat("connect", "dtls:127.0.0.1:$port", *args).use { tcat -> withClue(args.joinToString(" ")) { body(tcat) } }

        test("stdin and stdout are messages, both sides know the other, and a goodbye ends it") {
            listening("--client-auth", "need", "--ca", files.ca, "--alpn", "x", "--trace") { server, port ->
                connecting(port, "--ca", files.ca, "--cert", files.clientPem, "--alpn", "x", "--mtu", "600", "--trace") { client ->
                    client.say("to the server\n")
                    readLine(server) shouldBe "to the server"
                    server.say("to the client\n")
                    readLine(client) shouldBe "to the client"
                    server.terminate().exitCode()
                    client.exitCode() shouldBe 0
                    client.errors().first { "handshake" in it } shouldContain ", ALPN x, peer CN=server.test, not resumed, "
                    client.errors().last() shouldContain "sent 1 datagrams of 14 bytes, received 1 of 14; 0 dropped, 0 replayed, 0 forged"
                }
                server.errors().first { "handshake" in it } shouldContain "peer CN=client.test"
            }
        }

        test("an echo serves many, until TERM; that nothing has moved for --timeout is an end, and the client is told") {
            listening("--echo", "--timeout", "4", "--trace") { server, port ->
                connecting(port, "--ca", files.ca) { one ->
                    connecting(port, "--ca", files.ca) { other ->
                        for (client in listOf(one, other)) client.say("hello\n").endInput()
                        for (client in listOf(one, other)) {
                            client.hear() shouldBe "hello\n"
                            client.exitCode() shouldBe 0
                        }
                    }
                }
                server.terminate().exitCode() shouldBe 0
                server.errors().last() shouldContain "accepted=2, finished=2"
            }
        }

        test("exit code 4: a name, and an authority, that are not believed; 1: nobody is there; 2: a file is missing") {
            listening("--echo") { _, port ->
                connecting(port, "--ca", files.ca, "--server-name", "elsewhere.test") { it.exitCode() shouldBe 4 }
                connecting(port) {
                    it.exitCode() shouldBe 4
                    it.errors().single() shouldContain "the peer's certificate was refused"
                }
                connecting(port, "--insecure") { client ->
                    client.say("hello\n")
                    readLine(client) shouldBe "hello"
                }
            }
            connecting(9, "--ca", files.ca, "--timeout", "0.3") {
                it.exitCode() shouldBe 1
                it.errors() shouldHaveSize 1
            }
            connecting(9, "--ca", "/no/such/file") {
                it.exitCode() shouldBe 2
                it.errors().single() shouldContain "--ca /no/such/file: no such file"
            }
        }

        test("--once: one peer, and its failure is the exit code") {
            listening("--echo", "--once", "--client-auth", "need", "--ca", files.ca) { server, port ->
                // An alert in clear can be anybody's: the client waits on, and when its time is over says what it has heard.
                connecting(port, "--ca", files.ca, "--timeout", "3") { client ->
                    server.exitCode() shouldBe 4
                    client.exitCode() shouldBe 1
                }
            }
        }

        needing("openssl", "openssl s_server: it asks who we are; a word from each side") {
            val own = listOf("-cert", files.serverPem, "-key", files.serverPem, "-Verify", "1", "-verify_return_error", "-CAfile", files.ca)
            val serving = listOf("openssl", "s_server", "-dtls1_2", "-listen", "-accept", "127.0.0.1:0") + own
            Program(*serving.toTypedArray()).use { peer ->
                val port = generateSequence { readLine(peer) }.first { it.startsWith("ACCEPT ") }.substringAfterLast(':').toInt()
                connecting(port, "--ca", files.ca, "--cert", files.clientPem, "--trace") { tcat ->
                    tcat.awaitError("handshake with ") shouldContain ", ALPN none, peer CN=server.test"
                    tcat.say("hello\n")
                    generateSequence { readLine(peer) }.first { it == "hello" }
                    peer.say("from openssl\n")
                    readLine(tcat) shouldBe "from openssl"
                }
            }
        }

        needing("openssl", "openssl s_client: it shows who it is, is echoed, and does not take another's certificate") {
            fun client(port: Int, vararg args: String): Program {
                val quiet = listOf("-quiet", "-no_ign_eof", "-verify_return_error", "-CAfile", files.ca)
                val own = listOf("-cert", files.clientPem, "-key", files.clientPem, "-dtls1_2", "-connect", "127.0.0.1:$port")
                return Program(*(listOf("openssl", "s_client") + quiet + own + args).toTypedArray())
            }
            listening("--echo", "--client-auth", "need", "--ca", files.ca, "--trace") { tcat, port ->
                for (mtu in listOf("1400", "300")) {
                    client(port, "-mtu", mtu).use { peer ->
                        peer.say("hello\n")
                        readLine(peer) shouldBe "hello"
                        peer.endInput().exitCode() shouldBe 0
                    }
                }
                client(port, "-verify_hostname", "elsewhere.test").use { peer -> (peer.exitCode() != 0) shouldBe true }
                // With TERM it would wait for the client that has left without a word that could be believed.
                val handshakes = tcat.kill().errors().filter { "handshake with " in it }
                handshakes.map { it.substringAfter("peer ").substringBefore(',') } shouldBe List(2) { "CN=client.test" }
            }
        }

        needing("gnutls-cli", "gnutls-cli --udp: a protocol, an echo, and its end") {
            listening("--echo", "--once", "--alpn", "x", "--trace") { tcat, port ->
                val command = listOf("gnutls-cli", "--udp", "-p", "$port", "--x509cafile", files.ca, "--alpn", "x", "--logfile=/dev/null")
                Program(*(command + "127.0.0.1").toTypedArray()).use { peer ->
                    tcat.awaitError("handshake with ") shouldContain ", ALPN x, peer without certificate"
                    peer.say("hello\n")
                    readLine(peer) shouldBe "hello"
                    peer.endInput().exitCode() shouldBe 0
                }
                tcat.exitCode() shouldBe 0
            }
        }

        needing("gnutls-serv", "gnutls-serv --udp: it echoes, at an MTU of 600 too") {
            // It would listen on all addresses of the machine: it gets a network of its own, and tcat goes there.
            val own = listOf("unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"\$@\"", "sh")
            val pem = listOf("--x509certfile", files.serverPem, "--x509keyfile", files.serverPem)
            val server = listOf("gnutls-serv", "--udp", "--echo", "--disable-client-cert", "--mtu", "600", "-p", "443") + pem
            Program(*(own + server).toTypedArray()).use { peer ->
                peer.awaitError("listening on IPv4 ") shouldEndWith "done"
                val there = listOf("nsenter", "-t", "${peer.process.pid()}", "-U", "--preserve-credentials", "-n")
                val tcat = Program.tcatCommand("connect", "dtls:127.0.0.1:443", "--ca", files.ca, "--trace")
                Program(tcat.command(there + tcat.command())).use {
                    it.awaitError("handshake with ") shouldContain "peer CN=server.test"
                    it.say("hello\n")
                    readLine(it) shouldBe "hello"
                }
            }
        }
    })
