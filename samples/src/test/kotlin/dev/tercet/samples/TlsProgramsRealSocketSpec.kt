package dev.tercet.samples

import dev.tercet.coroutines.*
import dev.tercet.coroutines.use
import dev.tercet.testing.certificates.TestCa
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration.ofDays
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.INFINITE

/** The programs with TLS of the API's design, numbered as there, in both languages. */
class TlsProgramsRealSocketSpec :
    FunSpec({
        val ca = TestCa.create()
        val trusting = TlsConfig(ca.trust())
        val https = trusting.withHttpsCompatible(true)

        /** On a loop, in a nursery whose servers end with it. */
        fun withServers(body: suspend CoroutineScope.() -> Unit) = runOnLoop {
            nursery {
                body()
                cancelChildren()
            }
        }

        suspend fun CoroutineScope.serve(vararg names: String, alpn: List<String> = emptyList(), handler: suspend (Stream) -> Unit): Int {
            val config = TlsServerConfig(ca.issue(*names), alpn)
            val listeners = start { status -> serveTlsOverTcp(0, config, taskStatus = status, handler = handler) }
            return listeners.single().port
        }

        /** Not on the loop's thread, which would have to wait. */
        suspend fun <T> blocking(program: () -> T): T = withContext(Dispatchers.IO) { program() }

        fun pemFiles(use: (chain: Path, key: Path) -> Unit) {
            val directory = Files.createTempDirectory("tercet-pem")
            try {
                val identity = ca.leaf("localhost").issue()
                val chain = directory.resolve("cert.pem").apply { writeText(identity.chainPem()) }
                val key = directory.resolve("key.pem").apply { writeText(identity.keyPem()) }
                use(chain, key)
            } finally {
                directory.toFile().deleteRecursively()
            }
        }

        val firstLine = "TLSv1.3 http/1.1 CN=localhost"
        val answer = listOf("HTTP/1.1 200 OK", "")

        test("program 3 in Kotlin: a TLS client to a web server, with ALPN") {
            withServers {
                val port = serve("localhost", alpn = listOf("http/1.1"), handler = TlsPeers::webSite)
                val printed = mutableListOf<String>()
                getOverTls("localhost", port, ca.trust()) { printed += it }
                printed shouldBe listOf(firstLine) + answer + "you asked for GET / HTTP/1.1"
            }
        }

        test("program 3 in Java: a TLS client to a web server, with ALPN") {
            withServers {
                val port = serve("localhost", alpn = listOf("http/1.1"), handler = TlsPeers::webSite)
                blocking { JavaTlsPrograms.getOverTls("localhost", port, ca.trust()) } shouldBe
                    listOf(firstLine) + answer + "you asked for GET / HTTP/1.1"
            }
        }

        test("program 4 in Kotlin: a TLS server from PEM files") {
            pemFiles { chain, key ->
                withServers {
                    val listeners = start { status -> echoOverTls(chain, key, status) }
                    openTlsOverTcpStream("localhost", listeners.single().port, trusting.withAlpn("echo")).use { client ->
                        client.sendAll("hello".encodeToByteArray())
                        client.receiveSome(100).decodeToString() shouldBe "hello"
                        client.info.alpn shouldBe "echo"
                    }
                }
            }
        }

        test("program 4 in Java: a TLS server from PEM files") {
            pemFiles { chain, key -> JavaTlsPrograms.echoOverTls(chain, key, trusting) shouldBe "echo: hello" }
        }

        test("TLS-O2 program 5 in Kotlin: HTTPS through an HTTPS proxy, so TLS in TLS") {
            withServers {
                val sitePort = serve("website.test", handler = TlsPeers::webSite)
                val proxyPort = serve("localhost") { TlsPeers.proxy(it, "website.test", sitePort) }
                val printed = mutableListOf<String>()
                getThroughProxy(proxyPort, "website.test", https) { printed += it }
                printed shouldBe answer + "you asked for GET /index.html HTTP/1.0"
            }
        }

        test("TLS-O2 program 5 in Java: HTTPS through an HTTPS proxy, so TLS in TLS") {
            withServers {
                val sitePort = serve("website.test", handler = TlsPeers::webSite)
                val proxyPort = serve("localhost") { TlsPeers.proxy(it, "website.test", sitePort) }
                blocking { JavaTlsPrograms.getThroughProxy(proxyPort, "website.test", https) } shouldBe
                    answer + "you asked for GET /index.html HTTP/1.0"
            }
        }

        test("TLS-O3 program 6 in Kotlin: STARTTLS, and back") {
            withServers {
                val config = TlsServerConfig(ca.issue("mail.test"))
                val listeners = start { status -> serveTcp(0, taskStatus = status) { TlsPeers.mailServer(it, config) } }
                openTcpStream("localhost", listeners.single().port).use { startTls(it, trusting) } shouldBe "you said plain again\r\n"
            }
        }

        test("TLS-O3 program 6 in Java: STARTTLS, and back") {
            withServers {
                val config = TlsServerConfig(ca.issue("mail.test"))
                val listeners = start { status -> serveTcp(0, taskStatus = status) { TlsPeers.mailServer(it, config) } }
                blocking { JavaTlsPrograms.startTls(listeners.single().port, trusting) } shouldBe "you said plain again\r\n"
            }
        }

        test("program 7 in Kotlin: a DTLS server and its client") {
            withServers {
                val server = start<DtlsEndpoint> { status -> dtlsServer(ca.issue("localhost"), status) }
                val printed = mutableListOf<String>()
                dtlsClient("localhost", checkNotNull(server.socket.localAddress).port, ca.trust(), INFINITE, INFINITE) { printed += it }
                printed shouldBe listOf("ping")
            }
        }

        test("program 7 in Java: a DTLS server and its client") {
            JavaDtlsPrograms.pingAndPong(ca.issue("localhost"), ca.trust(), ofDays(1), ofDays(1)) shouldBe "ping"
        }
    })
