package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException

/**
 * A source of connections, generic over their type: a listener may wrap another and yield TLS streams.
 *
 * @param R the type of the connections
 */
public interface Listener<out R : AsyncResource> : AsyncResource {
    /**
     * Waits for the next connection. The caller owns it.
     *
     * *Errors:* [ClosedResourceException] when this listener was closed before or during the call; [BusyResourceException] when another
     * coroutine is accepting; a system `IOException`, such as "too many open files". The listener stays usable after it (spec IO-L1,
     * IO-SL3).
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     *
     * @return the connection
     */
    public suspend fun accept(): R
}
