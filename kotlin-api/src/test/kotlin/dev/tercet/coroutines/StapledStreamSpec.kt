package dev.tercet.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.nio.ByteBuffer

private class Calls {
    val list = mutableListOf<String>()
    var closingSend: IOException? = null
    var closingReceive: IOException? = null
}

private open class Sender(val calls: Calls) : SendStream {
    override suspend fun sendAll(data: ByteBuffer) {
        calls.list += "sendAll ${data.remaining()}"
    }

    override suspend fun waitSendAllMightNotBlock() {
        calls.list += "wait"
    }

    override suspend fun close() {
        calls.list += "close send"
        calls.closingSend?.let { throw it }
    }

    override fun closeForcefully() {
        calls.list += "force send"
    }
}

private class TwoWay(calls: Calls) :
    Sender(calls),
    HalfCloseableStream {
    override suspend fun receiveSome(into: ByteBuffer): Int = throw AssertionError("the sending side is not received from")

    override suspend fun sendEof() {
        calls.list += "sendEof"
    }
}

private class Receiver(val calls: Calls) : ReceiveStream {
    override suspend fun receiveSome(into: ByteBuffer): Int {
        calls.list += "receiveSome ${into.remaining()}"
        return -1
    }

    override suspend fun close() {
        calls.list += "close receive"
        calls.closingReceive?.let { throw it }
    }

    override fun closeForcefully() {
        calls.list += "force receive"
    }
}

class StapledStreamSpec :
    FunSpec({
        test("IO-H7 IO-H10 the streams keep their types, and each operation is passed on as it is") {
            runTest {
                val calls = Calls()
                val stream = StapledStream(Sender(calls), Receiver(calls))
                val sender: Sender = stream.sendStream
                val receiver: Receiver = stream.receiveStream
                sender.calls shouldBeSameInstanceAs receiver.calls
                stream.sendAll(ByteArray(3))
                stream.sendAll(ByteArray(9), 4, 2)
                stream.sendAll(ByteArray(9), 8)
                stream.sendAll(flowOf(ByteArray(1), ByteArray(0)))
                stream.waitSendAllMightNotBlock()
                stream.receiveSome(7).size shouldBe 0
                stream.receiveSome().size shouldBe 0
                stream.receiveSome(ByteBuffer.allocate(1)) shouldBe -1
                calls.list shouldContainExactly
                    listOf(3, 2, 1, 1, 0).map { "sendAll $it" } + "wait" + listOf(7, 65536, 1).map { "receiveSome $it" }
            }
        }

        test("IO-H8 sendEof is the sending stream's own, or else closes it") {
            runTest {
                val calls = Calls()
                StapledStream(TwoWay(calls), Receiver(calls)).sendEof()
                StapledStream(Sender(calls), Receiver(calls)).sendEof()
                calls.list shouldContainExactly listOf("sendEof", "close send")
            }
        }

        test("IO-H9 IO-A9 both are closed, in order, also when the first fails") {
            runTest {
                val calls = Calls()
                val first = IOException("first")
                val second = IOException("second")
                val stream = StapledStream(Sender(calls), Receiver(calls))
                calls.closingSend = first
                calls.closingReceive = second
                val thrown = shouldThrow<IOException> { stream.close() }
                thrown shouldBeSameInstanceAs first
                thrown.suppressed.toList() shouldContainExactly listOf(second)
                calls.closingSend = null
                shouldThrow<IOException> { stream.close() } shouldBeSameInstanceAs second
                stream.closeForcefully()
                calls.list shouldContainExactly
                    listOf("close send", "close receive", "close send", "close receive", "force send", "force receive")
            }
        }
    })
