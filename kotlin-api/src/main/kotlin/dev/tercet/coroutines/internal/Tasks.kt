package dev.tercet.coroutines.internal

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Launches a child that surely runs, at least to its first checkpoint, or says that it cannot.
 *
 * The problem. `launch` is silent in three cases: the scope has ended, the scope is cancelled, or it is cancelled before the child's turn
 * has come. Then the block never runs, and what it was to own, an accepted connection for instance, is never closed.
 *
 * The strategy. The child starts in place, which cannot be prevented, and then yields where no cancellation reaches it, so that its block
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
    val child =
        launch(name, CoroutineStart.UNDISPATCHED) {
            val self = coroutineContext.job
            if (self.isCancelled && parent != null && parent.children.none { it === self }) {
                isRefused = true
                return@launch
            }
            withContext(NonCancellable) { yield() }
            block()
        }
    return if (isRefused) null else child
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
