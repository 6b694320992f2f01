package dev.tercet.coroutines.testing

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/*
 * A checkpoint is two things: a place where a cancellation is noticed (a cancel point), and a place where others get their turn (a schedule
 * point). Neither can be seen from outside, so both are provoked.
 *
 * The cancel point: the block runs in a scope that is cancelled already. If it returns, it has not looked.
 *
 * The schedule point: a sibling is queued on the same dispatcher, one that runs one coroutine at a time and in order. If it has run by the
 * time the block returns, the block has given way. A dispatcher with many threads is first narrowed to one. (Counting dispatches in a
 * dispatcher of our own would need the dispatcher's `Delay`, which is internal to kotlinx.coroutines.)
 */

/**
 * Runs [block] and checks that it is a checkpoint: that it notices a cancellation *and* lets others run (KIT-K1). The block is run twice:
 * first in a cancelled scope, where it must throw before it has done anything; then for its result.
 *
 * *Errors:* [AssertionError] when the block has no cancel point or no schedule point. What the block throws comes out unchecked, since a call
 * that fails need not be a checkpoint.
 *
 * *Cancellation:* as the block.
 *
 * *Thread-safety:* any coroutine.
 *
 * @return the result of the block
 */
public suspend fun <R> assertCheckpoints(block: suspend () -> R): R {
    if (returnsWhenCancelled { block() }) throw AssertionError("no cancel point: the block returned in a cancelled scope")
    return assertSchedulePoint(block)
}

/**
 * Runs [block], once and in a cancelled scope, and checks that it neither notices that nor lets others run (KIT-K2). A block that does one
 * without the other satisfies neither this nor [assertCheckpoints] (KIT-K3).
 *
 * *Errors:* [AssertionError] when the block has a cancel point or a schedule point; what the block throws.
 *
 * *Cancellation:* not noticed, if the block is what it should be.
 *
 * *Thread-safety:* any coroutine.
 *
 * @return the result of the block
 */
public suspend fun <R> assertNoCheckpoints(block: suspend () -> R): R {
    var results = emptyList<R>()
    val scheduled = othersRunDuring { if (returnsWhenCancelled { results = listOf(block()) }) Unit }
    if (results.isEmpty()) throw AssertionError("a cancel point: the block threw in a cancelled scope")
    if (scheduled) throw AssertionError("a schedule point: others ran during the block")
    return results.single()
}

/**
 * Runs everything that can run now, until all coroutines of this test but the caller are suspended or done. Virtual time does not advance
 * (KIT-W1, KIT-W4). Worker threads are invisible to it.
 *
 * *Errors:* none.
 *
 * *Cancellation:* throws (KIT-W3).
 *
 * *Thread-safety:* from a coroutine on the test's dispatcher.
 */
public suspend fun TestScope.waitAllTasksBlocked() {
    yield()
    testScheduler.runCurrent()
    currentCoroutineContext().ensureActive()
}

/** [assertCheckpoints] without its first half. */
internal suspend fun <R> assertSchedulePoint(block: suspend () -> R): R {
    var results = emptyList<R>()
    if (!othersRunDuring { results = listOf(block()) }) throw AssertionError("no schedule point: nobody else ran during the block")
    return results.single()
}

/** Runs the block in a cancelled scope. False when it threw the cancellation; what else it throws comes out. */
internal suspend fun returnsWhenCancelled(block: suspend () -> Unit): Boolean {
    var returned = false
    try {
        coroutineScope {
            cancel()
            block()
            returned = true
        }
    } catch (_: CancellationException) {
        currentCoroutineContext().ensureActive()
    }
    return returned
}

private suspend fun othersRunDuring(block: suspend () -> Unit): Boolean {
    var siblingRan = false
    var scheduled = false
    withContext(oneAtATime()) {
        val sibling = launch { siblingRan = true }
        try {
            block()
            scheduled = siblingRan
        } finally {
            sibling.cancel()
        }
    }
    return scheduled
}

/** The current dispatcher, narrowed to one coroutine at a time unless it is so already. */
@OptIn(ExperimentalCoroutinesApi::class)
private suspend fun oneAtATime(): CoroutineContext {
    val dispatcher = currentCoroutineContext()[ContinuationInterceptor] as? CoroutineDispatcher
    return if (dispatcher == null || dispatcher is TestDispatcher) EmptyCoroutineContext else dispatcher.limitedParallelism(1)
}
