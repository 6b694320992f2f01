package dev.tercet.coroutines.internal

import kotlinx.coroutines.CancellationException

/**
 * What became of a body that ran inside a scope of kotlinx.coroutines (`withTimeout`, `withContext`, `coroutineScope`).
 *
 * The problem: these scopes throw the body's result away when they are cancelled at the moment when it ends, or while the result travels to
 * a caller who was suspended. If the result is a socket, nobody can close it any more. So it does not travel through the scope. It is kept
 * here, outside, and **a body that has finished wins**: its result is returned, and the caller's next checkpoint throws the cancellation.
 *
 * Written by the body, read when the scope has ended: that is ordered by the scope, whatever threads they run on.
 */
internal class Outcome<R> {
    private var value: R? = null

    /** The body has begun. */
    var isStarted: Boolean = false
        private set

    /** The body has returned normally. */
    var isFinished: Boolean = false
        private set

    /** Runs the body: inside the scope, once. */
    suspend inline fun keep(body: suspend () -> R) {
        isStarted = true
        value = body()
        isFinished = true
    }

    /** The result; only when [isFinished]. */
    @Suppress("UNCHECKED_CAST")
    fun value(): R = value as R

    /**
     * Decides about what the scope has thrown: does nothing if the body has finished and this is a mere cancellation, else throws it as it
     * was thrown originally.
     */
    fun finishedOrThrow(thrown: Throwable) {
        if (thrown is CancellationException) {
            if (isFinished) return
            throw thrown
        }
        throw thrown.original()
    }
}
