package dev.tercet.samples.tcat

import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import dev.tercet.support.Stress
import dev.tercet.testing.certificates.TestCa
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.time.Instant
import javax.net.ssl.SSLSocket
import kotlin.concurrent.thread

/** tcat speaks TLS with itself and with the JDK's sockets: what it says, how it ends, and the exit codes. */
class TlsRealSocketSpec :
    FunSpec({
        val files = TlsFiles()
        val loopback = InetAddress.getLoopbackAddress()
        var sockets = 0
        afterSpec { files.close() }

        /** A server of tcat's on one of the two kinds of address. */
        fun listening(
            vararg args: String,
            where: String = "tls:127.0.0.1:0",
            cert: String = files.serverPem,
            body: (Running, String) -> Unit,
        ) = Tcat("listen", where, "--cert", cert, *args).use { body(it, it.awaitError("listening ")) }

        fun unixSocket() = "tls+unix:${files.folder}/${++sockets}"

        fun connecting(address: String, vararg args: String, body: (Running) -> Unit) =
            Tcat("connect", address, *args).use { withClue("connect $address ${args.joinToString(" ")}") { body(it) } }

        fun Running.lastError() = errors().last()

        /** A server of the JDK's; after the handshake [body] has the socket and the bare connection below it. */
        fun jdkServer(client: (String) -> Unit, body: (SSLSocket, Socket) -> Unit) = ServerSocket(0, 50, loopback).use { server ->
            val serving =
                thread(isDaemon = true) {
                    server.accept().use { bare ->
                        val tls = files.server.sslContext(files.authority).socketFactory.createSocket(bare, null, false) as SSLSocket
                        tls.useClientMode = false
                        tls.startHandshake()
                        body(tls, bare)
                    }
                }
            client("tls:127.0.0.1:${server.localPort}")
            serving.join()
        }

        test("an echo over TLS 1.3, TCP and Unix: the end of stdin comes back as the end of the echo") {
            for (where in listOf("tls:127.0.0.1:0", unixSocket())) {
                listening("--echo", where = where) { server, address ->
                    if (where.startsWith("tls+unix:")) address shouldBe where else address shouldStartWith "tls:127.0.0.1:"
                    connecting(address, "--ca", files.ca, "--server-name", "server.test") { tcat ->
                        tcat.say("hello").endInput()
                        tcat.hear() shouldBe "hello"
                        tcat.exitCode() shouldBe 0
                        tcat.errors() shouldHaveSize 0
                    }
                    server.terminate().exitCode() shouldBe 0
                    server.errors() shouldHaveSize 1
                }
            }
        }

        test("16 MiB there and back, byte for byte, 64 MiB with -Dtercet.stress") {
            val much = if (Stress.isFull()) 64L shl 20 else 16L shl 20
            listening("--echo") { _, address ->
                connecting(address, "--ca", files.ca) { tcat ->
                    val sending = thread { Pattern(much).sendTo(tcat.input) }
                    Pattern(much).receiveFrom(tcat.output)
                    sending.join()
                    tcat.exitCode() shouldBe 0
                }
            }
        }

        test("TLS 1.3: each side ends, and hears the other out") {
            listening { server, address ->
                connecting(address, "--ca", files.ca) { tcat ->
                    server.say("from the server").endInput()
                    tcat.hear() shouldBe "from the server"
                    tcat.say("from the client, after that").endInput()
                    server.hear() shouldBe "from the client, after that"
                    tcat.exitCode() shouldBe 0
                    server.exitCode() shouldBe 0
                }
            }
        }

        test("TLS 1.2: the end of stdin is not told, and with -q none it goes on until the peer ends, also when stdin is open") {
            listening("--exec", "sh", "-c", "read line; echo \"heard \$line\"", cert = files.serverPem) { _, address ->
                for (ends in listOf(true, false)) {
                    connecting(address, "--ca", files.ca, "--tls-versions", "1.2", "-q", "none") { tcat ->
                        tcat.say("a word\n")
                        if (ends) tcat.endInput()
                        tcat.hear() shouldBe "heard a word\n"
                        tcat.exitCode() shouldBe 0
                    }
                }
            }
        }

        test("TLS 1.2: two tcats whose stdin has ended: the client closes after a quiet second and says so, or after -q") {
            for (quiet in listOf(listOf(), listOf("-q", "0.1"))) {
                listening("--tls-versions", "1.2") { server, address ->
                    connecting(address, "--ca", files.ca, *quiet.toTypedArray()) { tcat ->
                        server.say("from the server\n").endInput()
                        tcat.hearLine() shouldBe "from the server"
                        tcat.say("from the client").endInput()
                        tcat.hear() shouldBe ""
                        tcat.exitCode() shouldBe 0
                        server.hear() shouldBe "from the client"
                        server.exitCode() shouldBe 0
                        val said = "tcat: $address: closed, since nothing came for 1 s after the end of stdin; -q sets the time"
                        tcat.errors() shouldBe if (quiet.isEmpty()) listOf(said) else listOf()
                    }
                }
            }
        }

        test("TLS 1.2: a client that ends is the end for an echo, an executed command, and a target") {
            listening("--echo") { _, echo ->
                for (service in listOf(listOf("--echo"), listOf("--exec", "cat"), listOf("--forward", echo, "--ca", files.ca))) {
                    listening(*(listOf("--once", "--tls-versions", "1.2") + service).toTypedArray()) { server, address ->
                        val port = address.substringAfterLast(':').toInt()
                        withClue(service) {
                            (files.server.sslContext(files.authority).socketFactory.createSocket(loopback, port) as SSLSocket).use {
                                it.outputStream.write(7)
                                it.inputStream.read() shouldBe 7
                                it.session.protocol shouldBe "TLSv1.2"
                            }
                            server.exitCode() shouldBe 0
                            server.errors() shouldHaveSize 1
                        }
                    }
                }
            }
        }

        test("--trace shows the version, the cipher, the protocol, the peer and whether the session was resumed, on both sides") {
            for (version in listOf("1.2", "1.3")) {
                listening("--once", "--echo", "--trace", "--alpn", "h2,http/1.1", "--client-auth", "need", "--ca", files.ca) {
                        server,
                        address,
                    ->
                    val mine =
                        arrayOf("--ca", files.ca, "--cert", files.clientPem, "--alpn", "http/1.1", "--tls-versions", version, "--trace")
                    connecting(address, *mine) { tcat ->
                        val seen = tcat.awaitError("handshake with $address in ")
                        seen shouldContain " ms: TLSv$version, TLS_"
                        seen shouldContain ", ALPN http/1.1, peer CN=server.test, not resumed"
                        server.awaitError("handshake with tls:127.0.0.1:") shouldContain ", ALPN http/1.1, peer CN=client.test, not resumed"
                    }
                }
            }
        }

        test("an end without close_notify: exit code 3, one line, and what came before it is on stdout") {
            jdkServer({ address ->
                connecting(address, "--ca", files.ca) { tcat ->
                    tcat.hear() shouldBe "before"
                    tcat.exitCode() shouldBe 3
                    tcat.errors() shouldBe listOf("tcat: $address: the connection ended without the peer's close_notify")
                }
            }) { tls, _ -> tls.outputStream.write("before".encodeToByteArray()) }
        }

        test("--https-compatible takes an end without close_notify, and says none") {
            var heard = -2
            jdkServer({ address ->
                connecting(address, "--ca", files.ca, "--https-compatible") { tcat ->
                    tcat.endInput()
                    tcat.hear() shouldBe "before"
                    tcat.exitCode() shouldBe 0
                    tcat.errors() shouldHaveSize 0
                }
            }) { tls, bare ->
                tls.outputStream.write("before".encodeToByteArray())
                bare.shutdownOutput()
                // No record comes any more: the end, and nothing of TLS before it.
                heard = bare.getInputStream().read()
            }
            heard shouldBe -1
        }

        test("a client that ends without close_notify: --once ends with exit code 3, a server with a service goes on") {
            for (once in listOf(true, false)) {
                listening("--echo", *(if (once) arrayOf("--once") else arrayOf())) { server, address ->
                    Socket(loopback, address.substringAfterLast(':').toInt()).use { bare ->
                        val context = files.server.sslContext(files.authority)
                        (context.socketFactory.createSocket(bare, "127.0.0.1", bare.port, false) as SSLSocket).run {
                            outputStream.write(7)
                            inputStream.read() shouldBe 7
                        }
                    }
                    server.awaitError("tcat: tls:127.0.0.1:") shouldContain "ended without the peer's close_notify"
                    if (once) server.exitCode() shouldBe 3 else server.terminate().exitCode() shouldBe 0
                }
            }
        }

        test("a certificate that is not believed, expired, or for another name: exit code 4, one line that says why") {
            val other = TestCa.create("another authority").leaf("127.0.0.1").issue()
            val past = files.authority.leaf(
                "127.0.0.1",
            ).withValidity(Instant.now().minusSeconds(7200), Instant.now().minusSeconds(3600)).issue()
            val bad =
                mapOf(
                    "other" to other to emptyList(),
                    "past" to past to emptyList(),
                    "server" to files.server to listOf("--server-name", "elsewhere.test"),
                )
            for ((certificate, options) in bad) {
                val (name, identity) = certificate
                listening("--echo", cert = files.write("$name-bad.pem", identity.chainPem() + identity.keyPem())) { server, address ->
                    connecting(address, "--ca", files.ca, *options.toTypedArray()) { tcat ->
                        withClue(name) {
                            tcat.exitCode() shouldBe 4
                            tcat.errors() shouldHaveSize 1
                            tcat.lastError() shouldStartWith "tcat: $address: TLS handshake failed: the peer's certificate was refused: "
                            if (options.isNotEmpty()) tcat.lastError() shouldContain "elsewhere.test"
                            server.awaitError("the peer sent the alert ")
                        }
                    }
                    connecting(address, "--insecure") { tcat ->
                        tcat.say("all the same").endInput()
                        tcat.hear() shouldBe "all the same"
                        tcat.exitCode() shouldBe 0
                    }
                }
            }
        }

        test("the platform's authorities count without --ca, and do not know a throw-away one") {
            listening("--echo") { _, address -> connecting(address) { it.exitCode() shouldBe 4 } }
        }

        test("--client-auth need: a client without a certificate is refused, exit code 4; with one it is served") {
            for (version in listOf("1.2", "1.3")) {
                val needing = arrayOf("--once", "--echo", "--client-auth", "need", "--ca", files.ca)
                listening(*needing) { server, address ->
                    connecting(address, "--ca", files.ca, "--tls-versions", version) { tcat ->
                        tcat.exitCode()
                        tcat.lastError() shouldContain "the peer sent the alert "
                        // What RFC 5246 wants of a server, and newer JDKs do, says nothing about certificates.
                        val isVague = version == "1.2" && tcat.lastError().endsWith("alert handshake_failure")
                        tcat.exitCode() shouldBe if (isVague) 1 else 4
                        server.exitCode() shouldBe 4
                    }
                }
                listening("--once", "--client-auth", "need", "--ca", files.ca, "--exec", "head", "-c1") { server, address ->
                    connecting(address, "--ca", files.ca, "--cert", files.clientPem, "--tls-versions", version) { tcat ->
                        tcat.say("x")
                        tcat.output.read() shouldBe 'x'.code
                        tcat.endInput().exitCode() shouldBe 0
                        server.exitCode() shouldBe 0
                    }
                }
            }
        }

        test("a peer that does not speak TLS: exit code 1, and the line shows what it sent; a server goes on") {
            ServerSocket(0, 50, loopback).use { plain ->
                connecting("tls:127.0.0.1:${plain.localPort}", "--ca", files.ca) { tcat ->
                    plain.accept().use { peer ->
                        peer.getOutputStream().write("220 smtp\r\n".encodeToByteArray())
                        tcat.exitCode() shouldBe 1
                    }
                    tcat.lastError() shouldContain "the peer does not speak TLS, it sent \"220 smtp..\""
                }
            }
            listening("--echo") { server, address ->
                Socket(loopback, address.substringAfterLast(':').toInt()).use {
                    it.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".encodeToByteArray())
                    server.awaitError("tcat: tls:127.0.0.1:") shouldContain "does not speak TLS"
                }
                connecting(address, "--ca", files.ca) { tcat ->
                    tcat.say("x").endInput()
                    tcat.hear() shouldBe "x"
                }
            }
        }

        test("--timeout is for the handshake, too") {
            ServerSocket(0, 50, loopback).use { silent ->
                val address = "tls:127.0.0.1:${silent.localPort}"
                connecting(address, "--ca", files.ca, "--timeout", "0.5") { tcat ->
                    tcat.exitCode() shouldBe 1
                    tcat.errors() shouldBe listOf("tcat: $address: not finished within 500 ms")
                }
            }
        }

        test("files that cannot be used are bad usage, exit code 2, named with their option") {
            val notPem = files.write("not.pem", "hello")
            val key = files.write("key.pem", files.server.keyPem())
            val cert = files.write("cert.pem", files.authority.leaf("x.test").issue().chainPem())
            val bad =
                mapOf(
                    listOf("connect", "tls:127.0.0.1:1", "--ca", "/nowhere.pem") to "tcat: --ca /nowhere.pem: no such file",
                    listOf("connect", "tls:127.0.0.1:1", "--ca", "${files.folder}") to "tcat: --ca ${files.folder}: is a directory",
                    listOf("connect", "tls:127.0.0.1:1", "--ca", notPem) to "tcat: --ca: $notPem: there is no PEM block",
                    listOf("connect", "tls:127.0.0.1:1", "--cert", files.ca) to "tcat: --cert: ${files.ca}",
                    listOf("connect", "tls:127.0.0.1:1", "--cert", cert, "--key", key) to "does not belong",
                    listOf("connect", "tls:127.0.0.1:1", "--server-name", "a..b") to "tcat: tls:127.0.0.1:1: ",
                    listOf("listen", "tls:127.0.0.1:0", "--cert", files.serverPem, "--key", "/no/key") to
                        "tcat: --key /no/key: no such file",
                    listOf("listen", "tcp:127.0.0.1:0", "--forward", "tls:127.0.0.1:1", "--ca", "/no/ca") to
                        "tcat: --ca /no/ca: no such file",
                )
            for ((line, complaint) in bad) {
                Tcat(*line.toTypedArray()).use { tcat ->
                    withClue(line) {
                        tcat.exitCode() shouldBe 2
                        tcat.errors() shouldHaveSize 1
                        tcat.lastError() shouldContain complaint
                    }
                }
            }
        }

        test("--forward takes TLS off, and puts it on") {
            listening("--echo") { _, secured ->
                Tcat("listen", "tcp:127.0.0.1:0", "--forward", secured, "--ca", files.ca).use { putsOn ->
                    val plain = putsOn.awaitError("listening ")
                    listening("--forward", plain) { _, address ->
                        connecting(address, "--ca", files.ca) { tcat ->
                            tcat.say("through three").endInput()
                            tcat.hear() shouldBe "through three"
                            tcat.exitCode() shouldBe 0
                        }
                    }
                }
            }
        }

        test("--via: tcp: and tls: proxies, one behind the other, TLS inside of TLS, and plain inside of TLS") {
            ConnectProxy().use { near ->
                ConnectProxy(files.server.sslContext(files.authority)).use { far ->
                    val routes = listOf(listOf(near), listOf(far), listOf(near, far), listOf(far, near), listOf(far, far))
                    for (route in routes) {
                        val via = route.flatMap { listOf("--via", it.address) }.toTypedArray()
                        listening("--echo") { _, address ->
                            near.requests.clear()
                            far.requests.clear()
                            connecting(address, *via, "--ca", files.ca) { tcat ->
                                val sending = thread { Pattern(1L shl 20).sendTo(tcat.input) }
                                Pattern(1L shl 20).receiveFrom(tcat.output)
                                sending.join()
                                tcat.exitCode() shouldBe 0
                                tcat.errors() shouldHaveSize 0
                            }
                            route.last().requests.last() shouldBe "CONNECT ${address.removePrefix("tls:")} HTTP/1.1"
                            (near.requests + far.requests) shouldHaveSize route.size
                        }
                    }
                    Tcat("listen", "tcp:127.0.0.1:0", "--echo").use { server ->
                        connecting(server.awaitError("listening "), "--via", far.address, "--ca", files.ca) { tcat ->
                            tcat.say("plain inside").endInput()
                            tcat.hear() shouldBe "plain inside"
                            tcat.exitCode() shouldBe 0
                        }
                    }
                }
            }
        }

        test("--via: what the target says at once behind the proxy's answer is not lost; a refusal is told, exit code 1") {
            val answers =
                mapOf(
                    "HTTP/1.0 200 OK\r\n\r\nhello" to "",
                    "HTTP/1.1 403 Forb\u0007idden\r\n\r\n" to "no tunnel to 127.0.0.1:9: HTTP/1.1 403 Forb.idden",
                    "SSH-2.0-x\r\n\r\n" to "the proxy does not speak HTTP, it sent \"SSH-2.0-x\"",
                    "HTTP/1.1 200 OK\r\n" to "the proxy ended the connection instead of opening a tunnel to 127.0.0.1:9",
                    "HTTP/1.1 200 OK\r\n" + "x".repeat(20_000) to "the proxy's answer is longer than 16384 bytes",
                )
            for ((answer, complaint) in answers) {
                ServerSocket(0, 50, loopback).use { proxy ->
                    val address = "tcp:127.0.0.1:${proxy.localPort}"
                    connecting("tcp:127.0.0.1:9", "--via", address) { tcat ->
                        proxy.accept().use { peer ->
                            val request = generateSequence { peer.getInputStream().read() }.takeWhile { it != -1 }.map { it.toChar() }
                            request.runningFold("") { head, char -> head + char }.first { it.endsWith("\r\n\r\n") } shouldBe
                                "CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n"
                            peer.getOutputStream().write(answer.encodeToByteArray())
                            peer.shutdownOutput()
                            tcat.endInput()
                            tcat.hear() shouldBe answer.substringAfter("OK\r\n\r\n", "")
                            tcat.exitCode() shouldBe if (complaint.isEmpty()) 0 else 1
                        }
                        tcat.errors() shouldBe if (complaint.isEmpty()) emptyList() else listOf("tcat: $address: $complaint")
                    }
                }
            }
        }

        test("--via: a tls: proxy that is not believed is named, exit code 4, and the target hears nothing") {
            val other = TestCa.create("another authority")
            ConnectProxy(other.leaf("127.0.0.1").issue().sslContext(other)).use { proxy ->
                connecting("tls:127.0.0.1:9", "--via", proxy.address, "--ca", files.ca) { tcat ->
                    tcat.exitCode() shouldBe 4
                    tcat.lastError() shouldStartWith "tcat: ${proxy.address}: "
                    proxy.requests shouldHaveSize 0
                }
            }
        }
    })
