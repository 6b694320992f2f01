package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException

/**
 * Something that yields connections. Generic over what it yields: a listener may wrap another and yield TLS streams.
 *
 * @param R the type of the connections
 */
public interface Listener<out R : AsyncResource> : AsyncResource {
    /**
     * Waits for the next connection. The caller owns it.
     *
     * *Errors:* [ClosedResourceException] when this listener was closed, before or meanwhile; [BusyResourceException] when another coroutine
     * is accepting; an `IOException` of the system, such as "too many open files", after which the listener is still good (spec IO-L1, IO-SL3).
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     */
    public suspend fun accept(): R
}
