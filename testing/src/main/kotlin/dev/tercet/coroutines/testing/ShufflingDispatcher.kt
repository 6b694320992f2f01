@file:OptIn(InternalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.coroutines.internal.InVirtualTime
import dev.tercet.testing.internal.SplitMix64
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.test.TestDispatcher
import kotlin.coroutines.CoroutineContext

/**
 * A test dispatcher whose order is drawn from a seed (KIT-J7).
 *
 * The problem. The order of kotlinx' test dispatcher is always that of dispatching, so that a test sees one interleaving out of many. That
 * dispatcher cannot be subclassed.
 *
 * The strategy. This one has a list of its own of what can run. For each thing that comes in, the test dispatcher gets an event that takes one
 * thing out of the list, whichever the seed says. So the scheduler still sees everything that is to be done, and does as much at each instant;
 * only who comes first is different.
 *
 * The time must be the test scheduler's, or `delay` and `withTimeout` would fall back to real time. They find it in the dispatcher of the
 * coroutine, as a `Delay`, which kotlinx.coroutines keeps for itself; we hand on that of the test dispatcher and implement nothing of it
 * (ADR 32).
 */
internal class ShufflingDispatcher(private val test: TestDispatcher, seed: Long, private val watch: DeadlockWatch) :
    CoroutineDispatcher(),
    Delay by test,
    InVirtualTime {
    private val random = SplitMix64(seed)

    /** Guarded by itself, and so is [random]. */
    private val runnables = ArrayList<Runnable>()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        watch.dispatched(context, block)
        synchronized(runnables) { runnables.add(block) }
        test.dispatch(context) { take().run() }
    }

    /** There is one for each event. */
    private fun take(): Runnable = synchronized(runnables) {
        val last = runnables.lastIndex
        runnables.removeAt(if (last == 0) 0 else random.nextInt(0, last))
    }

    override fun toString(): String = "Shuffling($test)"
}
