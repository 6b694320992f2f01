package dev.tercet.coroutines

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.loop.LoopThread
import dev.tercet.internal.net.NonBlockingHandle
import dev.tercet.internal.net.NonBlockingHandle.RELEASE_WAIT_NANOS
import dev.tercet.internal.wait.Latch
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.nanoseconds

/**
 * The graceful close of everything that waits in a loop: closes at once, then waits for one turn of the loop, after which the descriptor is
 * freed and the port can be bound again (spec IO-SL10). A cancellation does not end that wait: a server that was cancelled and joined has
 * given its port back. The cancellation is thrown at the end (spec IO-A5).
 */
internal suspend fun NonBlockingHandle.closeAndAwait() {
    close()
    awaitReleased(listOf(released()), isOwnTurn = loop() == null || LoopThread.currentLoop() === loop())
    currentCoroutineContext().ensureActive()
}

/**
 * Waits until closed sockets are released, for a second at most: other people's code may hold their loop. It cannot when [isOwnTurn] says
 * that this coroutine runs on that very loop: then it gives way to the next turn. By default it is on any loop.
 */
internal suspend fun awaitReleased(sockets: List<Latch>, isOwnTurn: Boolean = LoopThread.currentLoop() != null) {
    if (sockets.all { it.isOpen }) return
    if (isOwnTurn) {
        withContext(NonCancellable) { sockets.forEach { it.await() } }
    } else {
        // The time is real, whatever the caller's dispatcher believes.
        withContext(NonCancellable + Dispatchers.Default) {
            withTimeoutOrNull(RELEASE_WAIT_NANOS.nanoseconds) { sockets.forEach { it.await() } }
        }
    }
}
