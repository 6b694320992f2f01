package dev.tercet.samples

import dev.tercet.BrokenResourceException
import dev.tercet.TooLongException
import dev.tercet.coroutines.*
import dev.tercet.samples.tcat.ConnectProxy
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import dev.tercet.tls.TlsTruncatedException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.net.InetSocketAddress
import java.net.ProtocolException
import java.net.URI

class HttpClientRealSocketSpec :
    FunSpec({
        val ca = TestCa.create()
        val tls = TlsConfig(ca.trust())

        /** Answers the one request of each connection; what it was asked is [asked]. */
        class Site(private val answer: String, private val saysGoodbye: Boolean = true) {
            val asked = mutableListOf<String>()

            suspend fun handle(stream: Stream) {
                asked += BufferedStream(stream).receiveUntil("\r\n\r\n".encodeToByteArray(), 10_000).decodeToString().lines()
                stream.sendAll(answer.encodeToByteArray())
                // The whole request was received, so this is no reset.
                if (saysGoodbye) stream.close()
            }

            suspend fun start(nursery: Nursery): Int = nursery.start { status ->
                serveTcp(0, taskStatus = status) { handle(it) }
            }.single().port

            suspend fun startTls(nursery: Nursery, config: TlsServerConfig): Int =
                nursery.start { status -> serveTlsOverTcp(0, config, taskStatus = status) { handle(it) } }.single().port
        }

        suspend fun Nursery.get(answer: String) = httpGet(URI("http://localhost:${Site(answer).start(this)}"))

        val ok = "HTTP/1.1 200 OK\r\n"

        test("it asks for path and query, and names the host") {
            onLoop {
                val site = Site("${ok}Content-Length: 5\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\nhelloand more")
                val port = site.start(this)
                val response = httpGet(URI("http://localhost:$port/a%20b?c=d#e"))
                site.asked shouldBe listOf("GET /a%20b?c=d HTTP/1.1", "Host: localhost:$port", "Connection: close")
                response.status shouldBe 200
                response.headers shouldBe mapOf("content-length" to "5", "set-cookie" to "a, b")
                response.body.decodeToString() shouldBe "hello"
            }
        }

        test("a body has chunks, ends with EOF, or is not there; 1xx is no answer") {
            onLoop {
                val chunked = "${ok}Transfer-Encoding: chunked\r\n\r\n3;note=x\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
                get(chunked).body.decodeToString() shouldBe "hello"
                get("$ok\r\nuntil the end").body.decodeToString() shouldBe "until the end"
                get("HTTP/1.1 204 \r\nContent-Length: 5\r\n\r\n").body.size shouldBe 0
                get("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 404 No\r\n\r\n").status shouldBe 404
            }
        }

        test("what is too long, or no HTTP, is refused") {
            onLoop {
                shouldThrow<TooLongException> { get(ok + "X: y\r\n".repeat(10_000)) }
                for (answer in listOf(
                    "SSH-2.0-OpenSSH\r\n\r\n\r\n",
                    "${ok}Content-Length: 16777217\r\n\r\n",
                    "${ok}Content-Length: 5, 6\r\n\r\nhello",
                    "${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\n",
                    "${ok}Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n",
                )) {
                    shouldThrow<ProtocolException> { get(answer) }
                }
            }
        }

        test("over TLS an end without close_notify is a truncation") {
            onLoop {
                val config = TlsServerConfig(ca.issue("localhost"))
                val port = Site("$ok\r\nhello").startTls(this, config)
                httpGet(URI("https://localhost:$port/"), tls = tls).body.decodeToString() shouldBe "hello"
                val cut = Site("$ok\r\nhel", saysGoodbye = false).startTls(this, config)
                shouldThrow<BrokenResourceException> { httpGet(URI("https://localhost:$cut/"), tls = tls) }
                    .cause
                    .shouldBeInstanceOf<TlsTruncatedException>()
            }
        }

        test("a proxy gets CONNECT for TLS, and the whole URI for plain text") {
            onLoop {
                val port = Site("$ok\r\nhello").startTls(this, TlsServerConfig(ca.issue("localhost")))
                ConnectProxy().use { proxy ->
                    val address = InetSocketAddress("127.0.0.1", proxy.address.substringAfterLast(':').toInt())
                    httpGet(URI("https://localhost:$port/x"), address, tls).body.decodeToString() shouldBe "hello"
                    proxy.requests shouldBe listOf("CONNECT localhost:$port HTTP/1.1")
                }
                val proxy = Site("$ok\r\nfrom the proxy")
                val address = InetSocketAddress("127.0.0.1", proxy.start(this))
                httpGet(URI("http://far.example/x?y"), address).body.decodeToString() shouldBe "from the proxy"
                proxy.asked.first() shouldBe "GET http://far.example/x?y HTTP/1.1"
            }
        }

        test("a proxy that refuses, or sends bytes of its own before TLS, is an error") {
            onLoop {
                for (answer in listOf("HTTP/1.1 407 Who are you\r\n\r\n", "${ok}\r\ninjected")) {
                    val proxy = InetSocketAddress("127.0.0.1", Site(answer).start(this))
                    shouldThrow<ProtocolException> { httpGet(URI("https://localhost/"), proxy, tls) }.message shouldContain
                        "the proxy answers"
                }
            }
        }
    })
