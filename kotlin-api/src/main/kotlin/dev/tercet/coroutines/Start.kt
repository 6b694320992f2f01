package dev.tercet.coroutines

import dev.tercet.TaskStatus
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.internal.failsUnlessCancelled
import dev.tercet.coroutines.internal.launchSurely
import dev.tercet.coroutines.internal.original
import dev.tercet.coroutines.internal.taskName
import dev.tercet.internal.wait.Latch
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withContext

/*
 * Start a task and know that it is ready.
 *
 * The problem. Until the task has said `started` it belongs to whoever called `start`: its failure is the caller's business alone, and it dies
 * with the caller's cancellation. From then on it belongs to the nursery. Trio moves it from the one to the other. A coroutine cannot change
 * its parent (spec IO-TS8).
 *
 * The strategy. The task is a child of the target from the beginning; that also keeps the target open while `start` is pending. What it would
 * do to the target before it is ready is kept from it: its block runs inside a coroutineScope, so that the failure of a grandchild stops
 * there, and the failure is handed to the caller, while the child itself ends well. The caller's cancellation is carried to the child by hand.
 *
 * One small state says whose the task is; it changes under a lock and only forward:
 *
 *   PENDING --started--> STARTED      the target's: the caller gets the value, even if it is cancelled in the same moment
 *   PENDING --cancel---> ABANDONED    the caller's, who waits for its end; a value that comes now is dropped
 *   PENDING --end------> ENDED        the caller gets the failure, or hears that it never was ready
 *
 * The caller is woken to look at the state. No value is handed to a suspended coroutine: cancellation would lose it.
 */

/**
 * Starts a task in this scope and waits until it says that it is ready (spec NUR-X6, IO-TS1). The scope may be that of a nursery, or any other.
 *
 * Before the task calls `status.started(value)` it belongs to the caller: its failure comes out here, as it is, and does not touch the scope
 * (spec NUR-X7, IO-TS2). From then on it belongs to the scope like any other task (spec NUR-X11).
 *
 * @param block the task; it must call `started` once, and gets an [IllegalStateException] the second time (spec NUR-X9)
 * @return the value given to `started`
 *
 * *Errors:* what the task throws before it is ready; [IllegalStateException] when it ends without having been ready (spec NUR-X8), and when
 * the scope has ended or is cancelled first (spec NUR-X13): that is not the caller's cancellation, so it is none.
 *
 * *Cancellation:* cancels the task, waits for its end and throws (spec NUR-X10); a failure of the task in this time is thrown instead. If the
 * task is ready already, its value is returned, and the next checkpoint throws.
 *
 * *Thread-safety:* any coroutine.
 */
public suspend fun <T> CoroutineScope.start(block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit): T {
    currentCoroutineContext().ensureActive()
    val start = Start<T>()
    val child = launchSurely(taskName(coroutineContext, block)) { start.run(block) } ?: throw nurseryIsClosed(null)
    child.invokeOnCompletion { start.end() }
    try {
        start.settled.await()
    } catch (cancellation: CancellationException) {
        if (start.abandon()) {
            child.cancel(CancellationException("the call of start was cancelled", cancellation))
            withContext(NonCancellable) { child.join() }
            throw start.failure.takeIf { it !is CancellationException } ?: cancellation
        }
    }
    if (start.isStarted) return start.value()
    val failure = start.failure
    if (failure != null && failure !is CancellationException) throw failure
    // Whoever is cancelled himself must hear that, and not that the task never was ready (spec NUR-X14).
    currentCoroutineContext().ensureActive()
    throw when {
        !isActive -> nurseryIsClosed(failure)
        failure != null -> IllegalStateException("the task was cancelled before it called started", failure)
        else -> IllegalStateException("the task ended without calling started")
    }
}

internal fun nurseryIsClosed(cause: Throwable?) = IllegalStateException("the nursery is closed", cause)

/** The state of one `start`. */
private class Start<T> : TaskStatus<T> {
    private enum class State { PENDING, STARTED, ABANDONED, ENDED }

    /** Opens when the state is no longer PENDING, but for an abandoned start, for which nobody waits here. */
    val settled = Latch()

    /** Guarded by this. */
    private var state = State.PENDING

    /** Guarded by this: set by the first `started`, also when its value is dropped. */
    private var isTold = false

    /** Guarded by this: set once, before [settled] opens. */
    private var value: T? = null

    /** Guarded by this: why the task ended while it was the caller's. */
    var failure: Throwable? = null
        @Synchronized get
        private set

    val isStarted: Boolean
        @Synchronized get() = state == State.STARTED

    @Suppress("UNCHECKED_CAST")
    @Synchronized
    fun value(): T = value as T

    /** The body of the child. */
    suspend fun run(block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit) {
        try {
            coroutineScope { failsUnlessCancelled { block(this@Start) } }
        } catch (thrown: Throwable) {
            val original = if (thrown is CancellationException) thrown else thrown.original()
            if (!keepFromTarget(original)) throw original
        }
    }

    override fun started(value: T) {
        synchronized(this) {
            check(!isTold) { "started was called twice" }
            check(state != State.ENDED) { "the task has ended already" }
            isTold = true
            if (state != State.PENDING) return
            this.value = value
            state = State.STARTED
        }
        settled.open()
    }

    /** Returns false when the task belongs to the target: then the failure is its. */
    @Synchronized
    private fun keepFromTarget(failure: Throwable): Boolean {
        if (state == State.STARTED) return false
        this.failure = failure
        return true
    }

    /** The child has ended; it may never have begun. */
    fun end() {
        synchronized(this) { if (state == State.PENDING) state = State.ENDED }
        settled.open()
    }

    /** Returns whether the task is the caller's, to be cancelled and waited for. */
    @Synchronized
    fun abandon(): Boolean {
        if (state == State.PENDING) state = State.ABANDONED
        // ENDED: there is nothing to wait for, but the cancellation still goes first.
        return state != State.STARTED
    }
}
