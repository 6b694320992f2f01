@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.nio.ByteBuffer

class LockstepStreamSpec :
    FunSpec({
        fun String.b() = toByteArray()

        fun ByteArray.s() = decodeToString()

        test("KIT-L1 a send ends when its last byte was received, by however many receives") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val buffer = ByteBuffer.wrap("abcde".b())
                val sending = launch { send.sendAll(buffer) }
                for (expected in listOf("ab", "cd")) {
                    receive.receiveSome(2).s() shouldBe expected
                    runCurrent()
                    sending.isCompleted shouldBe false
                }
                receive.receiveSome(2).s() shouldBe "e"
                runCurrent()
                sending.isCompleted shouldBe true
                buffer.remaining() shouldBe 0
            }
        }

        test("KIT-L2 waiting to send ends when a receiver is parked, not before") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val waiting = launch { send.waitSendAllMightNotBlock() }
                runCurrent()
                waiting.isCompleted shouldBe false
                val receiving = launch { receive.receiveSome(1) }
                runCurrent()
                waiting.isCompleted shouldBe true
                receiving.cancelAndJoin()
                val waitingAgain = launch { send.waitSendAllMightNotBlock() }
                runCurrent()
                waitingAgain.isCompleted shouldBe false
                waitingAgain.cancel()
            }
        }

        test("KIT-L3 an empty send needs no receiver, and is a checkpoint") {
            runTest {
                val (send, _) = lockstepStreamOneWayPair()
                assertCheckpoints { send.sendAll(ByteArray(0)) }
            }
        }

        test("KIT-L4 when the receiver closes, a send with unread bytes is Broken, one that was read to its end succeeds") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val unread = async { shouldThrow<BrokenResourceException> { send.sendAll("abc".b()) } }
                receive.receiveSome(2)
                receive.closeForcefully()
                unread.await()
                val (send2, receive2) = lockstepStreamOneWayPair()
                val read = async { send2.sendAll("ab".b()) }
                receive2.receiveSome(2)
                receive2.closeForcefully()
                read.await()
            }
        }

        test("KIT-L5 when the sender closes, its parked send is Closed; the rest is delivered, then the end") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val bytes = "abc".b()
                val sending = async { shouldThrow<ClosedResourceException> { send.sendAll(bytes) } }
                receive.receiveSome(1).s() shouldBe "a"
                send.closeForcefully()
                sending.await()
                bytes.fill('!'.code.toByte())
                receive.receiveSome().s() shouldBe "bc"
                repeat(2) { receive.receiveSome().size shouldBe 0 }
            }
        }

        test("KIT-L5 a send that was read to its end before its stream was closed succeeds") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val sending = async { send.sendAll("abc".b()) }
                receive.receiveSome(3).s() shouldBe "abc"
                send.closeForcefully()
                sending.await()
            }
        }

        test("KIT-L6 after the receiver has closed, waiting returns at once and sending is Broken") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val waiting = launch { send.waitSendAllMightNotBlock() }
                runCurrent()
                receive.closeForcefully()
                waiting.join()
                assertCheckpoints { send.waitSendAllMightNotBlock() }
                repeat(2) { shouldThrow<BrokenResourceException> { send.sendAll("x".b()) } }
                send.close()
                shouldThrow<ClosedResourceException> { send.waitSendAllMightNotBlock() }
                shouldThrow<ClosedResourceException> { send.sendAll(ByteArray(0)) }
            }
        }

        test("KIT-L7 the two sides look for conflicts separately; any close wakes all waiters") {
            runTest {
                val (left, right) = lockstepStreamPair()
                val sending = async { shouldThrow<ClosedResourceException> { left.sendAll("x".b()) } }
                val receiving = async { shouldThrow<ClosedResourceException> { left.receiveSome(1) } }
                runCurrent()
                shouldThrow<BusyResourceException> { left.sendAll("y".b()) }
                shouldThrow<BusyResourceException> { left.waitSendAllMightNotBlock() }
                shouldThrow<BusyResourceException> { left.receiveSome(1) }
                left.closeForcefully()
                sending.await()
                receiving.await()
                right.receiveSome().s() shouldBe "x"
                right.receiveSome().size shouldBe 0
            }
        }

        test("KIT-L8 closeForcefully does not suspend, close is a checkpoint") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                assertNoCheckpoints { send.closeForcefully() }
                assertNoCheckpoints { receive.closeForcefully() }
                assertCheckpoints { send.close() }
                assertCheckpoints { receive.close() }
            }
        }

        test("KIT-L9 a cancelled send takes its unread bytes back, and the stream stays usable") {
            runTest {
                val (send, receive) = lockstepStreamOneWayPair()
                val sending = launch { send.sendAll("abc".b()) }
                receive.receiveSome(1).s() shouldBe "a"
                sending.cancelAndJoin()
                val next = launch { send.sendAll("xyz".b()) }
                receive.receiveSome().s() shouldBe "xyz"
                next.join()
            }
        }
    })
