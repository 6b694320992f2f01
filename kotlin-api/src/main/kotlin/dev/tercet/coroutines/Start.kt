package dev.tercet.coroutines

import dev.tercet.TaskStatus
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.internal.failsUnlessCancelled
import dev.tercet.coroutines.internal.launchSurely
import dev.tercet.coroutines.internal.original
import dev.tercet.coroutines.internal.taskName
import dev.tercet.internal.wait.TaskStart
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
 * Whose the task is, and when it changes hands, is decided by TaskStart, once for both languages.
 */

/**
 * Starts a task in this scope and waits until it reports that it is ready (spec NUR-X6, IO-TS1). The scope may be that of a nursery, or any
 * other.
 *
 * Before the task calls `status.started(value)` it belongs to the caller: this call throws its failure unchanged, and the scope is not
 * affected (spec NUR-X7, IO-TS2). From then on it belongs to the scope like any other task (spec NUR-X11).
 *
 * @param block the task; it must call `started` once, and gets an [IllegalStateException] for a second call (spec NUR-X9)
 * @return the value given to `started`
 *
 * *Errors:* the failure of the task before it is ready; [IllegalStateException] when it ends before it was ready (spec NUR-X8), and when
 * the scope ends or is cancelled first (spec NUR-X13). That is no cancellation of the caller.
 *
 * *Cancellation:* cancels the task, waits for its end and throws (spec NUR-X10); a failure of the task in this time is thrown instead. If the
 * task is ready already, its value is returned, and the next checkpoint throws.
 *
 * *Thread-safety:* any coroutine.
 */
public suspend fun <T> CoroutineScope.start(block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit): T {
    currentCoroutineContext().ensureActive()
    val start = TaskStart<T>()
    val child = launchSurely(taskName(coroutineContext, block)) { runAsCallers(start, block) } ?: throw nurseryIsClosed(null)
    child.invokeOnCompletion {
        // It may never have begun.
        start.ended(null)
        start.settle()
    }
    try {
        start.settled().await()
    } catch (cancellation: CancellationException) {
        if (start.abandon()) {
            child.cancel(CancellationException("the call of start was cancelled", cancellation))
            withContext(NonCancellable) { child.join() }
            throw start.failure()?.takeIf { it !is CancellationException } ?: cancellation
        }
    }
    if (start.isStarted) return start.value()
    val failure = start.failure()
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

/** The body of a task that is the caller's until it is ready: its failure until then stays from the scope. */
private suspend fun <T> runAsCallers(start: TaskStart<T>, block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit) {
    try {
        coroutineScope { failsUnlessCancelled { block(start) } }
    } catch (thrown: Throwable) {
        val original = if (thrown is CancellationException) thrown else thrown.original()
        if (!start.ended(original)) throw original
    }
}
