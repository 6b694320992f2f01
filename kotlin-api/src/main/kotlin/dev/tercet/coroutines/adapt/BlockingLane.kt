package dev.tercet.coroutines.adapt

import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.internal.original
import dev.tercet.internal.wait.Latch
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import java.io.InterruptedIOException

/**
 * Blocking calls on threads of a dispatcher, one at a time.
 *
 * A call that is cancelled is interrupted, but its end is not awaited: a read from a terminal cannot be interrupted, and a cancelled coroutine
 * must not wait for somebody to press a key. The call is *abandoned*: it goes on, and the next one waits for it. So a call leaves what it
 * has got in a place of its caller's, never in its return value, and whoever comes next looks there first.
 *
 * Not thread-safe: used by one operation at a time.
 */
internal class BlockingLane(dispatcher: CoroutineDispatcher) {
    private val scope = CoroutineScope(SupervisorJob() + dispatcher)
    private var current: Call? = null

    /** Waits for a call that was abandoned. What it has left is visible after that. */
    suspend fun awaitIdle() {
        current?.ended?.await()
        current = null
    }

    /**
     * Runs a blocking call on the dispatcher and waits for its end.
     *
     * *Errors:* what [block] throws.
     *
     * *Cancellation:* interrupts the call and abandons it; if it has ended in the same moment, that wins.
     *
     * *Thread-safety:* one call at a time.
     */
    suspend fun call(block: () -> Unit) {
        awaitIdle()
        val call = Call()
        current = call
        val job = scope.launch { call.run(block) }
        job.invokeOnCompletion { call.ended.open() }
        call.await(job)
        current = null
        call.throwFailure()
    }

    private class Call {
        val ended = Latch()

        /** This and [failure] are written before [ended] is opened, and read after it. */
        private var finished = false
        private var failure: Throwable? = null

        suspend fun run(block: () -> Unit) {
            try {
                runInterruptible { block() }
                finished = true
            } catch (e: Throwable) {
                failure = e
            }
        }

        suspend fun await(job: Job) {
            try {
                ended.await()
            } catch (e: CancellationException) {
                if (ended.isOpen) return
                job.cancel()
                throw e
            }
        }

        fun throwFailure() {
            if (finished) return
            val thrown = failure
            if (thrown != null && thrown !is CancellationException) throw thrown.original()
            // Nobody cancelled it: the thread was interrupted by somebody else, or the dispatcher is shut down.
            throw InterruptedIOException("the blocking call was interrupted").apply { initCause(thrown) }
        }
    }
}
