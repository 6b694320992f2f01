@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.TooSlowException
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsAlertException
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import kotlin.time.Duration.Companion.seconds

/** How suspending TLS streams begin and end when the other side, or this one, is in a hurry. Java's twin is `TlsEndingTest`. */
class TlsEndingSpec :
    FunSpec({
        test("TLS-A9 a TLS stream is no half-closeable stream") {
            HalfCloseableStream::class.java.isAssignableFrom(TlsStream::class.java) shouldBe false
        }

        for (version in TlsVersion.entries) {
            val configured = TlsPairs.client.withVersions(version)

            test("TLS-B14 a client that closes right after the handshake does not break the server's ($version)") {
                runTest {
                    val transports = TlsPairs.watched(memoryStreamPair())
                    val (left, right) = TlsPairs.wrap(transports, configured)
                    val clientClosed = CompletableDeferred<Unit>()
                    transports.second.receiveHook = {
                        // The client's last word in the handshake is heard only when the client is closed.
                        if (transports.second.receives > 1 && version == TlsVersion.TLS_1_3) clientClosed.await()
                    }
                    val serving =
                        launch {
                            right.doHandshake()
                            right.receiveSome().size shouldBe 0
                            right.close()
                        }
                    left.doHandshake()
                    left.close()
                    clientClosed.complete(Unit)
                    serving.join()
                }
            }

            test("TLS-F5 TLS-H9 a close comes in between whatever the others do, and wakes them ($version)") {
                runTest {
                    val (left, _) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()), configured))
                    val room = CompletableDeferred<Unit>()
                    left.transportStream.waitHook = { room.await() }
                    val receiver = async { runCatching { left.receiveSome() } }
                    val waiter = async { runCatching { left.waitSendAllMightNotBlock() } }
                    runCurrent()
                    left.close()
                    receiver.await().exceptionOrNull().shouldBeInstanceOf<ClosedResourceException>()
                    room.complete(Unit)
                    waiter.await().exceptionOrNull().shouldBeInstanceOf<ClosedResourceException>()
                }
            }

            test("TLS-H10 after operations that were cancelled before they began, closing is clean ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    isCancelledAtOnce { left.sendAll(ByteArray(1)) } shouldBe true
                    isCancelledAtOnce { left.receiveSome() } shouldBe true
                    left.close()
                    right.receiveSome().size shouldBe 0
                    right.close()
                }
            }

            test("TLS-H12 TLS-D11 TLS-G8 after an alert no side sends close_notify ($version)") {
                runTest {
                    val transports = memoryStreamPair()
                    val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(transports), configured))
                    transports.first.receiveStream.putData(byteArrayOf(23, 3, 3, 0, 100) + ByteArray(100))
                    shouldThrow<BrokenResourceException> { left.receiveSome() }
                    val told = shouldThrow<BrokenResourceException> { right.receiveSome() }
                    told.cause.shouldBeInstanceOf<TlsAlertException>().alert() shouldBe "bad_record_mac"
                    val sends = left.transportStream.sends to right.transportStream.sends
                    left.close()
                    right.close()
                    (left.transportStream.sends to right.transportStream.sends) shouldBe sends
                }
            }

            test("TLS-I4 leaving TLS does the handshake if there was none, and is Closed when closed ($version)") {
                runTest {
                    val (left, right) = TlsPairs.wrap(memoryStreamPair(), configured)
                    val other = launch { right.unwrap() }
                    left.unwrap()
                    other.join()
                    left.info.version() shouldBe version.protocolName()
                    shouldThrow<ClosedResourceException> { left.unwrap() }
                }
            }

            test("TLS-R5 a reset behind the peer's close_notify is no error ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()), configured))
                    right.sendAll("last".encodeToByteArray())
                    right.close()
                    left.receiveSome(4).decodeToString() shouldBe "last"
                    left.transportStream.receiveHook = { throw BrokenResourceException("connection reset", null) }
                    left.transportStream.sendHook = { throw BrokenResourceException("connection reset", null) }
                    left.receiveSome().size shouldBe 0
                    left.receiveSome().size shouldBe 0
                    left.close()
                    left.transportStream.closes shouldBe 1
                }
            }
        }

        test("TLS-B16 doHandshake looks for a cancellation, also when there is nothing to do") {
            runTest {
                val pair = TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()))
                repeat(2) {
                    val sends = pair.first.transportStream.sends
                    isCancelledAtOnce { pair.first.doHandshake() } shouldBe true
                    pair.first.transportStream.sends shouldBe sends
                    TlsPairs.handshaken(pair)
                }
            }
        }

        test("TLS-H6 closing a broken stream closes its transport and says nothing") {
            runTest {
                val (left, _) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair())))
                val below = left.transportStream
                below.sendHook = { throw IOException("cable cut") }
                shouldThrow<IOException> { left.sendAll(ByteArray(1)) }
                val sends = below.sends
                left.close()
                left.close()
                below.sends shouldBe sends
                below.closes shouldBe 1
            }
        }

        test("TLS-J2 TLS-M7 a handshake that failed has no facts, and closing closes the transport") {
            runTest {
                val transports = TlsPairs.watched(memoryStreamPair())
                val client = TlsStream.wrapClient(transports.first, "other.test", TlsPairs.client)
                val server = TlsStream.wrapServer(transports.second, TlsPairs.server)
                val serving = async { runCatching { server.doHandshake() } }
                shouldThrow<BrokenResourceException> { client.doHandshake() }
                val told = serving.await().exceptionOrNull().shouldBeInstanceOf<BrokenResourceException>()
                told.cause.shouldBeInstanceOf<TlsAlertException>().alert() shouldBe "certificate_unknown"
                for (side in listOf(client, server)) {
                    shouldThrow<NeedHandshakeException> { side.info }
                    shouldThrow<NeedHandshakeException> { side.channelBinding("tls-server-end-point") }
                    shouldThrow<BrokenResourceException> { side.sendAll(ByteArray(1)) }
                    side.transportStream.closes shouldBe 0
                    val sends = side.transportStream.sends
                    side.close()
                    side.transportStream.closes shouldBe 1
                    side.transportStream.sends shouldBe sends
                }
            }
        }

        test("TLS-R4 TLS-B18 a client that drips its hello is limited in time") {
            runTest {
                val (dripping, transport) = memoryStreamPair()
                val server = TlsStream.wrapServer(transport, TlsPairs.server)
                val drip =
                    launch {
                        dripping.sendAll(byteArrayOf(22, 3, 1, 1, 0, 1, 0, 0, 0xfc.toByte()))
                        repeat(100) {
                            delay(1.seconds)
                            if (it < 29) dripping.sendAll(byteArrayOf(3)) else awaitCancellation()
                        }
                    }
                shouldThrow<BrokenResourceException> { server.doHandshake() }.cause.shouldBeInstanceOf<TooSlowException>()
                currentTime shouldBe 30_000
                drip.cancel()
            }
        }
    })
