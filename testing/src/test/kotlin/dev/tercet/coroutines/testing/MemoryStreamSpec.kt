@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.WouldBlockException
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds

class MemoryStreamSpec :
    FunSpec({
        fun String.b() = toByteArray()

        fun ByteArray.s() = decodeToString()

        /** Starts all of them, lets everything run, and cancels what is not over: the failures, null for none, "parked" for not over. */
        suspend fun TestScope.outcomes(vararg operations: suspend () -> Unit): List<Any?> = supervisorScope {
            val running = operations.map { async { it() } }
            testScheduler.runCurrent()
            running.map {
                if (it.isCompleted) {
                    it.getCompletionExceptionOrNull()
                } else {
                    it.cancelAndJoin()
                    "parked"
                }
            }
        }

        context("MemorySendStream") {
            test("KIT-M1 sending appends to an unbounded buffer, then runs the hook, and returns when it returns") {
                runTest {
                    val gate = CompletableDeferred<Unit>()
                    val stream = MemorySendStream()
                    var seenByHook = ""
                    stream.sendAllHook = {
                        seenByHook = stream.getDataNow().s()
                        gate.await()
                    }
                    val sending = launch { stream.sendAll("abc".b()) }
                    runCurrent()
                    seenByHook shouldBe "abc"
                    sending.isCompleted shouldBe false
                    gate.complete(Unit)
                    runCurrent()
                    sending.isCompleted shouldBe true
                    stream.sendAllHook = null
                    stream.sendAll(ByteArray(10_000_000))
                    stream.getDataNow().size shouldBe 10_000_000
                }
            }

            test("KIT-M2 of two overlapping sends exactly one gets Busy, the other completes") {
                runTest {
                    val stream = MemorySendStream()
                    val (first, second) = outcomes({ stream.sendAll("a".b()) }, { stream.sendAll("b".b()) })
                    first shouldBe null
                    second.shouldBeInstanceOf<BusyResourceException>()
                    stream.getDataNow().s() shouldBe "a"
                }
            }

            test("KIT-M3 waiting to send shares the conflict with sending and with itself") {
                runTest {
                    val stream = MemorySendStream()
                    val send: suspend () -> Unit = { stream.sendAll("a".b()) }
                    val wait: suspend () -> Unit = { stream.waitSendAllMightNotBlock() }
                    for ((a, b) in listOf(send to wait, wait to send, wait to wait)) {
                        val (first, second) = outcomes(a, b)
                        first shouldBe null
                        second.shouldBeInstanceOf<BusyResourceException>()
                    }
                }
            }

            test("KIT-M4 waiting to send runs its hook, and on a closed stream gets Closed without it") {
                runTest {
                    var runs = 0
                    val stream = MemorySendStream()
                    assertCheckpoints { stream.waitSendAllMightNotBlock() }
                    stream.waitSendAllHook = { runs++ }
                    stream.waitSendAllMightNotBlock()
                    runs shouldBe 1
                    stream.close()
                    shouldThrow<ClosedResourceException> { stream.waitSendAllMightNotBlock() }
                    runs shouldBe 1
                }
            }

            test("KIT-M5 sending on a closed stream gets Closed, for empty data too, and adds nothing") {
                runTest {
                    val stream = MemorySendStream()
                    stream.close()
                    shouldThrow<ClosedResourceException> { stream.sendAll("x".b()) }
                    shouldThrow<ClosedResourceException> { stream.sendAll(ByteArray(0)) }
                    stream.getDataNow().size shouldBe 0
                }
            }

            test("KIT-M6 close is closeForcefully and a checkpoint; every call runs the close hook") {
                runTest {
                    var runs = 0
                    val stream = MemorySendStream(closeHook = { runs++ })
                    stream.closeForcefully()
                    stream.closeForcefully()
                    stream.close()
                    runs shouldBe 3
                    assertCheckpoints { stream.close() }
                }
            }

            test("KIT-M7 closing wakes a suspended hook: send, wait and receive get Closed") {
                runTest {
                    val send = MemorySendStream(sendAllHook = { awaitCancellation() }, waitSendAllHook = { awaitCancellation() })
                    val sending = async { shouldThrow<ClosedResourceException> { send.sendAll("x".b()) } }
                    runCurrent()
                    send.closeForcefully()
                    sending.await()
                    val send2 = MemorySendStream(waitSendAllHook = { awaitCancellation() })
                    val waiting = async { shouldThrow<ClosedResourceException> { send2.waitSendAllMightNotBlock() } }
                    runCurrent()
                    send2.closeForcefully()
                    waiting.await()
                    val receive = MemoryReceiveStream(receiveSomeHook = { awaitCancellation() })
                    val receiving = async { shouldThrow<ClosedResourceException> { receive.receiveSome(1) } }
                    runCurrent()
                    receive.closeForcefully()
                    receiving.await()
                }
            }

            test("KIT-M7 a cancellation from outside stays one, and a hook that fails because of the close is suppressed in Closed") {
                runTest {
                    val stream = MemorySendStream(sendAllHook = { awaitCancellation() })
                    val sending = async { shouldThrow<CancellationException> { stream.sendAll("x".b()) } }
                    runCurrent()
                    sending.cancelAndJoin()
                    stream.sendAllHook = {
                        stream.closeForcefully()
                        throw IOException("the hook's own")
                    }
                    shouldThrow<ClosedResourceException> { stream.sendAll("x".b()) }.suppressed.single().message shouldBe "the hook's own"
                }
            }

            test("KIT-M8 getData waits for a byte, returns all or up to max, and refuses a max below 1") {
                runTest {
                    val stream = MemorySendStream()
                    val getting = async { stream.getData().s() }
                    runCurrent()
                    getting.isCompleted shouldBe false
                    stream.sendAll("abc".b())
                    getting.await() shouldBe "abc"
                    stream.sendAll("defg".b())
                    stream.getData(3).s() shouldBe "def"
                    stream.getData(3).s() shouldBe "g"
                    shouldThrow<IllegalArgumentException> { stream.getData(0) }
                    shouldThrow<IllegalArgumentException> { stream.getDataNow(-1) }
                }
            }

            test("KIT-M9 KIT-M10 a closed stream is drained and then empty for ever; an open empty one would block") {
                runTest {
                    val stream = MemorySendStream()
                    shouldThrow<WouldBlockException> { stream.getDataNow() }
                    stream.sendAll("abcd".b())
                    stream.close()
                    stream.getData(2).s() shouldBe "ab"
                    stream.getDataNow(1).s() shouldBe "c"
                    stream.getData().s() shouldBe "d"
                    repeat(2) { stream.getData().size shouldBe 0 }
                    repeat(2) { stream.getDataNow().size shouldBe 0 }
                }
            }

            test("KIT-M9 closing wakes somebody who waits for data") {
                runTest {
                    val stream = MemorySendStream()
                    val getting = async { stream.getData() }
                    runCurrent()
                    stream.closeForcefully()
                    getting.await().size shouldBe 0
                }
            }

            test("KIT-M11 of two in getData one gets Busy") {
                runTest {
                    val stream = MemorySendStream()
                    val (first, second) = outcomes({ stream.getData() }, { stream.getData() })
                    first shouldBe "parked"
                    second.shouldBeInstanceOf<BusyResourceException>()
                }
            }

            test("KIT-M12 hooks are null by default and can be replaced while one runs") {
                runTest {
                    val stream = MemorySendStream()
                    listOf(stream.sendAllHook, stream.waitSendAllHook, stream.closeHook) shouldBe listOf(null, null, null)
                    val receive = MemoryReceiveStream()
                    listOf(receive.receiveSomeHook, receive.closeHook) shouldBe listOf(null, null)
                    val seen = mutableListOf<String>()
                    stream.sendAllHook = {
                        seen += "first " + stream.getDataNow().s()
                        stream.sendAllHook = { seen += "second " + stream.getDataNow().s() }
                    }
                    stream.sendAll("a".b())
                    stream.sendAll("b".b())
                    seen shouldBe listOf("first a", "second b")
                }
            }

            test("KIT-M13 a hook's exception comes out of the send, the bytes stay") {
                runTest {
                    val stream = MemorySendStream(sendAllHook = { throw IOException("no") })
                    shouldThrow<IOException> { stream.sendAll("abc".b()) }.message shouldBe "no"
                    stream.getDataNow().s() shouldBe "abc"
                }
            }
        }

        context("MemoryReceiveStream") {
            test(
                "KIT-M14 receive looks for a conflict, for cancellation, for its own close, then runs the hook; closed while parked is Closed",
            ) {
                runTest {
                    var runs = 0
                    val stream = MemoryReceiveStream(receiveSomeHook = { runs++ })
                    stream.putData("x".b())
                    assertCheckpoints { stream.receiveSome(1) }
                    runs shouldBe 1
                    val receiving = async { shouldThrow<ClosedResourceException> { stream.receiveSome() } }
                    runCurrent()
                    runs shouldBe 2
                    shouldThrow<BusyResourceException> { stream.receiveSome(1) }
                    runs shouldBe 2
                    stream.closeForcefully()
                    receiving.await()
                    shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
                    runs shouldBe 2
                }
            }

            test("KIT-M15 what the hook puts in is returned by the same call") {
                runTest {
                    val stream = MemoryReceiveStream()
                    stream.receiveSomeHook = { stream.putData("xxx".b()) }
                    stream.putData("yyy".b())
                    stream.receiveSome().s() shouldBe "yyyxxx"
                }
            }

            test("KIT-M16 putData wakes the reader; after the end or a close it gets Closed") {
                runTest {
                    val stream = MemoryReceiveStream()
                    val receiving = async { stream.receiveSome(10).s() }
                    runCurrent()
                    stream.putData("abc".b())
                    receiving.await() shouldBe "abc"
                    stream.putEof()
                    shouldThrow<ClosedResourceException> { stream.putData("x".b()) }
                    val closed = MemoryReceiveStream()
                    closed.close()
                    shouldThrow<ClosedResourceException> { closed.putData("x".b()) }
                }
            }

            test("KIT-M17 putEof is idempotent; the end comes after the bytes, and stays") {
                runTest {
                    val stream = MemoryReceiveStream()
                    stream.putData("abc".b())
                    stream.putEof()
                    stream.putEof()
                    stream.receiveSome(2).s() shouldBe "ab"
                    stream.receiveSome(2).s() shouldBe "c"
                    repeat(3) { stream.receiveSome(2).size shouldBe 0 }
                    stream.receiveSome(ByteBuffer.allocate(1)) shouldBe -1
                }
            }

            test("KIT-M18 close discards what was not read, wakes a parked reader with Closed, and runs the hook") {
                runTest {
                    var runs = 0
                    val stream = MemoryReceiveStream(closeHook = { runs++ })
                    stream.putData("abc".b())
                    stream.close()
                    runs shouldBe 1
                    shouldThrow<ClosedResourceException> { stream.receiveSome(1) }
                    stream.closeForcefully()
                    runs shouldBe 2
                    assertCheckpoints { stream.close() }
                    val parked = MemoryReceiveStream()
                    val receiving = async { shouldThrow<ClosedResourceException> { parked.receiveSome(1) } }
                    runCurrent()
                    parked.closeForcefully()
                    receiving.await()
                }
            }

            test("KIT-M19 without max everything is returned, with max 1 to max bytes; overlap is Busy") {
                runTest {
                    val stream = MemoryReceiveStream()
                    stream.putData(ByteArray(100_000))
                    stream.receiveSome(10).size shouldBe 10
                    stream.receiveSome().size shouldBe 99_990
                    val (first, second) = outcomes({ stream.receiveSome(1) }, { stream.receiveSome(1) })
                    first shouldBe "parked"
                    second.shouldBeInstanceOf<BusyResourceException>()
                    shouldThrow<IllegalArgumentException> { stream.receiveSome(0) }
                    stream.close()
                    shouldThrow<IllegalArgumentException> { stream.receiveSome(ByteBuffer.allocate(0)) }
                }
            }
        }

        context("pump and pairs") {
            test("KIT-M20 the pump moves up to max bytes and says whether anything moved") {
                runTest {
                    val (send, receive) = MemorySendStream() to MemoryReceiveStream()
                    memoryStreamPump(send, receive) shouldBe false
                    send.sendAll("abc".b())
                    memoryStreamPump(send, receive, maxBytes = 2) shouldBe true
                    receive.receiveSome().s() shouldBe "ab"
                    memoryStreamPump(send, receive) shouldBe true
                    memoryStreamPump(send, receive) shouldBe false
                    receive.receiveSome().s() shouldBe "c"
                    shouldThrow<IllegalArgumentException> { memoryStreamPump(send, receive, maxBytes = 0) }
                }
            }

            test("KIT-M21 from a closed and drained source the pump moves the end, again and again") {
                runTest {
                    val (send, receive) = MemorySendStream() to MemoryReceiveStream()
                    send.sendAll("a".b())
                    send.close()
                    repeat(3) { memoryStreamPump(send, receive) shouldBe true }
                    receive.receiveSome().s() shouldBe "a"
                    repeat(2) { receive.receiveSome().size shouldBe 0 }
                }
            }

            test("KIT-M22 into a closed destination the pump gets Broken without a cause, and the bytes are gone") {
                runTest {
                    val (send, receive) = MemorySendStream() to MemoryReceiveStream()
                    send.sendAll("abc".b())
                    receive.close()
                    shouldThrow<BrokenResourceException> { memoryStreamPump(send, receive) }.cause shouldBe null
                    memoryStreamPump(send, receive) shouldBe false
                }
            }

            test("KIT-M23 closing delivers bytes that a stalled link has held, and then the end") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    send.sendAllHook = null
                    send.sendAll("held".b())
                    send.close()
                    receive.receiveSome().s() shouldBe "held"
                    receive.receiveSome().size shouldBe 0
                }
            }

            test("KIT-M23 closing a stalled link whose receiver is gone is no error") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    send.sendAllHook = null
                    send.sendAll("held".b())
                    receive.close()
                    send.close()
                    send.closeHook!!()
                }
            }

            test("KIT-M24 to a closed peer an empty send goes through, any other gets Broken, each time") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    receive.close()
                    send.sendAll(ByteArray(0))
                    repeat(2) { shouldThrow<BrokenResourceException> { send.sendAll("x".b()) } }
                }
            }

            test("KIT-M25 in a pair the send side pumps, so a reader that is parked already is woken") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    listOf(send.waitSendAllHook, receive.receiveSomeHook, receive.closeHook) shouldBe listOf(null, null, null)
                    val receiving = async { receive.receiveSome().s() }
                    runCurrent()
                    send.sendAll("x".b())
                    receiving.await() shouldBe "x"
                    val ending = async { receive.receiveSome().size }
                    runCurrent()
                    send.close()
                    ending.await() shouldBe 0
                }
            }

            test("KIT-M26 without the send hook the link stalls: 456 held, then 789 arrives as 456789") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    val pump = send.sendAllHook
                    send.sendAll("123".b())
                    receive.receiveSome().s() shouldBe "123"
                    send.sendAllHook = null
                    send.sendAll("456".b())
                    val receiving = async { receive.receiveSome().s() }
                    runCurrent()
                    receiving.isCompleted shouldBe false
                    send.sendAllHook = pump
                    send.sendAll("789".b())
                    receiving.await() shouldBe "456789"
                }
            }

            test("KIT-M27 KIT-M28 the halves of a two-way pair are reachable, and ending one direction leaves the other") {
                runTest {
                    val (left, right) = memoryStreamPair()
                    left.sendAll("123".b())
                    right.receiveSome().s() shouldBe "123"
                    right.sendAll("abc".b())
                    left.receiveSome().s() shouldBe "abc"
                    left.sendStream.sendAllHook = null
                    left.sendAll("held".b())
                    left.sendStream.getDataNow().s() shouldBe "held"
                    right.sendAll("456".b())
                    left.receiveStream.receiveSome().s() shouldBe "456"
                    left.sendEof()
                    right.receiveSome().size shouldBe 0
                    shouldThrow<ClosedResourceException> { left.sendAll("x".b()) }
                    right.sendAll("still".b())
                    left.receiveSome().s() shouldBe "still"
                    right.close()
                    left.receiveSome().size shouldBe 0
                }
            }

            test("KIT-M29 no delay by default; a hook that pumps one byte and waits a second trickles in virtual time") {
                runTest {
                    val (send, receive) = memoryStreamOneWayPair()
                    send.sendAll("x".b())
                    receive.receiveSome().s() shouldBe "x"
                    currentTime shouldBe 0
                    send.sendAllHook = { while (memoryStreamPump(send, receive, maxBytes = 1)) delay(1.seconds) }
                    launch { send.sendAll("abc".b()) }
                    val arrivals = List(3) { receive.receiveSome().s() to currentTime }
                    arrivals shouldBe listOf("a" to 0L, "b" to 1000L, "c" to 2000L)
                }
            }
        }
    })
