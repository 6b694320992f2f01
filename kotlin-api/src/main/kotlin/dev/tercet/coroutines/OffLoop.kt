package dev.tercet.coroutines

import dev.tercet.internal.loop.LoopThread
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.util.concurrent.Executor
import kotlin.coroutines.EmptyCoroutineContext

/*
 * Where the computations of TLS run. On the thread of an event loop: on Dispatchers.Default, so that they hold up nobody. Anywhere else: in
 * place, so that simulated time stays exact.
 *
 * One limit holds for streams and for handshakes that race (spec TLS-R6). Two limits would add up, and a flood of handshakes would then take
 * every processor.
 */

/** Runs at most as many computations at a time as there are processors, less one. */
private val COMPUTING = Dispatchers.Default.limitedParallelism((Runtime.getRuntime().availableProcessors() - 1).coerceAtLeast(1))

/** Runs a computation for a stream. The result is stored outside of the scope, which drops it when the coroutine is cancelled. */
internal suspend fun <R> offLoop(work: () -> R): R {
    if (LoopThread.currentLoop() == null) return work()
    var result: Result<R>? = null
    withContext(COMPUTING) { result = runCatching(work) }
    return checkNotNull(result).getOrThrow()
}

/** Runs a computation for a handshake that races. The caller waits for the task itself. */
internal object OffLoop : Executor {
    override fun execute(task: Runnable) {
        if (LoopThread.currentLoop() == null) task.run() else COMPUTING.dispatch(EmptyCoroutineContext, task)
    }
}
