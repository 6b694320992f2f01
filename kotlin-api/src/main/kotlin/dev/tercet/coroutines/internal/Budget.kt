package dev.tercet.coroutines.internal

import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.yield
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext

/*
 * The problem. An operation that finds its data ready does not suspend. A busy stream would then keep its dispatcher's thread for as long as
 * the peer keeps sending, its siblings would starve, and a cancellation would go unseen (spec NUR-X26).
 *
 * The strategy. Every operation looks at its cancellation on entry, always. It gives way, `yield`, only once in a number of operations that
 * did not wait, because a trip through the task queue costs as much as a small read.
 *
 * The yield comes before the operation, never after it: nothing may suspend between a system call that succeeded and the return to the
 * caller, or a cancellation in between would lose what was received (spec IO-C4).
 */

/**
 * How many operations in a row may find everything ready before one gives way to other coroutines. One for each object and direction, so
 * that it needs no look-up. Internal: for Tercet's own modules.
 *
 * *Thread-safety:* used by one operation at a time. The counter is plain: should two race, it counts one too few, which harms nothing.
 */
public class Budget {
    private var limit = 0

    /** 0 before the first operation; from then on at least 1. */
    private var left = 0

    /**
     * To be called first thing in every operation: checks for cancellation, and yields if it is time to.
     *
     * *Errors:* none.
     *
     * *Cancellation:* throws; the operation must not have done anything yet.
     *
     * *Thread-safety:* one operation at a time.
     */
    public suspend fun spend() {
        val context = currentCoroutineContext()
        context.ensureActive()
        var next = left - 1
        if (next < 0) {
            limit = context.readyOperations()
            next = limit - 1
        }
        if (next > 0) {
            left = next
            return
        }
        limit = context.readyOperations()
        left = limit
        // Last, and nothing after it: the compiler then makes this a plain call, without a state machine.
        yield()
    }

    /** To be called after a wait: others had their turn, so the budget is full again. */
    public fun waited() {
        left = limit
    }

    private fun CoroutineContext.readyOperations() = this[BudgetElement]?.readyOperations ?: READY_OPERATIONS

    private companion object {
        /** A trip through the task queue costs about as much as one small read, so that one in 16 is lost in the noise. */
        const val READY_OPERATIONS = 16
    }
}

/**
 * Sets the budget of all operations in this coroutine context; the conformance kit uses 1, so that every operation yields. It is read when an
 * object is first used and whenever its budget runs out. Internal: for Tercet's own modules.
 *
 * @property readyOperations at least 1; every so many-th operation yields
 */
public class BudgetElement(public val readyOperations: Int) : AbstractCoroutineContextElement(Key) {
    init {
        require(readyOperations >= 1) { "readyOperations must be at least 1, not $readyOperations" }
    }

    /** The key of this element. */
    public companion object Key : CoroutineContext.Key<BudgetElement>
}
