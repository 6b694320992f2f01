package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.EndOfChannelException
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * The sending half of a channel of whole messages.
 *
 * @param T the type of the messages
 */
public interface MessageSendChannel<in T> : AsyncResource {
    /**
     * Sends one message, suspending until it is taken or there is room for it.
     *
     * *Errors:* [BrokenResourceException] when no receiver is left; [ClosedResourceException] when this half was closed before or during
     * the call; [BusyResourceException] only from channels whose documentation forbids sharing (spec IO-CH1).
     *
     * *Cancellation:* no effect: the message was not sent (spec IO-CH5).
     *
     * *Thread-safety:* any number of senders, unless the channel's documentation forbids it.
     *
     * @param message the message
     */
    public suspend fun send(message: T)
}

/**
 * The receiving half of a channel of whole messages.
 *
 * @param T the type of the messages
 */
public interface MessageReceiveChannel<out T> : AsyncResource {
    /**
     * Waits for the next message.
     *
     * *Errors:* [EndOfChannelException] when everything was received and no sender is left; [BrokenResourceException] when the channel
     * ended uncleanly; [ClosedResourceException] when this half was closed before or during the call; [BusyResourceException] only from
     * channels whose documentation forbids sharing (spec IO-CH1).
     *
     * *Cancellation:* no effect: no message is lost.
     *
     * *Thread-safety:* any number of receivers, unless the channel's documentation forbids it; each message goes to exactly one.
     *
     * @return the message
     */
    public suspend fun receive(): T
}

/**
 * A channel of whole messages in both directions.
 *
 * @param T the type of the messages
 */
public interface MessageChannel<T> :
    MessageSendChannel<T>,
    MessageReceiveChannel<T>

/**
 * The messages of a channel until its end. The flow is cold: nothing is received before it is collected. Each message goes to one collector
 * only. It closes nothing.
 *
 * *Errors:* of the collection, as [MessageReceiveChannel.receive], without [EndOfChannelException], which ends the flow.
 *
 * *Cancellation:* no message is lost except emitted ones.
 *
 * *Thread-safety:* as [MessageReceiveChannel.receive].
 */
public fun <T> MessageReceiveChannel<T>.messages(): Flow<T> = flow {
    while (true) {
        val message =
            try {
                receive()
            } catch (e: EndOfChannelException) {
                break
            }
        emit(message)
    }
}
