package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.EndOfChannelException
import dev.tercet.MemoryChannelStatistics
import dev.tercet.WouldBlockException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.channel.SharedChannel
import dev.tercet.internal.wait.Latch
import dev.tercet.proto.MemoryChannelState
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive

/**
 * Opens a channel of messages inside the program, with one sender and one receiver.
 *
 * ```
 * val (sender, receiver) = openMemoryChannel<Job>(capacity = 10)
 * ```
 *
 * *Errors:* [IllegalArgumentException] when [capacity] is negative.
 *
 * *Cancellation:* not affected by it; does not suspend.
 *
 * *Thread-safety:* any thread.
 *
 * @param capacity how many messages the buffer may hold; 0 makes a rendezvous, where each send waits for a receive; [Int.MAX_VALUE] has no
 * limit
 */
public fun <T> openMemoryChannel(capacity: Int): MemoryChannel<T> = MemoryChannel(SharedChannel(capacity))

/**
 * A channel of messages between coroutines of the program, with backpressure. The two ends are separate objects, [sender] and [receiver];
 * either can be [duplicated][MemorySendChannel.duplicate], and each duplicate is closed separately (spec IO-CH4). When the last sender is
 * closed, receivers get the remaining messages and then [EndOfChannelException]; when the last receiver is closed, senders get
 * [BrokenResourceException].
 *
 * The longest waiter is served first, on both sides. A cancellation loses no message, unlike that of a `kotlinx.coroutines.channels.Channel`
 * (spec IO-CH7). The suspending twin of [dev.tercet.blocking.MemoryChannel].
 *
 * @param T the type of the messages
 */
public class MemoryChannel<T> internal constructor(private val channel: SharedChannel<T>) {
    /** The sending end. */
    public val sender: MemorySendChannel<T> = MemorySendChannel(channel, channel.openSender())

    /** The receiving end. */
    public val receiver: MemoryReceiveChannel<T> = MemoryReceiveChannel(channel, channel.openReceiver())

    /** The content and the users of the channel (spec IO-CH6): a snapshot. */
    public val statistics: MemoryChannelStatistics get() = channel.statistics()

    /** The [sender], for destructuring. */
    public operator fun component1(): MemorySendChannel<T> = sender

    /** The [receiver], for destructuring. */
    public operator fun component2(): MemoryReceiveChannel<T> = receiver
}

/**
 * A sending end of a [MemoryChannel]. Any number of coroutines may send on it.
 *
 * @param T the type of the messages
 */
public class MemorySendChannel<T> internal constructor(
    private val channel: SharedChannel<T>,
    private val handle: MemoryChannelState.Handle,
) : MessageSendChannel<T> {
    private val budget = Budget()

    /** The content and the users of the channel (spec IO-CH6): a snapshot. */
    public val statistics: MemoryChannelStatistics get() = channel.statistics()

    override suspend fun send(message: T) {
        budget.spend()
        val send = channel.send(handle, message)
        channel.await(send, budget)
        channel.sent(send)
    }

    /**
     * Sends one message if that is possible without waiting.
     *
     * *Errors:* [WouldBlockException] when it would have to wait: the buffer is full and no receiver is waiting; else as [send].
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     *
     * @param message the message
     */
    public fun sendNow(message: T): Unit = channel.sendNow(handle, message)

    /**
     * Makes another sending end of the same channel, which is closed separately.
     *
     * *Errors:* [ClosedResourceException] when this end is closed.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     *
     * @return the new end
     */
    public fun duplicate(): MemorySendChannel<T> = MemorySendChannel(channel, channel.duplicateSender(handle))

    /**
     * Closes this end; others of the same channel stay open. Coroutines that are suspended on this very end get [ClosedResourceException].
     * After the last sending end, receivers get the remaining messages and then the end of the channel (spec IO-CH4).
     *
     * *Errors:* none.
     *
     * *Cancellation:* this end is closed, then the cancellation is thrown (spec IO-CH5). Code that cannot suspend uses [closeForcefully],
     * which does the same.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        closeForcefully()
        currentCoroutineContext().ensureActive()
    }

    override fun closeForcefully(): Unit = channel.close(handle)
}

/**
 * A receiving end of a [MemoryChannel]. Any number of coroutines may receive on it; each message goes to exactly one.
 *
 * @param T the type of the messages
 */
public class MemoryReceiveChannel<T> internal constructor(
    private val channel: SharedChannel<T>,
    private val handle: MemoryChannelState.Handle,
) : MessageReceiveChannel<T> {
    private val budget = Budget()

    /** The content and the users of the channel (spec IO-CH6): a snapshot. */
    public val statistics: MemoryChannelStatistics get() = channel.statistics()

    override suspend fun receive(): T {
        budget.spend()
        val receive = channel.receive(handle)
        channel.await(receive, budget)
        return channel.received(receive)
    }

    /**
     * Receives one message if that is possible without waiting.
     *
     * *Errors:* [WouldBlockException] when it would have to wait: there is no message, or others have been waiting for it;
     * [EndOfChannelException] and else as [receive].
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     *
     * @return the message
     */
    public fun receiveNow(): T = channel.receiveNow(handle)

    /**
     * Makes another receiving end of the same channel, which is closed separately.
     *
     * *Errors:* [ClosedResourceException] when this end is closed.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* any thread.
     *
     * @return the new end
     */
    public fun duplicate(): MemoryReceiveChannel<T> = MemoryReceiveChannel(channel, channel.duplicateReceiver(handle))

    /**
     * Closes this end; others of the same channel stay open. Coroutines that are suspended on this very end get [ClosedResourceException].
     * After the last receiving end, senders get [BrokenResourceException] and the messages in the channel are dropped (spec IO-CH4).
     *
     * *Errors:* none.
     *
     * *Cancellation:* this end is closed, then the cancellation is thrown (spec IO-CH5). Code that cannot suspend uses [closeForcefully],
     * which does the same.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        closeForcefully()
        currentCoroutineContext().ensureActive()
    }

    override fun closeForcefully(): Unit = channel.close(handle)
}

/**
 * Suspends until the operation is settled. A cancellation takes it back; if it has been settled in the same moment that wins, so that a
 * message which was handed over is not lost: it lies in the operation, not in the continuation.
 */
private suspend fun <T> SharedChannel<T>.await(operation: MemoryChannelState.Operation<T, Latch>, budget: Budget) {
    val latch = operation.waker() ?: return
    try {
        latch.await()
    } catch (e: CancellationException) {
        if (withdraw(operation)) throw e
    }
    budget.waited()
}
