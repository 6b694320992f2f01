package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.RelayReport
import dev.tercet.RelayReport.Side
import dev.tercet.coroutines.BufferedStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.relay
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.async
import kotlinx.coroutines.test.runTest

/** The twin is RelayTest. */
class RelaySpec :
    FunSpec({
        test("IO-H11 both directions are carried, half-closes are handed on, and the report counts") {
            runTest {
                val (client, near) = memoryStreamPair()
                val (far, server) = memoryStreamPair()
                val relay = async { relay(near, BufferedStream(far)) }
                client.sendAll("question".encodeToByteArray())
                client.sendEof()
                server.receiveAll() shouldBe "question"
                server.sendAll("an answer".encodeToByteArray())
                server.sendEof()
                client.receiveAll() shouldBe "an answer"
                relay.await() shouldBe RelayReport(8, 9, Side.CLIENT)
            }
        }

        test("IO-H11 streams stay open, and the end of the server comes first") {
            runTest {
                val (client, near) = memoryStreamPair()
                val (far, server) = memoryStreamPair()
                val relay = async { relay(near, far) }
                server.sendEof()
                client.receiveAll() shouldBe ""
                client.sendAll("late".encodeToByteArray())
                client.sendEof()
                server.receiveAll() shouldBe "late"
                relay.await() shouldBe RelayReport(4, 0, Side.SERVER)
                near.close()
                far.close()
            }
        }

        for (version in TlsVersion.entries) {
            test("IO-H11 ${version.protocolName()}: a client that ends, and a server that ends, end the relay") {
                runTest {
                    for (serverEnds in listOf(false, true)) {
                        val (client, near) = TlsPairs.handshaken(memoryStreamPair(), version)
                        val (far, server) = memoryStreamPair()
                        val relay = async { relay(near, far) }
                        client.sendAll("hello".encodeToByteArray())
                        server.receiveSome().decodeToString() shouldBe "hello"
                        if (serverEnds) server.sendEof() else client.close()
                        if (version == TlsVersion.TLS_1_3) {
                            if (serverEnds) client.receiveAll() shouldBe "" else server.receiveAll() shouldBe ""
                            if (serverEnds) client.close() else server.sendEof()
                        }
                        relay.await() shouldBe RelayReport(5, 0, if (serverEnds) Side.SERVER else Side.CLIENT)
                    }
                }
            }
        }

        test("IO-H11 TLS 1.2 to the server: its answer to a client that has ended is waited for") {
            runTest {
                val (client, near) = memoryStreamPair()
                val (far, server) = TlsPairs.handshaken(memoryStreamPair(), TlsVersion.TLS_1_2)
                val relay = async { relay(near, far) }
                client.sendAll("question".encodeToByteArray())
                client.sendEof()
                server.receiveSome().decodeToString() shouldBe "question"
                server.sendAll("answer".encodeToByteArray())
                server.close()
                client.receiveAll() shouldBe "answer"
                relay.await() shouldBe RelayReport(8, 6, Side.CLIENT)
            }
        }

        test("IO-H11 a failure of one direction cancels the other and comes out") {
            runTest {
                val failure = BrokenResourceException("on purpose", null)
                val (_, near) = memoryStreamPair()
                val (far, server) = memoryStreamPair()
                server.sendAll("x".encodeToByteArray())
                val broken =
                    object : Stream by near {
                        override suspend fun sendAll(data: java.nio.ByteBuffer) = throw failure
                    }
                shouldThrow<BrokenResourceException> { relay(broken, far) } shouldBeSameInstanceAs failure
            }
        }
    })

private suspend fun Stream.receiveAll(): String {
    val all = StringBuilder()
    while (true) {
        val some = receiveSome()
        if (some.isEmpty()) return all.toString()
        all.append(some.decodeToString())
    }
}
