package dev.tercet.coroutines

import dev.tercet.PosixSignal
import dev.tercet.StopSignal
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.signal.SignalRegistry
import dev.tercet.internal.wait.Latch
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive

/**
 * Waits until the signal is triggered: for handlers that notify their peers.
 *
 * ```
 * serveTcp(7000, stop = stop, drain = 10.seconds) { client ->
 *     nursery {
 *         startSoon { converse(client) }
 *         stop.await()
 *         client.sendLine("the server is going down")
 *         end()
 *     }
 * }
 * ```
 *
 * *Errors:* none.
 *
 * *Cancellation:* throws.
 *
 * *Thread-safety:* any coroutine, any number at a time.
 */
public suspend fun StopSignal.await() {
    currentCoroutineContext().ensureActive()
    val stopped = Latch()
    onStop { stopped.open() }.use { stopped.await() }
}

/**
 * Runs a server until the process gets INT or TERM: for `main`.
 *
 * ```
 * fun main() = runOnLoop {
 *     println(stopOnSignals { stop -> serveTcp(7000, stop = stop, drain = 10.seconds) { echo(it) } })
 * }
 * ```
 *
 * The first signal stops the server gracefully. Then signals have their usual effect: a second one ends the program at once.
 *
 * *Errors:* what the block throws; those of [withSignals].
 *
 * *Cancellation:* that of the block.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param signals the signals that stop; INT and TERM when none is given
 * @param block runs in the caller's context, with the signal that stops it
 * @return the result of the block
 */
public suspend fun <R> stopOnSignals(vararg signals: PosixSignal, block: suspend (StopSignal) -> R): R =
    SignalRegistry.ofProcess().stopOnSignals(signals, block)

internal suspend fun <R> SignalRegistry.stopOnSignals(signals: Array<out PosixSignal>, block: suspend (StopSignal) -> R): R {
    val which = if (signals.isEmpty()) arrayOf(PosixSignal.INT, PosixSignal.TERM) else signals
    val stop = StopSignal()
    return open(*which).use { queue ->
        nursery {
            val watching =
                startSoon {
                    QueueReceiver(queue).receive()
                    queue.close()
                    stop.stop()
                }
            block(stop).also { watching.cancel() }
        }
    }
}
