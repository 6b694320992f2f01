package dev.tercet.samples

import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.coroutines.*
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred

class ChatServerRealSocketSpec :
    FunSpec({
        class Chat(val stop: StopSignal, val port: Int, val report: CompletableDeferred<ServeReport>) {
            suspend fun guest(name: String): BufferedStream<SocketStream> = BufferedStream(openTcpStream("localhost", port)).also {
                it.receiveLine() shouldBe "Your name?"
                it.sendLine(name)
            }

            suspend fun member(name: String) = guest(name).also { it.receiveLine() shouldBe "$name has come" }
        }

        fun chat(name: String, body: suspend Chat.() -> Unit) = test(name) {
            onLoop {
                val stop = StopSignal()
                val report = CompletableDeferred<ServeReport>()
                val listeners = start<List<SocketListener>> { status -> report.complete(ChatServer(stop).serve(0, status)) }
                Chat(stop, listeners.single().port, report).body()
            }
        }

        chat("what one says everybody hears, without what moves a cursor, and EOF says goodbye") {
            val ann = member("ann")
            val bob = member("bob")
            ann.receiveLine() shouldBe "bob has come"
            bob.sendLine("\u001b[2Jhello\u0007")
            for (guest in listOf(ann, bob)) guest.receiveLine() shouldBe "bob: [2Jhello"
            bob.transportStream.sendEof()
            bob.text() shouldBe "Goodbye.\r\n"
            ann.receiveLine() shouldBe "bob has gone"
        }

        chat("two have not the same name, nobody has none, and a name is free again") {
            val ann = member("ann")
            guest("ann").text() shouldBe "Not this one.\r\n"
            guest(" \t").text() shouldBe "Not this one.\r\n"
            ann.transportStream.sendEof()
            ann.text() shouldBe "Goodbye.\r\n"
            member("ann")
        }

        chat("a line that is too long, and a reset, end one visit and nothing else") {
            val ann = member("ann")
            val bob = member("bob")
            ann.receiveLine() shouldBe "bob has come"
            bob.sendLine("x".repeat(501))
            ann.receiveLine() shouldBe "bob has gone"
            val carl = guest("carl")
            ann.receiveLine() shouldBe "carl has come"
            // What is unread when a socket closes is a reset.
            carl.closeForcefully()
            ann.receiveLine() shouldBe "carl has gone"
            ann.sendLine("still here")
            ann.receiveLine() shouldBe "ann: still here"
        }

        chat("nobody waits for a guest who does not receive") {
            val deaf = member("deaf")
            val ann = member("ann")
            val line = "x".repeat(490)
            repeat(LINES / 50) {
                // Not more at once than there is room for.
                repeat(50) { ann.sendLine(line) }
                // On a slow machine ten seconds may be over.
                repeat(50) { (ann.receiveLine().takeIf { it != "deaf has gone" } ?: ann.receiveLine()) shouldBe "ann: $line" }
            }
            deaf.closeForcefully()
        }

        chat("a stop says goodbye to everybody") {
            val ann = member("ann")
            val nameless = openTcpStream("localhost", port)
            BufferedStream(nameless).receiveLine() shouldBe "Your name?"
            nameless.sendEof()
            nameless.text() shouldBe "Not this one.\r\n"
            stop.stop()
            ann.text() shouldBe "Goodbye.\r\n"
            report.await() shouldBe ServeReport(2, 2, 0, 0)
        }
    }) {
    private companion object {
        /** 5 MB: more than the buffers of the kernel have room for. */
        const val LINES = 10_000
    }
}
