package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException

/**
 * A stream whose sending half can be ended while the receiving half goes on. TLS streams are not half-closeable, which is why this is a type
 * of its own (spec IO-H6).
 */
public interface HalfCloseableStream : Stream {
    /**
     * Ends the sending half: the peer receives everything that was sent, then the end of the stream. We keep receiving. A later [sendAll]
     * gets [ClosedResourceException]; a second `sendEof` does nothing (spec IO-H1, IO-H2).
     *
     * *Errors:* [BrokenResourceException] when the peer is gone; [ClosedResourceException] when this stream was closed without a `sendEof`
     * before; [BusyResourceException] when another coroutine is sending or waiting to.
     *
     * *Cancellation:* no effect: the end was not sent.
     *
     * *Thread-safety:* excludes sending; receiving concurrently is fine.
     */
    public suspend fun sendEof()
}
