package dev.tercet.coroutines

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.wait.Latch
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext

/*
 * Blocking calls, those of files above all, on threads that are there for them.
 *
 * The problem. `withContext(Dispatchers.IO) { open() }` drops the result when the coroutine is cancelled meanwhile: the descriptor is lost.
 * `runInterruptible` interrupts the thread, and a FileChannel closes itself when its thread is interrupted. A hundred slow reads take all
 * threads of Dispatchers.IO from everybody else.
 *
 * The strategy. A slot is waited for first, and that wait is cancellable. From then on the call goes through to its end, where no cancellation
 * reaches it, and its result is kept outside of the scope that would drop it. So a cancel finds a call that has not begun, or one that has
 * returned; the caller's next checkpoint throws. Nobody interrupts the thread, and a flag that somebody else has left on it is cleared.
 *
 * The slots are in front of a view of Dispatchers.IO, since a task that waits in the queue of a dispatcher cannot be cancelled there.
 */

/**
 * How many blocking calls may run at a time: slots for [blockingIo] and for everything about files. Without another, [Default] is used, with
 * 40 slots. As a context element it is the limit of a whole block: `withContext(IoLimiter(4)) { path.readText() }`.
 *
 * Its threads come from `Dispatchers.IO`, beyond that dispatcher's own limit of 64. Whoever waits for a slot is served in the order of
 * coming (spec FILE-D12).
 *
 * *Thread-safety:* any thread.
 *
 * @property threads how many slots there are, 1 or more
 */
public class IoLimiter(public val threads: Int) : AbstractCoroutineContextElement(Key) {
    init {
        require(threads >= 1) { "an IoLimiter needs at least 1 thread, not $threads" }
    }

    internal val slots = Semaphore(threads)
    internal val dispatcher = Dispatchers.IO.limitedParallelism(threads)

    /** How many slots are free at the moment, 0 to [threads]. */
    public val available: Int get() = slots.availablePermits

    override fun toString(): String = "IoLimiter($available of $threads slots are free)"

    /** The key of this element, and the limit that holds without one. */
    public companion object Key : CoroutineContext.Key<IoLimiter> {
        /** The limit of everybody who has not chosen another: 40 slots, as many as Trio's. */
        public val Default: IoLimiter = IoLimiter(40)
    }
}

/**
 * Runs a blocking call on a thread where it may block, and suspends until it has returned. It is not for computations.
 *
 * @param limiter whose slot it takes; null for the [IoLimiter] of the coroutine's context, or else [IoLimiter.Default]
 * @param abandonOnCancel whether a cancel leaves the call behind: for calls that may never return. The thread and the slot stay occupied
 * until it does
 * @param onUndelivered gets the result of a call that was left behind, on the call's thread, to close it for instance
 * @param block the call; it must not wait for a coroutine that needs a slot of the same limiter
 * @return the result of [block]
 *
 * *Errors:* what [block] throws, the very object.
 *
 * *Cancellation:* on entry and while waiting for a slot: at once, and [block] never runs. While [block] runs: it is never interrupted, its
 * result is returned, and the next checkpoint throws (spec FILE-D11). With [abandonOnCancel]: at once, and [block] runs on.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
public suspend fun <T> blockingIo(
    limiter: IoLimiter? = null,
    abandonOnCancel: Boolean = false,
    onUndelivered: (T) -> Unit = {},
    block: () -> T,
): T {
    val limit = acquireSlot(limiter)
    if (!abandonOnCancel) return limit.finish(block)
    val work = Work(limit, block, onUndelivered)
    work.start(currentCoroutineContext())
    try {
        work.ended.await()
    } catch (cancelled: CancellationException) {
        if (work.abandon()) throw cancelled
    }
    return work.result()
}

/** Runs a blocking call that a cancel ends: [wake] is called then, and must make [block] return soon. A call that succeeds all the same wins. */
internal suspend fun <T> wakeableIo(limiter: IoLimiter?, wake: () -> Unit, block: () -> T): T {
    val work = Work(acquireSlot(limiter), block) {}
    work.start(currentCoroutineContext())
    try {
        work.ended.await()
    } catch (cancelled: CancellationException) {
        if (!work.ended.isOpen) {
            wake()
            withContext(NonCancellable) { work.ended.await() }
        }
        if (!work.hasSucceeded()) throw cancelled
    }
    return work.result()
}

/** Runs a call that releases something: without a slot, so that it cannot wait for those whom it would wake, and whatever is cancelled. */
internal suspend fun releasingIo(release: () -> Unit) {
    var result: Result<Unit>? = null
    withContext(NonCancellable) { withContext(RELEASING) { result = onCleanThread(release) } }
    checkNotNull(result).getOrThrow()
}

/** The same, without waiting for it; [release] does not throw. */
internal fun releaseIoLater(release: () -> Unit): Unit = RELEASING.dispatch(NonCancellable, Runnable { onCleanThread(release) })

/** A close may take its time, on a network's disk; so many of them do not hold up others. */
private val RELEASING = Dispatchers.IO.limitedParallelism(64)

private suspend fun acquireSlot(limiter: IoLimiter?): IoLimiter {
    val context = currentCoroutineContext()
    context.ensureActive()
    val limit = limiter ?: context[IoLimiter] ?: IoLimiter.Default
    limit.slots.acquire()
    return limit
}

private suspend fun <T> IoLimiter.finish(block: () -> T): T {
    var begun = false
    var result: Result<T>? = null
    try {
        // Two scopes: the inner one returns to the outer one, which is not cancelled, and the outer one returns in place.
        withContext(NonCancellable) {
            withContext(dispatcher) {
                begun = true
                result = inSlot(block)
            }
        }
    } finally {
        if (!begun) slots.release()
    }
    return checkNotNull(result).getOrThrow()
}

/** The slot is free before the caller hears of the result. */
private fun <T> IoLimiter.inSlot(block: () -> T): Result<T> = try {
    onCleanThread(block)
} finally {
    slots.release()
}

/** Others may have left an interrupt flag on the thread of the pool; a file channel would close itself (spec FILE-D20). */
private fun <T> onCleanThread(block: () -> T): Result<T> {
    Thread.interrupted()
    try {
        return runCatching(block)
    } finally {
        Thread.interrupted()
    }
}

/** A call that its caller may leave behind. Either the caller gets its result, or [onUndelivered] does. */
private class Work<T>(private val limiter: IoLimiter, private val block: () -> T, private val onUndelivered: (T) -> Unit) {
    val ended = Latch()
    private val outcome = AtomicReference<Outcome<T>?>()

    fun start(caller: CoroutineContext) {
        CoroutineScope(caller.minusKey(Job) + limiter.dispatcher).launch {
            val result = limiter.inSlot(block)
            try {
                if (!outcome.compareAndSet(null, Outcome(result))) result.onSuccess(onUndelivered)
            } finally {
                ended.open()
            }
        }
    }

    /** Leaves the call behind; false when it has ended, and its result is there. */
    fun abandon(): Boolean = outcome.compareAndSet(null, Outcome(null))

    fun hasSucceeded(): Boolean = ended().isSuccess

    fun result(): T = ended().getOrThrow()

    private fun ended(): Result<T> = checkNotNull(outcome.get()?.result)

    /** Null when the caller has gone. */
    private class Outcome<T>(val result: Result<T>?)
}
