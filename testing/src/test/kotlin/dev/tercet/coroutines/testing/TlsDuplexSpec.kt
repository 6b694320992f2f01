@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.TlsVersion
import dev.tercet.coroutines.stream.Stream
import dev.tercet.coroutines.stream.receiveSome
import dev.tercet.coroutines.stream.sendAll
import dev.tercet.coroutines.tls.TlsStream
import dev.tercet.testing.ChangingIdentity
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
import dev.tercet.TlsServerConfig as ServerConfig

private const val HANDSHAKE = 22

/**
 * Suspending TLS streams that have to send in order to receive, and the other way round. The server asks for a new handshake (TLS 1.2) or for
 * new keys (TLS 1.3), behind the back of its stream. Java's twin is `TlsDuplexTest`.
 */
class TlsDuplexSpec :
    FunSpec({
        for ((version, lockstep) in listOf(
            TlsVersion.TLS_1_2 to false,
            TlsVersion.TLS_1_2 to true,
            TlsVersion.TLS_1_3 to false,
            TlsVersion.TLS_1_3 to true,
        )) {
            val over = if (lockstep) "lockstep" else "memory"
            test("TLS-F6 TLS-K1 TLS-K2 TLS-J9 new handshakes and keys while both send and receive ($version, $over)") {
                runTest {
                    val talk = Talk(version, if (lockstep) lockstepStreamPair() else memoryStreamPair())
                    val before = talk.client.info
                    val first = talk.client.handshakeRecords()
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
                    if (version == TlsVersion.TLS_1_2) talk.client.handshakeRecords() shouldBeGreaterThan first
                }
            }
        }

        test("TLS-K3 TLS-E3 TLS-E4 a wait to send that comes while receiving sends waits for it") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_2, memoryStreamPair())
                val below = talk.client.transportStream
                val gate = CompletableDeferred<Unit>()
                below.sendHook = { gate.await() }
                val serverReads = launch { talk.server.receiveAll("up".encodeToByteArray()) }
                talk.ask()
                talk.server.sendAll("down".encodeToByteArray())
                val sends = below.sends
                val clientReads = launch { talk.client.receiveAll("downmore".encodeToByteArray()) }
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
                talk.server.sendAll("more".encodeToByteArray())
                clientReads.join()
                below.overlaps shouldBe 0
            }
        }

        test("TLS-K3 TLS-E3 receiving that has to send while a task waits to send comes after it") {
            runTest {
                val talk = Talk(TlsVersion.TLS_1_2, memoryStreamPair())
                val below = talk.client.transportStream
                val room = CompletableDeferred<Unit>()
                below.waitHook = { room.await() }
                val waiter = launch { talk.client.waitSendAllMightNotBlock() }
                runCurrent()
                below.waits shouldBe 1
                val sends = below.sends
                val answers = talk.client.handshakeRecords()
                val serverReads = launch { talk.server.receiveAll("up".encodeToByteArray()) }
                talk.ask()
                talk.server.sendAll("down".encodeToByteArray())
                val clientReads = launch { talk.client.receiveAll("downmore".encodeToByteArray()) }
                runCurrent()
                withClue("it sent while another task was waiting to send") { below.sends shouldBe sends }
                room.complete(Unit)
                waiter.join()
                talk.client.sendAll("up".encodeToByteArray())
                serverReads.join()
                talk.client.handshakeRecords() shouldBeGreaterThan answers
                talk.server.sendAll("more".encodeToByteArray())
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

        test("TLS-K7 a server that shows another certificate in a new handshake is Broken") {
            runTest {
                val identity =
                    ChangingIdentity(TlsPairs.ca.leaf(TlsPairs.NAME).issue(), TlsPairs.ca.leaf(TlsPairs.NAME).issue())
                val talk = Talk(TlsVersion.TLS_1_2, memoryStreamPair(), ServerConfig.of(identity.context()))
                identity.change()
                // Else the new handshake would resume the session, which has no certificate in it.
                talk.clientEngine!!.session.invalidate()
                talk.ask()
                val serverReads = async { talk.server.receiveSome() }
                talk.server.sendAll("down".encodeToByteArray())
                talk.client.receiveSome().decodeToString() shouldBe "down"
                shouldThrow<BrokenResourceException> { talk.client.receiveSome() }.reason() shouldContain "changed its certificate"
                withClue("the server was not told") { serverReads.await().size shouldBe 0 }
            }
        }
    })

/** A pair over watched transports, after the handshake, and the engines. */
private class Talk(
    val client: TlsStream<WatchedStream>,
    val server: TlsStream<WatchedStream>,
    val clientEngine: SSLEngine?,
    private val engine: SSLEngine?,
) {
    /** The next thing that the server sends asks the client for something first. */
    fun ask() = engine!!.beginHandshake()
}

private suspend fun Talk(version: TlsVersion, transports: Pair<Stream, Stream>, config: ServerConfig = TlsPairs.server): Talk {
    var clientEngine: SSLEngine? = null
    var serverEngine: SSLEngine? = null
    val (client, server) =
        TlsPairs.handshaken(
            TlsPairs.wrap(
                TlsPairs.watched(transports),
                TlsPairs.stranger().withVersions(version).withConfigurer { engine, _ -> clientEngine = engine },
                config.withAllowPeerRenegotiation(true).withConfigurer { engine, _ -> serverEngine = engine },
            ),
        )
    return Talk(client, server, clientEngine, serverEngine)
}

private fun TlsStream<WatchedStream>.handshakeRecords(): Int = transportStream.sentRecords().count { it == HANDSHAKE }

private suspend fun TlsStream<*>.receiveAll(data: ByteArray) {
    val got = ByteArrayOutputStream()
    while (got.size() < data.size) {
        val chunk = receiveSome()
        chunk.size shouldBeGreaterThan 0
        got.writeBytes(chunk)
    }
    got.toByteArray().contentEquals(data) shouldBe true
}
