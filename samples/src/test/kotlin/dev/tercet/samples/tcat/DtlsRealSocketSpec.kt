package dev.tercet.samples.tcat

import dev.tercet.samples.needing
import dev.tercet.testing.certificates.TestKeyType
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** `tcat` with dtls:, against itself, OpenSSL and GnuTLS. */
class DtlsRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        afterSpec { files.close() }

        val peers = Peers(files, "dtls")

        test("stdin and stdout are messages, both sides know the other, and close_notify ends it") {
            peers.listening("--client-auth", "need", "--ca", files.ca, "--alpn", "x", "--trace") { server, port ->
                peers.connecting(port, "--ca", files.ca, "--cert", files.clientPem, "--alpn", "x", "--mtu", "600", "--trace") { client ->
                    client.say("to the server\n")
                    server.hearLine() shouldBe "to the server"
                    server.say("to the client\n")
                    client.hearLine() shouldBe "to the client"
                    server.terminate().exitCode()
                    client.exitCode() shouldBe 0
                    client.errors().first { "handshake" in it } shouldContain ", ALPN x, peer CN=server.test, not resumed, "
                    client.errors().last() shouldContain "sent 1 datagrams of 14 bytes, received 1 of 14; 0 dropped, 0 replayed, 0 forged"
                }
                server.errors().first { "handshake" in it } shouldContain "peer CN=client.test"
            }
        }

        test("an echo serves many, until TERM, and then the clients are told") {
            peers.listening("--echo", "--trace") { server, port ->
                peers.connecting(port, "--ca", files.ca) { one ->
                    peers.connecting(port, "--ca", files.ca) { other ->
                        for (client in listOf(one, other)) client.say("hello\n")
                        for (client in listOf(one, other)) client.hearLine() shouldBe "hello"
                        server.terminate().exitCode() shouldBe 0
                        for (client in listOf(one, other)) client.exitCode() shouldBe 0
                    }
                }
                server.errors().last() shouldContain "2 connections: "
            }
        }

        // The client says nothing: so it makes no difference how late a busy machine lets it speak.
        test("that nothing has moved for --timeout is an end, and the client is told") {
            peers.listening("--echo", "--timeout", "0.2", "--trace") { server, port ->
                peers.connecting(port, "--ca", files.ca) { it.exitCode() shouldBe 0 }
                server.terminate().exitCode() shouldBe 0
                server.errors().last() shouldContain "1 connection: 1 finished"
            }
        }

        test("exit code 4: a name, and an authority, that are not believed; 1: nobody is there; 2: a file is missing") {
            peers.listening("--echo") { _, port ->
                peers.connecting(port, "--ca", files.ca, "--server-name", "elsewhere.test") { it.exitCode() shouldBe 4 }
                peers.connecting(port) {
                    it.exitCode() shouldBe 4
                    it.errors().single() shouldContain "the peer's certificate was refused"
                }
                peers.connecting(port, "--insecure") { client ->
                    client.say("hello\n")
                    client.hearLine() shouldBe "hello"
                }
            }
            peers.connecting(9, "--ca", files.ca, "--timeout", "0.3") {
                it.exitCode() shouldBe 1
                it.errors() shouldHaveSize 1
            }
            peers.connecting(9, "--ca", "/no/such/file") {
                it.exitCode() shouldBe 2
                it.errors().single() shouldContain "--ca /no/such/file: no such file"
            }
        }

        test("--once: one peer, and its failure is the exit code") {
            peers.listening("--echo", "--once", "--client-auth", "need", "--ca", files.ca) { server, port ->
                // An alert in clear can be anybody's: the client waits on, up to its own limit, and not one so short that a slow machine meets it.
                peers.connecting(port, "--ca", files.ca) { client ->
                    server.exitCode() shouldBe 4
                    client.isAlive shouldBe true
                }
            }
        }

        for (keyType in listOf(TestKeyType.EC, TestKeyType.RSA)) {
            val keys = TlsFiles(keyType)
            afterSpec { keys.close() }

            val others = Peers(keys, "dtls")

            needing("openssl", "$keyType, openssl s_server: it asks who we are; a word from each side") {
                val asks = arrayOf("-dtls1_2", "-listen", "-Verify", "1", "-verify_return_error", "-CAfile", keys.ca)
                others.opensslServer(*asks) { peer, port ->
                    others.connecting(port, "--ca", keys.ca, "--cert", keys.clientPem, "--trace") { tcat ->
                        tcat.awaitError("handshake with ") shouldContain ", ALPN none, peer CN=server.test"
                        tcat.say("hello\n")
                        generateSequence { peer.hearLine() }.first { it == "hello" }
                        peer.say("from openssl\n")
                        tcat.hearLine() shouldBe "from openssl"
                    }
                }
            }

            needing("openssl", "$keyType, openssl s_client: it shows who it is, is echoed, and does not take another's certificate") {
                others.listening("--echo", "--client-auth", "need", "--ca", keys.ca, "--trace") { tcat, port ->
                    for (mtu in listOf("1400", "300")) {
                        others.opensslClient(port, "-dtls1_2", "-mtu", mtu).use { peer ->
                            peer.say("hello\n")
                            peer.hearLine() shouldBe "hello"
                            peer.endInput().exitCode() shouldBe 0
                        }
                    }
                    others.opensslClient(port, "-dtls1_2", "-verify_hostname", "elsewhere.test").use { peer ->
                        (peer.exitCode() != 0) shouldBe
                            true
                    }
                    // With TERM it would wait for the client that has left without a word that could be believed.
                    val handshakes = tcat.cancel().filter { "handshake with " in it }
                    handshakes.map { it.substringAfter("peer ").substringBefore(',') } shouldBe List(2) { "CN=client.test" }
                }
            }
        }

        // GnuTLS cannot read the JDK's encoding of EC keys, which leaves out the public half.
        val rsaFiles = TlsFiles(TestKeyType.RSA)
        afterSpec { rsaFiles.close() }
        val rsa = Peers(rsaFiles, "dtls")

        needing("gnutls-cli", "gnutls-cli --udp: a protocol, an echo, and its end") {
            rsa.listening("--echo", "--once", "--alpn", "x", "--trace") { tcat, port ->
                rsa.gnutlsClient(port, "--udp", "--alpn", "x").use { peer ->
                    tcat.awaitError("handshake with ") shouldContain ", ALPN x, peer without certificate"
                    peer.say("hello\n")
                    peer.hearLine() shouldBe "hello"
                    peer.endInput().exitCode() shouldBe 0
                }
                tcat.exitCode() shouldBe 0
            }
        }

        needing("gnutls-serv", "gnutls-serv --udp: it echoes, at an MTU of 600 too") {
            rsa.toGnutlsServer(listOf("--udp", "--mtu", "600"), listOf("--trace")) { _, tcat ->
                tcat.awaitError("handshake with ") shouldContain "peer CN=server.test"
                tcat.say("hello\n")
                tcat.hearLine() shouldBe "hello"
            }
        }
    })
