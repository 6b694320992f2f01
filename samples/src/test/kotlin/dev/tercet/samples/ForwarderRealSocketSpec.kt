package dev.tercet.samples

import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.*
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import dev.tercet.blocking.SocketListener as BlockingListener

class ForwarderRealSocketSpec :
    FunSpec({
        test("it hands on both directions and their ends, serves others when the target is down, and stops") {
            onLoop {
                val stop = StopSignal()
                val report = CompletableDeferred<ServeReport>()
                val target = openTcpListeners(0, "127.0.0.1").single()
                val listeners =
                    startBlocking<List<BlockingListener>> { status ->
                        report.complete(Forwarder.serve(0, "127.0.0.1", target.port, stop, status))
                    }
                val port = listeners.single().port()
                openTcpStream("localhost", port).use { client ->
                    client.sendAll("a question".encodeToByteArray())
                    client.sendEof()
                    target.accept().use { server ->
                        server.text() shouldBe "a question"
                        server.sendAll("an answer".encodeToByteArray())
                    }
                    client.text() shouldBe "an answer"
                }
                target.close()
                openTcpStream("localhost", port).use { it.text() shouldBe "" }
                stop.stop()
                report.await() shouldBe ServeReport(2, 1, 1, 0)
            }
        }
    })
