package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException

/**
 * A stream whose sending half can end while the receiving half continues. TLS streams are not half-closeable, so this is a separate type
 * (spec IO-H6).
 */
public interface HalfCloseableStream : Stream {
    /**
     * Ends the sending half: the peer receives everything that was sent, then EOF. This side keeps receiving. A later [sendAll] gets
     * [ClosedResourceException]; a second `sendEof` does nothing (spec IO-H1, IO-H2).
     *
     * *Errors:* [BrokenResourceException] when the peer is gone; [ClosedResourceException] when this stream was closed without a `sendEof`
     * before; [BusyResourceException] when another coroutine is sending or waiting to.
     *
     * *Cancellation:* no effect: EOF was not sent.
     *
     * *Thread-safety:* excludes sending; receiving concurrently is fine.
     */
    public suspend fun sendEof()
}
