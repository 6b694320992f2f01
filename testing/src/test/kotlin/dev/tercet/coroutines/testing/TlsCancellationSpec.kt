package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ResourceException
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.internal.tls.OutputBuffers
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

/**
 * A conversation is cancelled at each call of its transport, one after the other, on entry and while the call waits. What must hold: the
 * stream works on, or is Broken; the peer gets a prefix of what was sent, then more, or is told that it was truncated; nobody waits for ever;
 * all memory comes back, but for what was just being sent.
 */
class TlsCancellationSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            for (victimIsClient in listOf(true, false)) {
                for (whileWaiting in listOf(false, true)) {
                    val victim = if (victimIsClient) "client" else "server"
                    val what = "$version, $victim, ${if (whileWaiting) "while waiting" else "on entry"}"
                    test(
                        "TLS-B17 TLS-C7 TLS-C8 TLS-C9 TLS-D7 TLS-D8 TLS-H13 TLS-I7 a cancellation at any point has no effect, or breaks ($what)",
                    ) {
                        runTest {
                            val calls = Conversation(version, victimIsClient, whileWaiting, point = NEVER).run()
                            withClue("the handshake has three calls, then come the request, the reply and close_notify") {
                                calls shouldBeGreaterThanOrEqual 6
                            }
                            for (point in 1..calls) {
                                withClue("a conversation of $calls calls, cancelled at call $point") {
                                    Conversation(version, victimIsClient, whileWaiting, point).run() shouldBeGreaterThanOrEqual point
                                }
                            }
                        }
                    }
                }
            }
        }
    })

private const val NEVER = Int.MAX_VALUE

/** Marks the coroutine that is to be cancelled, and the scopes inside of it: the handshake has a time limit, and so a job of its own. */
private object Victim : AbstractCoroutineContextElement(VictimKey)

private object VictimKey : CoroutineContext.Key<Victim>

private class Conversation(
    version: TlsVersion,
    private val victimIsClient: Boolean,
    private val whileWaiting: Boolean,
    private val point: Int,
) {
    private val request = ByteArray(50_000) { (it * 7).toByte() }
    private var calls = 0
    private var failedSends = 0
    private var victim: Job? = null
    private lateinit var scope: CoroutineScope

    private val transports = lockstepStreamPair()
    private val streams =
        TlsPairs.wrap(
            Counting(transports.first) to Counting(transports.second),
            TlsPairs.stranger().withVersions(version),
        )

    /** Cancels at the chosen call: before it begins, or as soon as it waits. */
    private inner class Counting(private val below: Stream) : Stream {
        private suspend fun count() {
            if (currentCoroutineContext()[VictimKey] == null || ++calls != point) return
            val job = victim
            if (whileWaiting) scope.launch { job?.cancel() } else job?.cancel()
        }

        override suspend fun sendAll(data: ByteBuffer) {
            count()
            try {
                below.sendAll(data)
            } catch (e: Throwable) {
                failedSends++
                throw e
            }
        }

        override suspend fun waitSendAllMightNotBlock() = below.waitSendAllMightNotBlock()

        override suspend fun receiveSome(into: ByteBuffer): Int {
            count()
            return below.receiveSome(into)
        }

        override suspend fun close() = below.close()

        override fun closeForcefully() = below.closeForcefully()
    }

    /** Returns how many calls of its transport the victim has made. */
    suspend fun run(): Int = withTimeout(60.seconds) {
        coroutineScope {
            scope = this
            val lent = OutputBuffers.HEAP.lent()
            val (mine, theirs) = if (victimIsClient) streams else streams.second to streams.first
            val got = ByteArrayOutputStream()
            val peer =
                launch {
                    try {
                        while (true) {
                            val chunk = theirs.receiveSome()
                            if (chunk.isEmpty()) break
                            got.writeBytes(chunk)
                            if (got.size() == request.size) theirs.sendAll("reply".encodeToByteArray())
                        }
                    } catch (e: ResourceException) {
                        (e is BrokenResourceException) shouldBe true
                    } finally {
                        theirs.closeForcefully()
                    }
                }
            val job =
                launch(Victim) {
                    victim = coroutineContext.job
                    mine.sendAll(request)
                    val reply = ByteArrayOutputStream()
                    while (reply.size() < 5) reply.writeBytes(mine.receiveSome())
                    mine.close()
                }
            job.join()
            withClue("nobody has cancelled it") { (point == NEVER && job.isCancelled) shouldBe false }
            if (job.isCancelled) afterwards(mine)
            mine.closeForcefully()
            peer.join()
            val received = got.toByteArray()
            received.contentEquals(request.copyOf(received.size)) shouldBe true
            withClue("buffers that did not come back") { OutputBuffers.HEAP.lent() - lent shouldBe failedSends }
            calls
        }
    }

    /** Whatever was cut short: the next operation ends, and either works or says that the stream is gone. */
    private suspend fun afterwards(mine: TlsStream<Stream>) {
        try {
            // The peer may have stopped listening after the request: what is sent to nobody waits, so receive instead of sending.
            withTimeout(10.seconds) { mine.receiveSome() }
        } catch (_: ResourceException) {
            // Broken, or closed by a close that was cut short.
        } catch (_: CancellationException) {
            // It works, and there is nothing to receive.
        }
    }
}
