package dev.tercet.samples

import dev.tercet.ServeReport
import dev.tercet.TooSlowException
import dev.tercet.coroutines.*
import dev.tercet.coroutines.loop.*
import dev.tercet.coroutines.net.*
import dev.tercet.coroutines.stream.*
import dev.tercet.coroutines.task.*
import dev.tercet.coroutines.testing.*
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.tercet.net.Net as BlockingNet

/** The programs of the API's design, numbered as there, that are no samples. */
class ProgramsRealSocketSpec :
    FunSpec({
        test("program 10 in Kotlin: start a server and know that it listens") {
            runOnLoop {
                nursery {
                    val listeners = start { status -> serveTcp(port = 0, taskStatus = status) { echo(it) } }
                    openTcpStream("localhost", listeners.single().port).use {
                        it.sendAll("GET / HTTP/1.0\r\n\r\n".encodeToByteArray())
                        it.sendEof()
                        BufferedReceiveStream(it).receiveLine() shouldBe "GET / HTTP/1.0"
                    }
                    cancelChildren()
                }
            }
        }

        test("program 10 in Java: start a server and know that it listens") {
            JavaPrograms.startServer() shouldBe "GET / HTTP/1.0\r\n\r\n"
        }

        test("program 1 in Java, the end of it: a stop lets the connection finish") {
            JavaPrograms.stopServer() shouldBe ServeReport(1, 1, 0, 0)
        }

        test("program 11 in Kotlin: moveOnAfter tells that it moved on, failAfter fails") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                left.use {
                    right.use {
                        moveOnAfter(50.milliseconds) { while (true) left.sendAll(ByteArray(65_536)) } shouldBe true
                        moveOnAfter(50.milliseconds) { left.waitSendAllMightNotBlock() } shouldBe true
                        shouldThrow<TooSlowException> { failAfter(50.milliseconds) { left.receiveSome(100) } }
                        right.sendAll(byteArrayOf(1))
                        failAfter(30.seconds) { left.receiveSome(100) } shouldBe byteArrayOf(1)
                    }
                }
            }
        }

        test("program 11 in Java: moveOnAfter tells that it moved on, failAfter fails") {
            val pair = BlockingNet.socketStreamPair()
            pair.left().use { left ->
                pair.right().use { right ->
                    JavaPrograms.isSlow(left) shouldBe false
                    shouldThrow<TooSlowException> { JavaPrograms.receiveWithin(Duration.ofMillis(50), left) }
                    right.sendAll(byteArrayOf(1))
                    JavaPrograms.receiveWithin(Duration.ofSeconds(30), left) shouldBe byteArrayOf(1)
                }
            }
        }

        test("program 12 in Kotlin: a stream of one's own, proved by the battery") {
            fun rot13(pair: Pair<Stream, Stream>) = Rot13Stream(pair.first) to Rot13Stream(pair.second)
            checkTwoWayStream({ rot13(memoryStreamPair()) }, cloggedMaker = { rot13(lockstepStreamPair()) })
        }

        test("program 12 rotates") {
            val (left, right) = memoryStreamPair()
            Rot13Stream(left).sendAll("Hello".encodeToByteArray())
            right.receiveSome(10).decodeToString() shouldBe "Uryyb"
        }
    })
