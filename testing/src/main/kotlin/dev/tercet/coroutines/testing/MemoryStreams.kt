package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.StapledStream
import dev.tercet.testing.internal.LockstepPipe
import dev.tercet.testing.internal.Pump

/*
 * Streams that are connected in memory, for testing protocols without a network. The memory pairs have unbounded buffers: a send never
 * suspends for long. The lockstep pairs have none at all: a send suspends until its last byte was received.
 */

/**
 * A one-way connection in memory. What is sent can be received at once: the send hook pumps, and so does the close hook. Replace the hooks
 * to slow it down or to stall it (KIT-M25, KIT-M26). This lets one byte through every second of virtual time (KIT-M29):
 * ```
 * send.sendAllHook = { while (memoryStreamPump(send, receive, maxBytes = 1)) delay(1.seconds) }
 * ```
 *
 * @return the sending end and the receiving end
 */
public fun memoryStreamOneWayPair(): Pair<MemorySendStream, MemoryReceiveStream> {
    val send = MemorySendStream()
    val receive = MemoryReceiveStream()
    send.sendAllHook = { memoryStreamPump(send, receive) }
    send.closeHook = { Pump.pumpToTheEnd(send.half, receive.half) }
    return send to receive
}

/**
 * A two-way connection in memory, made of two one-way ones. All four ends are accessible, as `left.sendStream` or `right.receiveStream`, so a
 * test can rewire one direction (KIT-M27).
 *
 * @return the two ends
 */
public fun memoryStreamPair(): Pair<
    StapledStream<MemorySendStream, MemoryReceiveStream>,
    StapledStream<MemorySendStream, MemoryReceiveStream>,
    > {
    val (sendRight, receiveRight) = memoryStreamOneWayPair()
    val (sendLeft, receiveLeft) = memoryStreamOneWayPair()
    return StapledStream(sendRight, receiveLeft) to StapledStream(sendLeft, receiveRight)
}

/**
 * A one-way connection without any buffer (KIT-L1 to L9). A send suspends until its last byte was received; `waitSendAllMightNotBlock`
 * suspends until somebody is receiving. Cancelling a send takes the unread bytes back, and the stream stays usable.
 *
 * @return the sending end and the receiving end
 */
public fun lockstepStreamOneWayPair(): Pair<SendStream, ReceiveStream> {
    val pipe = LockstepPipe()
    return LockstepSendStream(pipe) to LockstepReceiveStream(pipe)
}

/**
 * A two-way connection without any buffer: two of [lockstepStreamOneWayPair].
 *
 * @return the two ends
 */
public fun lockstepStreamPair(): Pair<StapledStream<SendStream, ReceiveStream>, StapledStream<SendStream, ReceiveStream>> {
    val (sendRight, receiveRight) = lockstepStreamOneWayPair()
    val (sendLeft, receiveLeft) = lockstepStreamOneWayPair()
    return StapledStream(sendRight, receiveLeft) to StapledStream(sendLeft, receiveRight)
}

/**
 * Moves bytes from where they were sent to where they can be received; or, when [from] is closed and drained, the end. Does not suspend.
 *
 * *Errors:* [BrokenResourceException] when [to] is closed; the bytes are gone (KIT-M22). [IllegalArgumentException] for [maxBytes] below 1.
 *
 * *Cancellation:* not affected by it.
 *
 * *Thread-safety:* any thread.
 *
 * @param maxBytes how many at most, 1 or more
 * @return true when bytes or the end moved, false when [from] is open and empty
 */
public fun memoryStreamPump(from: MemorySendStream, to: MemoryReceiveStream, maxBytes: Int = Int.MAX_VALUE): Boolean =
    Pump.pump(from.half, to.half, maxBytes)
