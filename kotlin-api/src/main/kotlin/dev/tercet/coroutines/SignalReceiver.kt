package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.PosixSignal
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.signal.SignalQueue
import dev.tercet.internal.signal.SignalRegistry
import dev.tercet.internal.wait.Exclusive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * Receives signals of the process, inside a [withSignals].
 *
 * A signal that arrives several times before it is read is reported once (spec SIG-S2). The JVM loses the order of different signals that
 * arrive close together (spec SIG-S13).
 */
public interface SignalReceiver {
    /**
     * Waits for a signal and takes it: of those that have arrived, the one that waits longest (spec SIG-S1, SIG-S3).
     *
     * *Errors:* [BusyResourceException] when another coroutine is receiving (spec SIG-S7); [ClosedResourceException] when the block of
     * [withSignals] has ended (spec SIG-S8).
     *
     * *Cancellation:* takes nothing; the signal is still there for the next call.
     *
     * *Thread-safety:* one receiving coroutine at a time.
     *
     * @return the signal
     */
    public suspend fun receive(): PosixSignal

    /**
     * Waits for at least one signal and takes all that have arrived (spec SIG-S1).
     *
     * *Errors:* [BusyResourceException] when another coroutine is receiving (spec SIG-S7); [ClosedResourceException] when the block of
     * [withSignals] has ended (spec SIG-S8).
     *
     * *Cancellation:* takes nothing; the signals are still there for the next call.
     *
     * *Thread-safety:* one receiving coroutine at a time.
     *
     * @return at least one signal; the one that waits longest comes first
     */
    public suspend fun receiveBatch(): Set<PosixSignal>

    /**
     * The signals as a flow that does not end by itself: each element is a [receive]. It is cold; it may be collected again, but not
     * concurrently.
     *
     * *Errors:* of the collection: as [receive].
     *
     * *Cancellation:* of the collection: takes nothing, unless the collector itself cancels, which has its signal.
     *
     * *Thread-safety:* one collecting coroutine at a time.
     */
    public fun asFlow(): Flow<PosixSignal>
}

/**
 * Runs [block], which receives the given signals of the process.
 *
 * ```
 * withSignals(PosixSignal.INT, PosixSignal.TERM) { signals -> println("stopped by ${signals.receive()}") }
 * ```
 *
 * Inside, these signals do not have their usual effect: INT and TERM do not end the program, and no shutdown hook runs for them (spec
 * SIG-S14). If a signal has several receivers, each of them gets it. Afterwards the previous handlers are restored (spec SIG-S6). Each
 * unread signal is passed on once, to receivers that were opened later or else to the previous handler (spec SIG-S9). So an unread INT or
 * TERM ends the program then.
 *
 * **Limits of the JVM.** The JVM uses USR2 itself. With `-Xrs` there are no signals. A HUP, INT or TERM that was ignored at the start of
 * the process, by `nohup` for example, stays ignored. Windows has INT (Ctrl-C) and TERM only (spec SIG-S12, SIG-S17).
 *
 * @param signals the signals, at least one; duplicates are harmless (spec SIG-S5)
 * @param block gets the receiver, which is closed after it
 * @return the result of the block
 *
 * *Errors:* [IllegalArgumentException] without a signal (spec SIG-S4), and for one that cannot be received here; then the handlers are
 * unchanged (spec SIG-S6). [UnsupportedOperationException] when this JVM delivers none. Else what [block] throws.
 *
 * *Cancellation:* that of the block; the handlers are restored in any case.
 *
 * *Thread-safety:* any coroutine, any number at a time, for the same signals too.
 */
public suspend fun <R> withSignals(vararg signals: PosixSignal, block: suspend (SignalReceiver) -> R): R =
    SignalRegistry.ofProcess().withSignals(signals, block)

internal suspend fun <R> SignalRegistry.withSignals(signals: Array<out PosixSignal>, block: suspend (SignalReceiver) -> R): R =
    open(*signals).use { block(QueueReceiver(it)) }

internal class QueueReceiver(private val queue: SignalQueue) : SignalReceiver {
    private val receiving = Exclusive("another coroutine is receiving signals here")
    private val budget = Budget()

    override suspend fun receive(): PosixSignal = receiveWhat { queue.poll() }

    override suspend fun receiveBatch(): Set<PosixSignal> = receiveWhat { queue.pollAll().ifEmpty { null } }

    override fun asFlow(): Flow<PosixSignal> = flow { while (true) emit(receive()) }

    private suspend inline fun <T : Any> receiveWhat(poll: () -> T?): T {
        receiving.enter()
        try {
            budget.spend()
            while (true) {
                // Nothing suspends between the taking and the return: a cancellation cannot lose a signal.
                poll()?.let { return it }
                queue.await()
                budget.waited()
            }
        } finally {
            receiving.exit()
        }
    }

    override fun toString() = "SignalReceiver${queue.signals()}"
}
