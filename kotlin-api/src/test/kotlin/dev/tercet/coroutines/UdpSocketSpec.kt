package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.runTest
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer

private val PEER = InetSocketAddress(InetAddress.getLoopbackAddress(), 9)

/** Sending when there is no room, which the loopback interface never says. */
class UdpSocketSpec :
    FunSpec({
        test("IO-K12 a send waits for room, and then the datagram goes whole") {
            runTest {
                val fake = FakeDatagram()
                val data = ByteBuffer.allocate(10)
                val sender = launch(start = CoroutineStart.UNDISPATCHED) { UdpSocket(fake).sendTo(data, PEER) }
                testScheduler.runCurrent()
                data.position() shouldBe 0
                fake.refused shouldBe 1
                fake.makeRoom()
                sender.join()
                fake.sent shouldBe listOf(10)
                data.position() shouldBe 10
            }
        }

        test("IO-K12 an empty datagram waits for room too: NIO would not say that it was dropped") {
            runTest {
                val fake = FakeDatagram()
                val sender = launch { UdpSocket(fake).sendTo(ByteBuffer.allocate(0), PEER) }
                testScheduler.runCurrent()
                sender.isActive shouldBe true
                fake.refused shouldBe 0
                fake.makeRoom()
                sender.join()
                fake.sent shouldBe listOf(0)
            }
        }

        test("IO-C3 IO-C6 a cancelled send has sent nothing, and the next one is fine") {
            runTest {
                val fake = FakeDatagram()
                val socket = UdpSocket(fake)
                val data = ByteBuffer.allocate(10)
                val sender = launch { socket.sendTo(data, PEER) }
                testScheduler.runCurrent()
                sender.cancelAndJoin()
                data.position() shouldBe 0
                fake.makeRoom()
                socket.sendTo(data, PEER)
                fake.sent shouldBe listOf(10)
            }
        }

        test("IO-K16 IO-E3 a second sender is Busy; the first goes on, and so may a receiver") {
            runTest {
                val fake = FakeDatagram()
                val socket = UdpSocket(fake)
                val sender = launch { socket.sendTo(ByteBuffer.allocate(1), PEER) }
                testScheduler.runCurrent()
                for (length in 0..1) shouldThrow<BusyResourceException> { socket.sendTo(ByteBuffer.allocate(length), PEER) }
                shouldThrow<BusyResourceException> { socket.connect(PEER) }
                val receiver = launch { socket.receive(ByteBuffer.allocate(1)) }
                testScheduler.runCurrent()
                shouldThrow<BusyResourceException> { socket.receive(ByteBuffer.allocate(1)) }
                fake.makeRoom()
                sender.join()
                fake.sent shouldBe listOf(1)
                receiver.cancelAndJoin()
            }
        }

        test("IO-K4 IO-K16 a close wakes a waiting sender and a waiting receiver with Closed") {
            runTest {
                val fake = FakeDatagram()
                val socket = UdpSocket(fake)
                supervisorScope {
                    val sender = async { socket.sendTo(ByteBuffer.allocate(1), PEER) }
                    val receiver = async { socket.receive(ByteBuffer.allocate(1)) }
                    testScheduler.runCurrent()
                    socket.close()
                    shouldThrow<ClosedResourceException> { sender.await() }
                    shouldThrow<ClosedResourceException> { receiver.await() }
                }
                fake.sent.shouldBeEmpty()
            }
        }
    })
