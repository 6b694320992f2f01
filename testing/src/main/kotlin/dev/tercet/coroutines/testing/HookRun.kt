package dev.tercet.coroutines.testing

import dev.tercet.ClosedResourceException
import dev.tercet.internal.wait.WaitPlace
import dev.tercet.internal.wait.Waiter
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job

/**
 * Runs a user's hook in a scope of its own, which is cancelled when the stream is closed meanwhile: the operation then gets Closed (KIT-M7).
 *
 * A cancellation from outside comes out as it is, and so does one that the hook throws without being asked.
 */
internal suspend fun runHook(hook: (suspend () -> Unit)?, closed: WaitPlace) {
    if (hook == null) return
    var closedMeanwhile = false
    try {
        coroutineScope {
            val job = currentCoroutineContext().job
            val watcher = Waiter { job.cancel() }
            closed.install(watcher)
            try {
                hook()
            } finally {
                closedMeanwhile = !closed.uninstall(watcher)
            }
        }
    } catch (failure: CancellationException) {
        currentCoroutineContext().ensureActive()
        if (!closedMeanwhile) throw failure
    } catch (failure: Throwable) {
        if (closedMeanwhile) throw closedDuringHook().apply { addSuppressed(failure) }
        throw failure
    }
    if (closedMeanwhile) throw closedDuringHook()
}

private fun closedDuringHook() = ClosedResourceException("this memory stream was closed while its hook was running")
