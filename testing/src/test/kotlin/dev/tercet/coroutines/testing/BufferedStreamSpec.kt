@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.BufferedStream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.lines
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.sendLine
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlin.time.Duration.Companion.seconds

/** The twin is BufferedStreamTest. */
class BufferedStreamSpec :
    FunSpec({
        test("IO-B6 a buffered stream keeps the contract of its stream") {
            runTest {
                checkTwoWayStream(
                    { memoryStreamPair().let { (left, right) -> BufferedStream(left) to BufferedStream(right) } },
                    { lockstepStreamPair().let { (left, right) -> BufferedStream(left) to BufferedStream(right) } },
                )
            }
        }

        test("IO-B6 lines, exact counts and delimiters come from one buffer, beside sending") {
            runTest {
                val (near, far) = memoryStreamPair()
                val stream = BufferedStream(near)
                far.sendAll("one\r\nfour;rest".encodeToByteArray())
                stream.receiveLine() shouldBe "one"
                stream.buffered shouldBe 9
                stream.receiveExactly(3).decodeToString() shouldBe "fou"
                stream.receiveUntil(";".encodeToByteArray(), 10).decodeToString() shouldBe "r"
                stream.takeBuffered().decodeToString() shouldBe "rest"
                stream.transportStream shouldBeSameInstanceAs near
                stream.sendLine("hello, w\u00f6rld")
                far.receiveSome().decodeToString() shouldBe "hello, w\u00f6rld\r\n"
            }
        }

        test("IO-B6 IO-R7 a flow of lines takes them from the buffer, and take(1) loses none") {
            runTest {
                val (near, far) = memoryStreamPair()
                val stream = BufferedStream(near)
                far.sendAll("one\ntwo\nthree\nfour".encodeToByteArray())
                far.close()
                stream.receiveLine() shouldBe "one"
                stream.lines().take(1).toList() shouldBe listOf("two")
                stream.receiveLine() shouldBe "three"
                stream.lines().toList() shouldBe listOf("four")
            }
        }

        test("IO-B2 IO-B6 a cancelled receiveLine loses nothing, and the stream below is closed with it") {
            runTest {
                val (near, far) = memoryStreamPair()
                val stream = BufferedStream(near)
                far.sendAll("half a ".encodeToByteArray())
                moveOnAfter(1.seconds) { stream.receiveLine() } shouldBe true
                far.sendAll("line\n".encodeToByteArray())
                stream.receiveLine() shouldBe "half a line"
                nursery {
                    startSoon { stream.receiveLine() }
                    runCurrent()
                    shouldThrow<BusyResourceException> { stream.receiveSome() }
                    cancelChildren()
                }
                stream.close()
                shouldThrow<ClosedResourceException> { near.receiveSome() }
            }
        }

        test("IO-B6 TLS begins with what was received ahead") {
            runTest {
                val (near, far) = memoryStreamPair()
                val server = BufferedStream(near)
                val client = TlsStream.wrapClient(far, TlsPairs.NAME, TlsPairs.client)
                nursery {
                    startSoon {
                        // In one piece with the ClientHello, as clients that do not wait for an answer send it.
                        far.sendLine("STARTTLS")
                        client.sendAll("secret".encodeToByteArray())
                    }
                    runCurrent()
                    server.receiveLine() shouldBe "STARTTLS"
                    (server.buffered > 0) shouldBe true
                    TlsStream.wrapServer(server, TlsPairs.server).receiveSome().decodeToString() shouldBe "secret"
                }
            }
        }

        test("IO-B7 a line that contains the end of a line is refused, and nothing is sent") {
            runTest {
                val (near, far) = memoryStreamPair()
                for (line in listOf("QUIT\r\nMAIL", "a\n", "\r")) shouldThrow<IllegalArgumentException> { near.sendLine(line) }
                near.close()
                far.receiveSome().size shouldBe 0
                shouldThrow<ClosedResourceException> { BufferedStream(near).sendLine("late") }
            }
        }
    })
