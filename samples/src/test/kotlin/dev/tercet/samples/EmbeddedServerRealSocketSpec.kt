package dev.tercet.samples

import dev.tercet.ServeReport
import dev.tercet.coroutines.*
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import java.net.BindException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.ThreadFactory

class EmbeddedServerRealSocketSpec :
    FunSpec({
        test("handlers run on threads of the application, which reads figures and stops it") {
            onLoop {
                val names = CopyOnWriteArrayList<String>()
                val threads = ThreadFactory { Thread(it, "application-${names.size}") }
                val server =
                    blocking {
                        EmbeddedServer(0, threads) {
                            names += Thread.currentThread().name
                            if (it == "bug") throw IllegalStateException("a bug of the application") else it.reversed()
                        }
                    }
                val port = server.metrics().getValue("port").toInt()
                BufferedStream(openTcpStream("localhost", port)).use { buggy ->
                    buggy.sendLine("bug")
                    buggy.receiveLine() shouldBe null
                }
                BufferedStream(openTcpStream("localhost", port)).use { client ->
                    client.sendLine("hello")
                    client.receiveLine() shouldBe "olleh"
                    client.transportStream.sendEof()
                    client.receiveLine() shouldBe null
                }
                names.forEach { it shouldStartWith "application-" }
                server.metrics().getValue("requests").toInt() shouldBe 1
                blocking { server.stop() } shouldBe ServeReport(2, 1, 1, 0)
            }
        }

        test("a port that is taken is the caller's exception") {
            onLoop {
                val taken = openTcpListeners(0).single()
                shouldThrow<BindException> { blocking { EmbeddedServer(taken.port, ::Thread) { it } } }
                taken.close()
            }
        }
    })
