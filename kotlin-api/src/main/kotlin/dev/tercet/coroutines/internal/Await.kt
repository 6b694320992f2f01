@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.internal

import dev.tercet.internal.load.ClassFolder
import dev.tercet.internal.loop.LoopExecutor
import dev.tercet.internal.loop.LoopThread
import dev.tercet.internal.loop.SelectorLoop
import dev.tercet.internal.wait.WaitPlace
import dev.tercet.internal.wait.Waiter
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/*
 * The only place of this module where a coroutine is suspended by hand.
 *
 * The problem. kotlinx.coroutines promises prompt cancellation: a coroutine that is cancelled after it was resumed, but before it runs
 * again, throws, and the value it was resumed with is gone. Bytes that were read, a socket that was accepted: lost, in a third of the races.
 *
 * The strategy. Nothing is ever handed over. To be woken means "try again": the system call happens after the resumption, and nothing
 * suspends between it and the return to the caller. So a cancellation finds either a call that has not happened or one that has returned.
 *
 * From the event loop's own frame a coroutine of that loop is resumed in place, without a trip through the task queue (a third of the cost
 * of a request). From anywhere else, and that includes code that runs inside a coroutine, it is a plain resume: no nesting, bounded stacks,
 * and the order of execution is what it is everywhere in Kotlin. The raw continuation is never resumed: that would skip thread-context
 * elements such as the MDC of a logger.
 */

/**
 * Suspends until woken in this place. Internal: for Tercet's own modules.
 *
 * *Errors:* what installing in the place throws.
 *
 * *Cancellation:* the waiter is taken out; no effect.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
public suspend fun WaitPlace.await(): Unit = awaitWoken()

/**
 * Of any type, though it is Unit: around an inlined suspension of the type Unit the compiler puts a state machine, an object for each wait and
 * a step for each resumption; around one of any other type it does not, and a call like the one above is a plain one.
 */
private suspend fun <T> WaitPlace.awaitWoken(): T = suspendCancellableCoroutine { continuation ->
    @Suppress("UNCHECKED_CAST")
    val waiter = CoroutineWaiter(this, continuation as CancellableContinuation<Unit>)
    install(waiter)
    continuation.invokeOnCancellation(waiter)
}

/** A suspended coroutine, and what to do when it is cancelled: one object, for this is the hot path. */
private class CoroutineWaiter(private val place: WaitPlace, private val continuation: CancellableContinuation<Unit>) :
    Waiter,
    (Throwable?) -> Unit {
    override fun wake() = continuation.resume(Unit)

    override fun wakeFromLoop() {
        val loop = LoopThread.currentLoop()
        if (loop == null) {
            wake()
        } else {
            with(continuation) { loop.dispatcher.resumeUndispatched(Unit) }
        }
    }

    override fun invoke(cause: Throwable?) {
        place.uninstall(this)
    }
}

/** The dispatcher of this loop: one object per loop, since coroutines are resumed in place only if it is the very one they run on. */
internal val SelectorLoop.dispatcher: CoroutineDispatcher
    get() =
        attachment {
            EarlyClasses.load()
            LoopExecutor(this).asCoroutineDispatcher()
        } as CoroutineDispatcher

/** What runs when descriptors are short is loaded while they are not. */
private object EarlyClasses {
    init {
        val packages = listOf("", ".internal")
        ClassFolder.load(EarlyClasses::class.java, packages.map { "dev.tercet.coroutines$it" })
    }

    /** Once: the first call initializes this object. */
    fun load() = Unit
}
