@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.TlsAlertException
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.random.Random

/** How suspending TLS streams send, and wait to send. Java's twin is `TlsSendingTest`. */
class TlsSendingSpec :
    FunSpec({
        test("TLS-B7 a handshake whose send fails tells what the peer has said before it hung up") {
            runTest {
                val answers =
                    mapOf(
                        byteArrayOf(21, 3, 3, 0, 2, 2, 40) to "the alert handshake_failure",
                        "HTTP/1.1 400 Bad Request".encodeToByteArray() to "HTTP/1.1 400",
                    )
                for ((answer, reason) in answers) {
                    val (left, right) = TlsPairs.watched(memoryStreamPair())
                    val client = TlsStream.wrapClient(left, TlsPairs.NAME, TlsPairs.client)
                    val cut = IOException("cable cut")
                    left.sendHook = { throw cut }
                    right.sendAll(answer)
                    right.close()
                    val told = shouldThrow<BrokenResourceException> { client.doHandshake() }
                    told.reason() shouldContain reason
                    told.suppressed.toList() shouldBe listOf(cut)
                    shouldThrow<BrokenResourceException> { client.receiveSome() }
                }
            }
        }

        for (version in TlsVersion.entries) {
            test("TLS-C2 empty data does the handshake, looks for a cancellation, and sends nothing ($version)") {
                runTest {
                    val (left, right) = TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()), TlsPairs.client.withVersions(version))
                    val serving = launch { right.doHandshake() }
                    left.sendAll(ByteArray(0))
                    serving.join()
                    left.info.version() shouldBe version.protocolName()
                    val sends = left.transportStream.sends
                    left.sendAll(ByteArray(0))
                    isCancelledAtOnce { left.sendAll(ByteArray(0)) } shouldBe true
                    left.transportStream.sends shouldBe sends
                    left.sendAll("later".encodeToByteArray())
                    right.receiveSome().decodeToString() shouldBe "later"
                }
            }

            test("TLS-C6 sending to a peer that is gone is Broken, and stays so ($version)") {
                runTest {
                    val (left, right) = TlsPairs.handshaken(memoryStreamPair(), version)
                    right.closeForcefully()
                    shouldThrow<BrokenResourceException> { repeat(10_000) { left.sendAll(ByteArray(1)) } }
                    shouldThrow<BrokenResourceException> { left.sendAll(ByteArray(1)) }
                    shouldThrow<BrokenResourceException> { left.sendAll(ByteArray(0)) }
                    left.close()
                }
            }

            test("TLS-C5 what arrived before a send failed is received; then Broken, and never the end ($version)") {
                runTest {
                    for (closeNotify in listOf(true, false)) {
                        for (isClient in listOf(true, false)) {
                            val (left, right) =
                                TlsPairs.handshaken(
                                    TlsPairs.wrap(TlsPairs.watched(memoryStreamPair()), TlsPairs.client.withVersions(version)),
                                )
                            val (sends, answers) = if (isClient) left to right else right to left
                            answers.sendAll("413 too large".encodeToByteArray())
                            if (closeNotify) answers.close() else answers.closeForcefully()
                            val cut = IOException("cable cut")
                            sends.transportStream.sendHook = { throw cut }
                            shouldThrow<IOException> { sends.sendAll(ByteArray(1)) } shouldBe cut
                            sends.receiveSome(8).decodeToString() shouldBe "413 too "
                            sends.receiveSome().decodeToString() shouldBe "large"
                            repeat(2) {
                                val thrown = shouldThrow<BrokenResourceException> { sends.receiveSome() }
                                if (closeNotify) thrown.cause shouldBe cut
                            }
                            shouldThrow<BrokenResourceException> { sends.sendAll(ByteArray(1)) }
                            shouldThrow<BrokenResourceException> { sends.doHandshake() }
                            shouldThrow<BrokenResourceException> { sends.unwrap() }
                            shouldThrow<BrokenResourceException> { sends.sendEof() }
                            val calls = sends.transportStream.sends
                            sends.close()
                            sends.transportStream.sends shouldBe calls
                            sends.transportStream.closes shouldBe 1
                        }
                    }
                }
            }

            test("TLS-C5 TLS-G8 an alert behind a failed send, also behind unwrap's, is told then ($version)") {
                runTest {
                    for (unwraps in listOf(false, true)) {
                        val (below, other) = memoryStreamPair()
                        val (left, right) =
                            TlsPairs.handshaken(
                                TlsPairs.wrap(TlsPairs.watched(below to other), TlsPairs.client.withVersions(version)),
                            )
                        other.receiveStream.putData(byteArrayOf(23, 3, 3, 0, 100) + ByteArray(100))
                        shouldThrow<BrokenResourceException> { right.receiveSome() }
                        right.close()
                        left.transportStream.sendHook = { throw IOException("cable cut") }
                        shouldThrow<IOException> { if (unwraps) left.unwrap() else left.sendAll(ByteArray(1)) }
                        val told = shouldThrow<BrokenResourceException> { left.receiveSome() }
                        (told.cause as TlsAlertException).alert() shouldBe "bad_record_mac"
                    }
                }
            }

            test("TLS-C10 a long send goes out in batches ($version)") {
                runTest {
                    val (left, right) =
                        TlsPairs.handshaken(
                            TlsPairs.wrap(TlsPairs.watched(lockstepStreamPair()), TlsPairs.client.withVersions(version)),
                        )
                    val total = 5_000_000
                    val reader =
                        launch {
                            val into = ByteBuffer.allocate(100_000)
                            var received = 0
                            while (received < total) {
                                received += right.receiveSome(into.clear())
                            }
                        }
                    left.sendAll(ByteArray(total))
                    reader.join()
                    left.transportStream.sends shouldBeGreaterThan total / 70_000
                    left.transportStream.largestSend shouldBeLessThanOrEqual 68 * 1024
                }
            }

            test("TLS-E5 waiting to send ends when the peer is closed, and with Closed when we are ($version)") {
                runTest {
                    supervisorScope {
                        val gone = TlsPairs.handshaken(lockstepStreamPair(), version)
                        val waiter = async { runCatching { gone.first.waitSendAllMightNotBlock() } }
                        runCurrent()
                        withClue("nobody receives, and it does not wait") { waiter.isCompleted shouldBe false }
                        gone.second.closeForcefully()
                        val end = waiter.await().exceptionOrNull()
                        (end == null || end is BrokenResourceException) shouldBe true

                        val ours = TlsPairs.handshaken(lockstepStreamPair(), version)
                        val other = async { runCatching { ours.first.waitSendAllMightNotBlock() } }
                        runCurrent()
                        ours.first.closeForcefully()
                        (other.await().exceptionOrNull() is ClosedResourceException) shouldBe true
                    }
                }
            }
        }

        test("TLS-C4 every kind of buffer is taken, to its limit, and its content not changed") {
            runTest {
                val (left, right) = TlsPairs.handshaken(memoryStreamPair(), TlsVersion.TLS_1_3)
                val data = Random(4).nextBytes(40_000)
                val direct = ByteBuffer.allocateDirect(data.size).put(data).flip()
                val slice = ByteBuffer.allocate(data.size + 7).position(3).put(data).flip().position(3).slice()
                val kinds =
                    listOf(
                        ByteBuffer.wrap(data.copyOf()),
                        ByteBuffer.wrap(data).asReadOnlyBuffer(),
                        slice,
                        direct.slice(0, data.size),
                        direct,
                    )
                for (kind in kinds) {
                    withClue(kind) {
                        left.sendAll(kind)
                        kind.position() shouldBe data.size
                        kind.limit() shouldBe data.size
                        ByteArray(data.size).also { kind.rewind().get(it) }.contentEquals(data) shouldBe true
                        val received = ByteBuffer.allocate(data.size)
                        while (received.hasRemaining()) right.receiveSome(received) shouldBeGreaterThan 0
                        received.array().contentEquals(data) shouldBe true
                    }
                }
            }
        }

        test("TLS-E1 TLS-E4 waiting to send is the transport's, after a look at the stream") {
            runTest {
                val (left, _) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair())))
                val below = left.transportStream
                val room = CompletableDeferred<Unit>()
                below.waitHook = { room.await() }
                val waiter = launch { left.waitSendAllMightNotBlock() }
                runCurrent()
                withClue("it returned before the transport did") { waiter.isCompleted shouldBe false }
                below.waits shouldBe 1
                room.complete(Unit)
                waiter.join()

                below.sendHook = { throw IOException("cable cut") }
                shouldThrow<IOException> { left.sendAll(ByteArray(1)) }
                shouldThrow<BrokenResourceException> { left.waitSendAllMightNotBlock() }
                left.close()
                shouldThrow<ClosedResourceException> { left.waitSendAllMightNotBlock() }
                below.waits shouldBe 1
            }
        }

        test("TLS-E2 waiting to send excludes sending and itself, not receiving") {
            runTest {
                val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(TlsPairs.watched(memoryStreamPair())))
                val room = CompletableDeferred<Unit>()
                left.transportStream.waitHook = { room.await() }
                val waiter = launch { left.waitSendAllMightNotBlock() }
                runCurrent()
                shouldThrow<BusyResourceException> { left.sendAll(ByteArray(1)) }
                shouldThrow<BusyResourceException> { left.waitSendAllMightNotBlock() }
                right.sendAll("hello".encodeToByteArray())
                left.receiveSome().decodeToString() shouldBe "hello"
                room.complete(Unit)
                waiter.join()
                left.sendAll(ByteArray(1))
            }
        }
    })
