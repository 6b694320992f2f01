@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.WouldBlockException
import dev.tercet.coroutines.StapledStream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import kotlin.random.Random

/** How suspending TLS streams receive. Java's twin is `TlsReceivingTest`. */
class TlsReceivingSpec :
    FunSpec({
        fun String.b() = encodeToByteArray()

        /** Takes one record; null when there is none. */
        fun record(from: MemorySendStream): ByteArray? {
            val header =
                try {
                    from.getDataNow(5)
                } catch (_: WouldBlockException) {
                    return null
                }
            return header + from.getDataNow((header[3].toInt() and 0xff shl 8) or (header[4].toInt() and 0xff))
        }

        for (version in TlsVersion.entries) {
            test("TLS-D1 TLS-D2 receiving gives what has arrived, as far as there is room ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    left.sendAll("0123456789".b())
                    left.sendAll("abcde".b())
                    right.receiveSome(7).decodeToString() shouldBe "0123456"
                    right.receiveSome(100).decodeToString() shouldBe "789abcde"
                    left.sendAll("0123456789".b())
                    left.sendAll("abcde".b())
                    val into = ByteBuffer.allocate(15).limit(12)
                    var n = 0
                    while (n < 15) {
                        val more = right.receiveSome(into)
                        more shouldBeGreaterThan 0
                        n += more
                        into.position() shouldBe n
                        into.limit(15)
                    }
                    into.array().decodeToString() shouldBe "0123456789abcde"
                    val reader = async { right.receiveSome(100) }
                    runCurrent()
                    reader.isCompleted shouldBe false
                    left.sendAll("x".b())
                    reader.await().decodeToString() shouldBe "x"
                    left.close()
                    right.receiveSome(into.clear()) shouldBe -1
                    right.receiveSome(1).size shouldBe 0
                }
            }

            test("TLS-D4 the rest of a record comes without I/O, and each call looks for a cancellation ($version)") {
                runTest {
                    val (left, right) =
                        TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()), TlsPairs.client.withVersions(version)))
                    val data = Random(3).nextBytes(16_000)
                    left.sendAll(data)
                    right.receiveSome(100).contentEquals(data.copyOf(100)) shouldBe true
                    right.transportStream.receiveHook = { throw IOException("the transport was asked") }
                    isCancelledAtOnce { right.receiveSome(100) } shouldBe true
                    val got = ByteBuffer.allocate(data.size - 100)
                    while (got.hasRemaining()) got.put(right.receiveSome(minOf(333, got.remaining())))
                    got.array().contentEquals(data.copyOfRange(100, data.size)) shouldBe true
                }
            }
        }

        test("TLS-D3 a request for nothing is refused before anything else is looked at") {
            runTest {
                val (left, _) = TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()))
                repeat(2) {
                    shouldThrow<IllegalArgumentException> { left.receiveSome(0) }
                    shouldThrow<IllegalArgumentException> { left.receiveSome(-1) }
                    shouldThrow<IllegalArgumentException> { left.receiveSome(ByteBuffer.allocate(0)) }
                    left.transportStream.sends shouldBe 0
                    left.closeForcefully()
                }
            }
        }

        test("TLS-D6 TLS-L1 TLS-L2 records without data do not make receiving return") {
            runTest {
                var serverEngine: SSLEngine? = null
                val transports = memoryStreamPair()
                val (left, right) =
                    TlsPairs.handshaken(
                        TlsPairs.wrap(
                            TlsPairs.watched(transports),
                            TlsPairs.stranger().withVersions(TlsVersion.TLS_1_3),
                            TlsPairs.server.withConfigurer { engine, _ -> serverEngine = engine },
                        ),
                    )
                // The tickets of the handshake, then a key update, each before the data.
                for (data in listOf("first", "second")) {
                    val reader = async { left.receiveSome() }
                    runCurrent()
                    val below = transports.second.sendStream
                    val hook = below.sendAllHook
                    below.sendAllHook = null
                    right.sendAll(data.b())
                    below.sendAllHook = hook
                    val records = generateSequence { record(below) }.toList()
                    withClue("there was only data") { records.size shouldBeGreaterThan 1 }
                    for (record in records) {
                        reader.isCompleted shouldBe false
                        transports.first.receiveStream.putData(record)
                        runCurrent()
                    }
                    reader.await().decodeToString() shouldBe data
                    serverEngine!!.beginHandshake()
                }
            }
        }

        test("TLS-O4 TLS over a stapled pair of one-way streams, of different kinds") {
            runTest {
                val there = memoryStreamOneWayPair()
                val back = lockstepStreamOneWayPair()
                val left = TlsStream.wrapClient(StapledStream(there.first, back.second), TlsPairs.NAME, TlsPairs.client)
                val right = TlsStream.wrapServer(StapledStream(back.first, there.second), TlsPairs.server)
                val server =
                    launch {
                        right.receiveSome().decodeToString() shouldBe "ping"
                        right.sendAll("pong".b())
                        right.close()
                    }
                left.sendAll("ping".b())
                left.receiveSome().decodeToString() shouldBe "pong"
                left.receiveSome().size shouldBe 0
                server.join()
                left.close()
            }
        }
    })
