package dev.tercet.samples

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.*
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import dev.tercet.blocking.BufferedStream as BlockingBufferedStream
import dev.tercet.blocking.Net as BlockingNet

class RedisClientRealSocketSpec :
    FunSpec({
        /** A client of a server that one connection is handled by. */
        suspend fun Nursery.client(handler: suspend (BufferedStream<*>) -> Unit): RedisClient {
            val listeners = start { status -> serveTcp(0, taskStatus = status) { handler(BufferedStream(it)) } }
            return blocking { RedisClient(BlockingBufferedStream.wrap(BlockingNet.openTcpStream("localhost", listeners.single().port))) }
        }

        /** A command as the protocol has it. */
        suspend fun BufferedStream<*>.command(): List<String> = List(receiveLine()!!.removePrefix("*").toInt()) {
            val size = receiveLine()!!.removePrefix("$").toInt()
            receiveExactly(size).decodeToString().also { receiveLine(0) shouldBe "" }
        }

        fun command(vararg words: String) = words.asList()

        suspend fun RedisClient.ask(vararg commands: List<String>) = blocking { call(commands.asList()) }

        test("commands arrive as they are, and each kind of reply comes back, in order") {
            onLoop {
                val commands = mutableListOf<List<String>>()
                val client =
                    client { server ->
                        for (reply in listOf("+OK", ":-12", "$-1", "*-1", "-ERR what", "$4\r\na\r\nb", "*3\r\n:1\r\n*0\r\n$0\r\n")) {
                            commands += server.command()
                            server.sendAll("$reply\r\n".encodeToByteArray())
                        }
                    }
                client.ask(command("SET", "clé", "a\r\nb")) shouldBe listOf("OK")
                client.ask(command("INCR", "n"), command("GET", ""), command("BLPOP", "l", "1")) shouldBe listOf(-12L, null, null)
                val replies = client.ask(command("NO"), command("GET", "clé"), command("EXEC"))
                (replies[0] as IOException).message shouldBe "ERR what"
                replies.drop(1) shouldBe listOf("a\r\nb", listOf(1L, emptyList<Any>(), ""))
                commands.take(2) shouldBe listOf(listOf("SET", "clé", "a\r\nb"), listOf("INCR", "n"))
            }
        }

        test("a pipeline is longer than the buffers of the kernel, both ways") {
            onLoop {
                val client =
                    client { server ->
                        repeat(PIPELINE) {
                            val word = server.command().last()
                            server.sendAll("$${word.length}\r\n$word\r\n".encodeToByteArray())
                        }
                    }
                val word = "x".repeat(1_000_000)
                client.ask(*Array(PIPELINE) { command("ECHO", word) }).count { it == word } shouldBe PIPELINE
            }
        }

        test("what is no reply, or too much, is refused, and the connection is closed: late replies would be wrong ones") {
            onLoop {
                for (reply in listOf("HTTP/1.1 400 Bad Request", ":", ":1e3", "$-2", "*99999999", "$99999999", "", "*1\r\n".repeat(9))) {
                    val client =
                        client {
                            it.command()
                            it.sendAll("$reply\r\n".encodeToByteArray())
                            it.receiveSome()
                        }
                    shouldThrow<IOException> { client.ask(command("PING")) }.message shouldBe "this is not RESP 2"
                    shouldThrow<ClosedResourceException> { client.ask(command("PING")) }
                }
                shouldThrow<BrokenResourceException> { client { it.sendAll("$5\r\nab".encodeToByteArray()) }.ask(command("PING")) }
            }
        }
    }) {
    private companion object {
        const val PIPELINE = 24
    }
}
