package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.EndOfChannelException
import dev.tercet.MemoryChannelStatistics
import dev.tercet.WouldBlockException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicInteger

@OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
class MemoryChannelSpec :
    FunSpec({
        test("NUR-X27 IO-CH2 a rendezvous: each send waits for its receive, first come, first served") {
            runTest {
                val (sender, receiver) = openMemoryChannel<Int>(0)
                val sent = mutableListOf<Int>()
                for (i in 0..2) {
                    launch {
                        sender.send(i)
                        sent += i
                    }
                }
                runCurrent()
                sender.statistics shouldBe MemoryChannelStatistics(0, 0, 0, 1, 1, 3, 0)
                for (i in 0..2) {
                    receiver.receive() shouldBe i
                    runCurrent()
                    sent shouldContainExactly (0..i).toList()
                }
            }
        }

        test("IO-CH2 receivers are served first come, first served") {
            runTest {
                val (sender, receiver) = openMemoryChannel<Int>(5)
                val got = mutableListOf<Pair<Int, Int>>()
                for (i in 0..2) launch { got += i to receiver.receive() }
                runCurrent()
                for (i in 0..2) sender.send(i * 10)
                runCurrent()
                got shouldContainExactly listOf(0 to 0, 1 to 10, 2 to 20)
            }
        }

        test("NUR-X29 IO-CH3 the …Now forms never wait and never jump the queue") {
            runTest {
                val (sender, receiver) = openMemoryChannel<String?>(1)
                shouldThrow<WouldBlockException> { receiver.receiveNow() }
                sender.sendNow(null)
                shouldThrow<WouldBlockException> { sender.sendNow("b") }
                receiver.receiveNow() shouldBe null
                val waiting = launch { receiver.receive() shouldBe "c" }
                runCurrent()
                sender.sendNow("c")
                shouldThrow<WouldBlockException> { receiver.receiveNow() }
                waiting.join()
            }
        }

        test("NUR-X18 IO-CH5 a cancelled send delivers nothing, a cancelled receive leaves no ghost") {
            runTest {
                val (sender, receiver) = openMemoryChannel<String>(0)
                val send = launch { sender.send("lost") }
                runCurrent()
                send.cancelAndJoin()
                shouldThrow<WouldBlockException> { receiver.receiveNow() }
                val receive = launch { receiver.receive() }
                runCurrent()
                receive.cancelAndJoin()
                shouldThrow<WouldBlockException> { sender.sendNow("nobody") }
                launch(start = CoroutineStart.UNDISPATCHED) {
                    coroutineContext.job.cancel()
                    shouldThrow<CancellationException> { sender.send("never") }
                }
                receiver.statistics.waitingSenders shouldBe 0
            }
        }

        test("IO-C4 IO-CH7 a message that was handed over survives the cancellation, as does the success of its send") {
            runTest {
                val (sender, receiver) = openMemoryChannel<Int>(0)
                var got = 0
                val receive = launch { got = receiver.receive() }
                runCurrent()
                sender.sendNow(7)
                receive.cancelAndJoin()
                got shouldBe 7

                var done = false
                val send =
                    launch {
                        sender.send(8)
                        done = true
                    }
                runCurrent()
                receiver.receiveNow() shouldBe 8
                send.cancelAndJoin()
                done shouldBe true
            }
        }

        test("IO-C4 IO-CH7 no message is lost or doubled in 5,000 races of a send with a cancellation") {
            val (sender, receiver) = openMemoryChannel<Int>(0)
            val received = AtomicInteger()
            var sent = 0
            withContext(Dispatchers.Default) {
                repeat(5000) {
                    coroutineScope {
                        val receive =
                            launch(start = CoroutineStart.UNDISPATCHED) {
                                receiver.receive()
                                received.incrementAndGet()
                            }
                        launch { receive.cancel() }
                        try {
                            sender.sendNow(it)
                            sent++
                        } catch (e: WouldBlockException) {
                            // The cancellation was first.
                        }
                    }
                }
            }
            received.get() shouldBe sent
        }

        test("IO-CH4 duplicates are closed one by one; the last close is the channel's") {
            runTest {
                val channel = openMemoryChannel<Int>(5)
                val (sender, receiver) = channel
                val second = sender.duplicate()
                val other = receiver.duplicate()
                channel.statistics shouldBe MemoryChannelStatistics(0, 5, 0, 2, 2, 0, 0)
                val blocked = launch { shouldThrow<ClosedResourceException> { other.receive() } }
                val undisturbed = launch { receiver.receive() shouldBe 1 }
                runCurrent()
                other.close()
                blocked.join()
                shouldThrow<ClosedResourceException> { other.duplicate() }
                sender.close()
                sender.close()
                shouldThrow<ClosedResourceException> { sender.send(1) }
                shouldThrow<ClosedResourceException> { sender.duplicate() }
                second.send(1)
                undisturbed.join()
                second.send(2)
                second.send(3)
                second.close()
                receiver.messages().toList() shouldContainExactly listOf(2, 3)
                shouldThrow<EndOfChannelException> { receiver.receive() }
                channel.statistics.peak shouldBe 2
            }
        }

        test("IO-CH1 senders, blocked and later ones, break when the last receiver is closed") {
            runTest {
                val (sender, receiver) = openMemoryChannel<Int>(1)
                sender.send(0)
                val blocked = launch { shouldThrow<BrokenResourceException> { sender.send(1) } }
                runCurrent()
                receiver.closeForcefully()
                blocked.join()
                shouldThrow<BrokenResourceException> { sender.sendNow(2) }
                sender.statistics.buffered shouldBe 0
            }
        }

        test("IO-CH5 IO-A5 a cancelled coroutine closes, and then throws") {
            runTest {
                val (sender, receiver) = openMemoryChannel<Int>(1)
                launch(start = CoroutineStart.UNDISPATCHED) {
                    coroutineContext.job.cancel()
                    shouldThrow<CancellationException> { sender.close() }
                }
                shouldThrow<EndOfChannelException> { receiver.receive() }
            }
        }

        test("IO-CH2 the capacity must not be negative") {
            shouldThrow<IllegalArgumentException> { openMemoryChannel<Int>(-1) }
        }
    })
