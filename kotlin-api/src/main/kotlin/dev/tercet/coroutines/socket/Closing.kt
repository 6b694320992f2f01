package dev.tercet.coroutines.socket

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.net.NonBlockingResource
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext

/**
 * The graceful close of everything that waits in a loop: closes at once, then waits for one turn of the loop, after which the descriptor is
 * freed and the port can be bound again (spec IO-SL10). That wait is short and bounded, so a cancellation does not end it: a server that was
 * cancelled and joined has given its port back. The cancellation is thrown at the end (spec IO-A5).
 */
internal suspend fun NonBlockingResource.closeAndAwait() {
    close()
    val released = released()
    if (!released.isOpen) {
        withContext(NonCancellable) { released.await() }
    }
    currentCoroutineContext().ensureActive()
}
