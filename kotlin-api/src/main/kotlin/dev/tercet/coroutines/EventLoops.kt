package dev.tercet.coroutines

import dev.tercet.coroutines.internal.Outcome
import dev.tercet.coroutines.internal.dispatcher
import dev.tercet.coroutines.internal.original
import dev.tercet.coroutines.internal.taskName
import dev.tercet.internal.loop.LoopGroup
import dev.tercet.internal.nio.LoopNetwork
import dev.tercet.internal.wait.Latch
import dev.tercet.internal.wait.Parking
import dev.tercet.loop.EventLoop
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Runs coroutines on this loop's thread, where its channels are: no hop per operation. `delay` and timeouts run there too.
 *
 * For a loop with several threads, this property returns the calling thread's dispatcher if the thread is one of them, else the next in
 * turn. A program on such a dispatcher runs on one thread, with all coroutines that it starts. Connections of a server are not spread over
 * the others.
 *
 * Coroutines on it must not block. After the loop is closed, tasks that are dispatched to it are cancelled and end on `Dispatchers.IO`. A
 * pending `delay` ends at its time, on the shared loop.
 */
public val EventLoop.dispatcher: CoroutineDispatcher
    get() = (network() as LoopNetwork).group().currentOrNext().dispatcher

/**
 * Runs a program on an event loop's thread and waits for it: for `main`, and for calls from blocking code. The calling thread blocks, the
 * coroutine runs on the loop.
 *
 * ```
 * fun main() = runOnLoop {
 *     openTcpStream("localhost", 7000).use { … }
 * }
 * ```
 *
 * **The program runs on one thread**, with everything that it starts: nurseries, handlers of all servers, timers. Between two suspending
 * calls no other coroutine of the program runs, so plain variables can be shared. Only code on another dispatcher, by
 * `withContext(Dispatchers.IO)` for example, runs in parallel.
 *
 * For more cores pass a loop of several threads: `EventLoop.shared()`, which has one for each core, or `EventLoop.open("io", 4)`. Then
 * connections are spread over these threads, and each handler runs on the thread of its connection, **in parallel with others**. Shared
 * state needs locks or atomics. Everything else still runs on the thread of the code that started it. In tests `runIoTest(parallel = true)`
 * runs coroutines in parallel, to find unguarded state.
 *
 * @param loop the loop to run on; null for one thread of the shared loop
 * @param block the program; what it launches is waited for
 * @return the result of the block
 *
 * *Errors:* what [block] throws; [IllegalStateException] on the thread of an event loop, which must not block, and when [loop] is closed.
 *
 * *Cancellation:* an interrupt of the calling thread, or the expiry of a Java `CancelScope` around the call, cancels the block. When the
 * block has ended it is thrown as `InterruptedException`, with the flag cleared. If the block finishes or fails nevertheless, this returns
 * its result or throws its failure, with the flag set again.
 *
 * *Thread-safety:* any thread except a loop's.
 */
public fun <R> runOnLoop(loop: EventLoop? = null, block: suspend CoroutineScope.() -> R): R {
    Parking.refuseOnLoop()
    val outcome = Outcome<R>()
    val ended = Latch()
    var failure: Throwable? = null
    val group = loop?.let { (it.network() as LoopNetwork).group() } ?: LoopGroup.shared().next().alone()
    val context = group.currentOrNext().dispatcher + ProgramLoops(group) + taskName(EmptyCoroutineContext, block)
    val program = CoroutineScope(context).async { outcome.keep { block() } }
    program.invokeOnCompletion {
        failure = it
        ended.open()
    }
    var cutShort: Throwable? = null
    try {
        Parking.await(ended)
    } catch (interruption: Throwable) {
        cutShort = interruption
        program.cancel(CancellationException("the thread in runOnLoop was cut short", interruption))
        Parking.awaitUninterruptibly(ended)
    }
    val thrown = failure
    if (thrown is CancellationException && !outcome.isFinished) {
        throw when {
            cutShort != null -> cutShort
            !outcome.isStarted && loop?.executor()?.isShutdown == true -> IllegalStateException("$loop is closed", thrown)
            else -> thrown
        }
    }
    if (cutShort is InterruptedException) Thread.currentThread().interrupt()
    if (thrown != null && thrown !is CancellationException) throw thrown.original()
    return outcome.value()
}
