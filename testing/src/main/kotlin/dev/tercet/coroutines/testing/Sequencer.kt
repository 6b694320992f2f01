package dev.tercet.coroutines.testing

import dev.tercet.coroutines.internal.await
import dev.tercet.testing.internal.Room
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.yield

/**
 * Puts blocks of different coroutines into an order: block 0 runs at once, block N when block N-1 has ended, well or badly (KIT-Q1).
 * ```
 * launch { sequencer.at(0) { a() }; sequencer.at(2) { c() } }
 * launch { sequencer.at(1) { b() } }
 * ```
 */
public class Sequencer {
    private val room = Room()

    /** Guarded by room. */
    private val taken = mutableSetOf<Int>()

    /** Guarded by room. The block that may run. */
    private var turn = 0

    /** Guarded by room. */
    private var broken = false

    /**
     * Waits for the turn of [position], then runs [block].
     *
     * *Errors:* [IllegalArgumentException] for a negative position; [IllegalStateException] when the position was used before (KIT-Q2), or
     * when a waiter was cancelled, since the order is then broken (KIT-Q3); what the block throws.
     *
     * *Cancellation:* while waiting, it breaks the sequence: all others who wait, and all who come later, get [IllegalStateException]. In
     * the block, it is like any other way to end.
     *
     * *Thread-safety:* any coroutine, each with a position of its own.
     *
     * @return the result of the block
     */
    public suspend fun <R> at(position: Int, block: suspend () -> R): R {
        require(position >= 0) { "the position must be at least 0, not $position" }
        room.change {
            checkWhole()
            check(taken.add(position)) { "position $position was used before" }
        }
        try {
            yield()
            room.until { broken || turn == position }.await()
        } catch (cancellation: CancellationException) {
            room.change { broken = true }
            throw cancellation
        }
        room.change { checkWhole() }
        try {
            return block()
        } finally {
            room.change { turn = position + 1 }
        }
    }

    private fun checkWhole() = check(!broken) { "sequence broken: a task was cancelled while it waited for its turn" }
}
