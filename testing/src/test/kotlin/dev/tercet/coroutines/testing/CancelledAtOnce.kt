package dev.tercet.coroutines.testing

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch

/** Whether a call that is made in a cancelled coroutine is cancelled, and not done. */
internal suspend fun isCancelledAtOnce(call: suspend () -> Unit): Boolean {
    var cancelled = false
    coroutineScope {
        launch {
            this.cancel()
            try {
                call()
            } catch (e: CancellationException) {
                cancelled = true
                throw e
            }
        }
    }
    return cancelled
}
