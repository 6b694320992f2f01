package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import kotlin.contracts.ExperimentalContracts
import kotlin.contracts.InvocationKind
import kotlin.contracts.contract

/**
 * Something that holds an OS resource and must be closed: a stream, a listener, a channel. The suspending twin of
 * [dev.tercet.Resource].
 *
 * There are two closes. [close] is graceful and may suspend: a TLS stream sends close_notify, a socket waits until its port is free.
 * [closeForcefully] never suspends and never throws. After either of them the resource is released in every case (spec IO-A1).
 *
 * Close with `use { }`, which must be imported from this package: `import dev.tercet.coroutines.use`, or `dev.tercet.coroutines.*`. Without
 * that import the compiler finds the standard library's `use` for `Closeable` and reports a receiver type mismatch.
 */
public interface AsyncResource {
    /**
     * Closes gracefully. Closing an already closed resource does nothing (spec IO-A2). Operations in which other coroutines are suspended
     * end with [ClosedResourceException] (spec IO-A4).
     *
     * *Errors:* an `IOException` when EOF could not be sent to the peer; the resource is closed nevertheless.
     *
     * *Cancellation:* the resource is closed first, then the cancellation is thrown (spec IO-A5).
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    public suspend fun close()

    /**
     * Closes at once, without notifying the peer, without suspending and without throwing; for `finally` in a cancelled coroutine. The port
     * of a socket is *not* free yet when this returns. This wakes its event loop, which frees the port in its next turn. Only [close]
     * returns when the port is free.
     *
     * *Errors:* none.
     *
     * *Cancellation:* not affected by it.
     *
     * *Thread-safety:* any thread, any number of times.
     */
    public fun closeForcefully()
}

/**
 * Runs [block] and closes the resource after it, in every case. The failure of the block is thrown. A failure of `close` then becomes
 * suppressed, so neither a failed close nor a cancellation hides the cause (spec IO-A3, IO-A8).
 *
 * *Errors:* what [block] throws; if it does not throw, what `close` throws.
 *
 * *Cancellation:* the resource is closed in any case.
 *
 * *Thread-safety:* as that of the resource.
 *
 * @return the result of [block]
 */
@OptIn(ExperimentalContracts::class)
public suspend inline fun <R : AsyncResource, T> R.use(block: (R) -> T): T {
    contract { callsInPlace(block, InvocationKind.EXACTLY_ONCE) }
    val result =
        try {
            block(this)
        } catch (failure: Throwable) {
            try {
                close()
            } catch (closing: Throwable) {
                if (closing !== failure) failure.addSuppressed(closing)
            }
            throw failure
        }
    close()
    return result
}
