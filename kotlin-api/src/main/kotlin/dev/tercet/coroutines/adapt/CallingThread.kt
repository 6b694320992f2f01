package dev.tercet.coroutines.adapt

import dev.tercet.coroutines.internal.Outcome
import dev.tercet.coroutines.internal.original
import dev.tercet.internal.wait.Parking
import dev.tercet.internal.wait.WaitPlace
import dev.tercet.internal.wait.Waiter
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.async
import kotlin.coroutines.CoroutineContext

/*
 * The problem: a thread calls a suspending function and must stay interruptible, and subject to the Java cancel scopes around it.
 * `runBlocking` knows the interrupt only: it throws at once and leaves the coroutine behind, which then may still receive something, and
 * nobody ever sees it.
 *
 * The strategy. The coroutine runs on the very thread that calls; while it is suspended the thread parks, in the one way in which threads of
 * ours park. When that is cut short, the coroutine is cancelled and its end is awaited. Should it have finished after all, its result is
 * returned: what was received is never lost.
 *
 * Not `Dispatchers.Unconfined`: then the coroutine would go on on whatever thread resumes it, mostly an event loop's, and code of a user's own
 * stream, which may block or be slow, would run there.
 */

/**
 * Calls a suspending function from a thread, which blocks until it has ended.
 *
 * *Errors:* what [block] throws; [IllegalStateException] on an event loop's thread.
 *
 * *Cancellation:* an interrupt or an expired scope of the thread cancels the block, and is thrown when it has ended.
 *
 * *Thread-safety:* any thread but a loop's.
 */
internal fun <R> callBlocking(block: suspend () -> R): R {
    Parking.refuseOnLoop()
    Parking.checkpoint()
    val thread = CallingThread()
    val outcome = Outcome<R>()
    var failure: Throwable? = null
    val call = CoroutineScope(thread).async(start = CoroutineStart.UNDISPATCHED) { outcome.keep(block) }
    call.invokeOnCompletion {
        failure = it
        thread.end()
    }
    val cutShort =
        thread.runUntilEnd { interruption ->
            call.cancel(CancellationException("the thread that waits for this was cut short", interruption))
        }
    val thrown = failure
    if (thrown is CancellationException && !outcome.isFinished) throw cutShort ?: thrown
    // The call has ended by itself, in the same moment: that wins, and the next wait finds the interrupt. An expired scope needs no reminder.
    if (cutShort is InterruptedException) Thread.currentThread().interrupt()
    if (thrown != null && thrown !is CancellationException) throw thrown.original()
    return outcome.value()
}

/** Runs coroutines on the thread that makes it, while that thread is in [runUntilEnd]. */
private class CallingThread :
    CoroutineDispatcher(),
    WaitPlace {
    /** This, [waiter] and [ended] are guarded by this. */
    private val tasks = ArrayDeque<Runnable>(1)
    private var waiter: Waiter? = null
    private var ended = false

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        val due =
            synchronized(this) {
                if (ended) {
                    null
                } else {
                    tasks.addLast(block)
                    takeWaiter() ?: return
                }
            }
        // After the end there can only be a coroutine that took over this dispatcher into a scope of its own.
        if (due == null) Dispatchers.Default.dispatch(context, block) else due.wake()
    }

    /** There is nothing more to wait for. */
    fun end() {
        synchronized(this) {
            ended = true
            takeWaiter()
        }?.wake()
    }

    /**
     * Runs what is dispatched, and parks in between.
     *
     * @param onCutShort called once, when a wait is interrupted or a scope expires; after that, waiting goes on regardless
     * @return what a wait was cut short by
     */
    inline fun runUntilEnd(onCutShort: (Throwable) -> Unit): Throwable? {
        var cutShort: Throwable? = null
        while (true) {
            val task = synchronized(this) { tasks.removeFirstOrNull() ?: if (ended) return cutShort else null }
            when {
                task != null -> task.run()

                cutShort != null -> Parking.awaitUninterruptibly(this)

                else ->
                    try {
                        Parking.await(this)
                    } catch (interruption: Throwable) {
                        cutShort = interruption
                        onCutShort(interruption)
                    }
            }
        }
    }

    override fun install(waiter: Waiter) {
        synchronized(this) {
            if (tasks.isEmpty() && !ended) {
                this.waiter = waiter
                return
            }
        }
        waiter.wake()
    }

    override fun uninstall(waiter: Waiter): Boolean = synchronized(this) { takeWaiter() === waiter }

    private fun takeWaiter(): Waiter? = waiter.also { waiter = null }
}
