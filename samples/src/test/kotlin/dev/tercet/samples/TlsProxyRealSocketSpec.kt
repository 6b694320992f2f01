package dev.tercet.samples

import dev.tercet.BrokenResourceException
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.*
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import dev.tercet.blocking.SocketStream as BlockingSocketStream
import dev.tercet.blocking.TlsListener as BlockingTlsListener

class TlsProxyRealSocketSpec :
    FunSpec({
        test("each name has its certificate and its server; others get unrecognized_name") {
            val ca = TestCa.create()
            val tls = TlsConfig(ca.trust())
            onLoop {
                /** A server behind, which says its name and what it got. */
                suspend fun site(name: String): TlsProxy.Site {
                    val listeners =
                        start { status -> serveTcp(0, taskStatus = status) { it.use { me -> me.sendLine("$name: ${me.text()}") } } }
                    return TlsProxy.Site(TlsServerConfig(ca.issue(name)), "localhost", listeners.single().port)
                }

                suspend fun ask(name: String, port: Int, question: String) =
                    BufferedStream(TlsStream.wrapClient(openTcpStream("localhost", port), name, tls)).use {
                        it.sendAll(question.encodeToByteArray())
                        it.transportStream.sendEof()
                        it.receiveLine()
                    }

                val proxy = TlsProxy(mapOf("a.example" to site("a.example"), "b.example" to site("b.example")))
                val stop = StopSignal()
                val report = CompletableDeferred<ServeReport>()
                val listeners =
                    startBlocking<List<BlockingTlsListener<BlockingSocketStream>>> { status ->
                        report.complete(proxy.serve(0, stop, status))
                    }
                val port = listeners.single().port()
                ask("a.example", port, "hello") shouldBe "a.example: hello"
                ask("b.example", port, "hello") shouldBe "b.example: hello"
                shouldThrow<BrokenResourceException> { ask("c.example", port, "hello") }.message shouldContain "unrecognized_name"
                // An address is no name: such a client sends none.
                shouldThrow<BrokenResourceException> { ask("127.0.0.1", port, "hello") }.message shouldContain "unrecognized_name"
                stop.stop()
                report.await() shouldBe ServeReport(4, 2, 2, 0)
            }
        }
    })
