package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.coroutines.AsyncResource
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.sendAll
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestDispatcher
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Runs checks on pairs of streams, and says in the words of the spec which one failed. */
internal class Checks<L : AsyncResource, R : AsyncResource>(private val maker: suspend () -> Pair<L, R>) {
    /** One check, or several in a row on the same streams. */
    inner class Check(scope: CoroutineScope, id: String, fact: String) : CoroutineScope by scope {
        var step = "$id $fact"
            private set

        /** What comes from here on is another check. */
        fun step(id: String, fact: String) {
            step = "$id $fact"
        }
    }

    suspend fun check(id: String, fact: String, block: suspend Check.(L, R) -> Unit) {
        val (left, right) = maker()
        var check: Check? = null
        try {
            withTimeout(HANGS_AFTER) {
                coroutineScope { Check(this, id, fact).also { check = it }.block(left, right) }
            }
        } catch (failure: Throwable) {
            currentCoroutineContext().ensureActive()
            val what = if (failure is CancellationException) "did not end, or was cancelled by itself" else failure.toString()
            throw AssertionError("${check?.step ?: id}: $what", failure)
        } finally {
            try {
                left.closeForcefully()
            } finally {
                right.closeForcefully()
            }
        }
    }

    private companion object {
        val HANGS_AFTER = 60.seconds
    }
}

/** Gives the tasks of a check the time to run until they wait. */
internal suspend fun settle() {
    if (currentCoroutineContext()[ContinuationInterceptor] is TestDispatcher) {
        repeat(50) { yield() }
    } else {
        delay(20.milliseconds)
    }
}

/** Runs [block], which must throw an [E]. */
internal suspend inline fun <reified E : Throwable> mustThrow(block: () -> Unit) {
    try {
        block()
    } catch (thrown: Throwable) {
        if (thrown is E) return
        throw AssertionError("threw $thrown instead of ${E::class.simpleName}", thrown)
    }
    throw AssertionError("returned instead of throwing ${E::class.simpleName}")
}

internal fun must(condition: Boolean, otherwise: () -> String) {
    if (!condition) throw AssertionError(otherwise())
}

/** Runs both at once. One must get Busy, the other must not notice; it is cancelled then. */
internal suspend fun exactlyOneIsBusy(one: suspend () -> Unit, other: suspend () -> Unit) = coroutineScope {
    val ends = Channel<String>(2)
    val tasks =
        listOf(one, other).map { operation ->
            launch {
                try {
                    operation()
                    ends.trySend("returned")
                } catch (_: BusyResourceException) {
                    ends.trySend("Busy")
                }
            }
        }
    val first = ends.receive()
    must(first == "Busy") { "the first of the two to end $first" }
    settle()
    val second = ends.tryReceive().getOrNull()
    must(second == null) { "both ended; the second: $second" }
    tasks.forEach { it.cancel() }
}

/** Sends until the stream is Broken, which it must be in the end. */
internal suspend fun sendUntilBroken(stream: SendStream) {
    try {
        repeat(100_000) { stream.sendAll(ByteArray(100)) }
    } catch (_: BrokenResourceException) {
        return
    }
    throw AssertionError("100,000 sends to a closed peer, and never Broken")
}

/** Receives until the end. */
internal suspend fun receiveAll(stream: ReceiveStream): ByteArray = ByteArrayOutputStream().also { receiveAll(stream, it) }.toByteArray()

/** Receives until the end; what came is in [all] also after a failure. */
internal suspend fun receiveAll(stream: ReceiveStream, all: ByteArrayOutputStream) {
    val buffer = ByteBuffer.allocate(65_536)
    while (true) {
        val n = stream.receiveSome(buffer.clear())
        if (n == -1) return
        must(n > 0 && n == buffer.position()) { "receiveSome returned $n and advanced the buffer by ${buffer.position()}" }
        all.write(buffer.array(), 0, n)
    }
}

internal fun bytesOf(text: String): ByteArray = text.encodeToByteArray()

internal suspend fun mustReceive(stream: ReceiveStream, text: String) {
    val buffer = ByteBuffer.allocate(text.length)
    while (buffer.hasRemaining()) {
        val n = stream.receiveSome(buffer)
        must(n != -1) { "the end came after ${buffer.position()} of ${text.length} bytes" }
    }
    val received = buffer.array().decodeToString()
    must(received == text) { "received \"$received\" instead of \"$text\"" }
}

internal suspend fun mustBeAtEnd(stream: ReceiveStream) {
    val n = stream.receiveSome(ByteBuffer.allocate(10))
    must(n == -1) { "received $n bytes where the end should be" }
}
