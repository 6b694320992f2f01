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
 * A signal that comes several times before it is read is reported once (spec SIG-S2). The order of different signals that come close together
 * is not known to the JVM (spec SIG-S13).
 */
public interface SignalReceiver {
    /**
     * Waits for a signal and takes it: of those that have come, the one that waits longest (spec SIG-S1, SIG-S3).
     *
     * *Errors:* [BusyResourceException] when another coroutine is receiving (spec SIG-S7); [ClosedResourceException] when the block of
     * [withSignals] has ended (spec SIG-S8).
     *
     * *Cancellation:* takes nothing; the signal is still there for the next call.
     *
     * *Thread-safety:* one receiving coroutine at a time.
     */
    public suspend fun receive(): PosixSignal

    /**
     * Waits for at least one signal and takes all that have come (spec SIG-S1).
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
     * The signals as a flow that does not end by itself: each element is a [receive]. Cold; it may be collected again, but not by two at once.
     *
     * *Errors:* of the collection: as [receive].
     *
     * *Cancellation:* of the collection: takes nothing, unless it comes from the collector itself, which has its signal.
     *
     * *Thread-safety:* one collecting coroutine at a time.
     */
    public fun asFlow(): Flow<PosixSignal>
}

/**
 * Runs [block] while the given signals of the process go to it.
 *
 * ```
 * withSignals(PosixSignal.INT, PosixSignal.TERM) { signals -> println("stopped by ${signals.receive()}") }
 * ```
 *
 * Inside, these signals do not do what they do otherwise: INT and TERM do not end the program, and no shutdown hook runs for them
 * (spec SIG-S14). With several receivers of one signal each of them gets it. Afterwards the previous handlers are back (spec SIG-S6), and each
 * unread signal goes on once, to receivers that were opened later or else to the previous handler (spec SIG-S9). An unread INT or TERM thus
 * ends the program after all.
 *
 * **Limits of the JVM.** USR2 belongs to it. With `-Xrs` there are no signals. A HUP, INT or TERM that the process was started with ignored, by
 * `nohup` for instance, stays ignored. Windows has INT (Ctrl-C) and TERM only (spec SIG-S12, SIG-S17).
 *
 * @param signals which, at least one; duplicates are harmless (spec SIG-S5)
 * @param block gets the receiver, which is closed after it
 * @return the result of the block
 *
 * *Errors:* [IllegalArgumentException] without a signal (spec SIG-S4), and for one that cannot be received here; then the handlers are as before
 * (spec SIG-S6). [UnsupportedOperationException] when this JVM delivers none. Else what [block] throws.
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
