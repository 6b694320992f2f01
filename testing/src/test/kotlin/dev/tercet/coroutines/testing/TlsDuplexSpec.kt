@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.testing.ChangingIdentity
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import javax.net.ssl.SSLEngine
import kotlin.random.Random
import dev.tercet.tls.TlsServerConfig as ServerConfig

private const val HANDSHAKE = 22

/**
 * Suspending TLS streams that have to send in order to receive, and the other way round. The server asks for a new handshake (TLS 1.2) or for
 * new keys (TLS 1.3), behind the back of its stream. Java's twin is `TlsDuplexTest`.
 */
class TlsDuplexSpec :
    FunSpec({
        for (lockstep in listOf(false, true)) {
            val over = if (lockstep) "lockstep" else "memory"
            test("TLS-F6 TLS-L2 TLS-L3 TLS-J9 new keys while both send and receive ($over)") {
                runTest {
                    val talk = Talk(TlsVersion.TLS_1_3, if (lockstep) lockstepStreamPair() else memoryStreamPair())
                    val before = talk.client.info
                    val data = Random(7).nextBytes(300_000)
                    coroutineScope {
                        launch { talk.client.receiveAll(data) }
                        launch { talk.server.receiveAll(data) }
                        launch {
                            for (at in data.indices step 30_000) {
                                talk.ask()
                                talk.server.sendAll(ByteBuffer.wrap(data, at, 30_000))
                            }
                        }
                        for (at in data.indices step 10_000) {
                            talk.client.sendAll(ByteBuffer.wrap(data, at, 10_000))
                            talk.client.doHandshake()
                        }
                    }
                    talk.client.transportStream.overlaps shouldBe 0
                    talk.server.transportStream.overlaps shouldBe 0
                    talk.client.info shouldBeSameInstanceAs before
                }
            }
        }

        test("TLS-L4 TLS-E3 TLS-E4 a wait to send that comes while receiving sends waits for it") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_3, memoryStreamPair())
                val below = talk.client.transportStream
                val gate = CompletableDeferred<Unit>()
                below.sendHook = { gate.await() }
                val serverReads = launch { talk.server.receiveAll("up".encodeToByteArray()) }
                val down = talk.askOften()
                val sends = below.sends
                val clientReads = launch { talk.client.receiveAll(down + ByteArray(4)) }
                runCurrent()
                withClue("receiving did not send") { below.sends shouldBe sends + 1 }
                val waiter = launch { talk.client.waitSendAllMightNotBlock() }
                runCurrent()
                withClue("it did not wait for the sender") { waiter.isCompleted shouldBe false }
                below.waits shouldBe 0
                gate.complete(Unit)
                waiter.join()
                below.waits shouldBe 1
                talk.client.sendAll("up".encodeToByteArray())
                serverReads.join()
                talk.server.sendAll(ByteArray(4))
                clientReads.join()
                below.overlaps shouldBe 0
            }
        }

        test("TLS-L4 TLS-E3 receiving that has to send while a task waits to send comes after it") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_3, memoryStreamPair())
                val below = talk.client.transportStream
                val room = CompletableDeferred<Unit>()
                below.waitHook = { room.await() }
                val waiter = launch { talk.client.waitSendAllMightNotBlock() }
                runCurrent()
                below.waits shouldBe 1
                val sends = below.sends
                val serverReads = launch { talk.server.receiveAll("up".encodeToByteArray()) }
                val down = talk.askOften()
                val clientReads = launch { talk.client.receiveAll(down + ByteArray(4)) }
                runCurrent()
                withClue("it sent while another task was waiting to send") { below.sends shouldBe sends }
                room.complete(Unit)
                waiter.join()
                talk.client.sendAll("up".encodeToByteArray())
                serverReads.join()
                talk.server.sendAll(ByteArray(4))
                clientReads.join()
                below.overlaps shouldBe 0
            }
        }

        test("TLS-K5 after the first handshake neither side asks for another") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_2, memoryStreamPair())
                val (client, server) = talk.client.transportStream to talk.server.transportStream
                val (clientFirst, serverFirst) = client.sentRecords().size to server.sentRecords().size
                val data = ByteArray(100_000)
                coroutineScope {
                    launch { talk.server.receiveAll(data) }
                    launch { talk.client.receiveAll(data) }
                    launch { talk.client.sendAll(data) }
                    talk.server.sendAll(data)
                }
                talk.client.doHandshake()
                talk.client.close()
                talk.server.receiveSome().size shouldBe 0
                talk.server.close()
                client.sentRecords().drop(clientFirst).toSet() shouldBe setOf(21, 23)
                server.sentRecords().drop(serverFirst).toSet() shouldBe setOf(21, 23)
            }
        }

        test("TLS-K1 a server that begins a new handshake is Broken, and is told close_notify") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_2, memoryStreamPair())
                talk.server.sendAll("before".encodeToByteArray())
                talk.client.receiveSome().decodeToString() shouldBe "before"
                talk.ask()
                talk.server.sendAll("down".encodeToByteArray())
                shouldThrow<BrokenResourceException> { talk.client.receiveSome() }.reason() shouldContain
                    "renegotiation, which is not allowed"
                shouldThrow<BrokenResourceException> { talk.client.sendAll(ByteArray(1)) }
                // What the server's engine makes of it: it is in the middle of its handshake.
                shouldThrow<BrokenResourceException> { talk.server.receiveSome() }.reason() shouldContain "close_notify"
            }
        }
    })

/** A pair over watched transports, after the handshake, and the server's engine. */
private class Talk(val client: TlsStream<WatchedStream>, val server: TlsStream<WatchedStream>, private val engine: SSLEngine?) {
    /** The next thing that the server sends asks the client for an answer first. */
    fun ask() = engine!!.beginHandshake()

    /** Asks so often that the answers do not wait for data any more (spec TLS-L4). */
    suspend fun askOften(): ByteArray {
        val data = ByteArray(17)
        for (at in data.indices) {
            ask()
            server.sendAll(ByteBuffer.wrap(data, at, 1))
        }
        return data
    }
}

private suspend fun Talk(version: TlsVersion, transports: Pair<Stream, Stream>): Talk {
    var serverEngine: SSLEngine? = null
    val (client, server) =
        TlsPairs.handshaken(
            TlsPairs.wrap(
                TlsPairs.watched(transports),
                TlsPairs.stranger().withVersions(version),
                TlsPairs.server.withConfigurer { engine, _ -> serverEngine = engine },
            ),
        )
    return Talk(client, server, serverEngine)
}

private suspend fun TlsStream<*>.receiveAll(data: ByteArray) {
    val got = ByteArrayOutputStream()
    while (got.size() < data.size) {
        val chunk = receiveSome()
        chunk.size shouldBeGreaterThan 0
        got.writeBytes(chunk)
    }
    got.toByteArray().contentEquals(data) shouldBe true
}
