package dev.tercet.coroutines.internal

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.intercepted
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.resume

/**
 * Launches a child that surely runs, at least to its first checkpoint, or says that it cannot.
 *
 * The problem. `launch` is silent in three cases: the scope has ended, the scope is cancelled, or it is cancelled before the child's turn
 * has come. Then the block never runs, and what it was to own, an accepted connection for instance, is never closed.
 *
 * The strategy. The child starts in place, which cannot be prevented, and then goes through its dispatcher where no cancellation reaches it, so that its block
 * begins on its own dispatcher and in its turn, as with `launch`. In a scope that is cancelled but still has running children it begins all the
 * same, as in Trio: it meets the cancellation at its first checkpoint, inside the block's own `try` and `use`. A refusal by an exception would
 * be wrong there: a child that starts a sibling just when the nursery is cancelled would turn the cancellation into a failure.
 *
 * Inline, so that what is launched has one frame and not two: a server has as many as connections.
 *
 * A scope that has ended takes no child; kotlinx then makes one that is cancelled and has no parent. That is what the first lines look for.
 *
 * @return the child, or null when the scope has ended: then nothing runs
 */
internal inline fun CoroutineScope.launchSurely(name: CoroutineContext, crossinline block: suspend CoroutineScope.() -> Unit): Job? {
    val parent = coroutineContext[Job]
    var isRefused = false
    requireStackRoom()
    val child =
        launch(name, CoroutineStart.UNDISPATCHED) {
            val self = coroutineContext.job
            if (self.isCancelled && parent != null && parent.children.none { it === self }) {
                isRefused = true
                return@launch
            }
            beginInTurn()
            block()
        }
    return if (isRefused) null else child
}

/**
 * Hands the rest of the calling coroutine to its dispatcher, cancelled or not.
 *
 * Not `yield`, which runs on at once where the dispatcher has no threads of its own: tasks on `Dispatchers.Unconfined` that start each other
 * would stand in one another's frames. A resumption is queued there.
 */
internal suspend fun beginInTurn(): Unit = suspendCoroutineUninterceptedOrReturn { task ->
    task.intercepted().resume(Unit)
    COROUTINE_SUSPENDED
}

/**
 * Runs what a task is there for. Only a real cancel is a cancellation: a CancellationException that the body throws although nobody has
 * cancelled the task, a withTimeout of kotlinx for instance, would end it without a word, and becomes a failure.
 */
internal suspend inline fun <T> failsUnlessCancelled(body: () -> T): T = try {
    body()
} catch (thrown: CancellationException) {
    currentCoroutineContext().ensureActive()
    throw notCancelled(thrown)
}

/** What becomes of a CancellationException of somebody who was not cancelled. */
internal fun notCancelled(thrown: CancellationException): Throwable =
    IllegalStateException("a CancellationException was thrown, but nobody cancelled this task", thrown)

/**
 * The name of a coroutine that we start for a user, seen in debug mode in thread names and dumps: the class of its lambda, which says where
 * in the source it stands. A name that the user gave is inherited instead.
 */
internal fun taskName(inherited: CoroutineContext, block: Any): CoroutineContext {
    val name = inherited[CoroutineName]?.name
    if (name != null && !name.startsWith(TASK)) return EmptyCoroutineContext
    return CoroutineName(TASK + block.javaClass.name.substringBefore('/').substringAfterLast('.'))
}

/** How names that we gave are told from those of the user. */
private const val TASK = "task "
