package dev.tercet.samples.tcat

import dev.tercet.coroutines.ReceiveStream
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource

/**
 * Measures how long nothing has arrived, for `-q`. Time counts only while the program waits for the peer: a slow reader of stdout is not the
 * peer's silence.
 */
internal class Quiet(private val clock: TimeSource.WithComparableMarks = TimeSource.Monotonic) {
    @Volatile private var waitingSince: TimeMark? = null

    /** Runs [receive], which waits for the peer. */
    suspend inline fun <T> whileWaiting(receive: suspend () -> T): T {
        waitingSince = clock.markNow()
        try {
            return receive()
        } finally {
            waitingSince = null
        }
    }

    /** The same stream; its waiting is measured. */
    fun over(stream: ReceiveStream): ReceiveStream = object : ReceiveStream by stream {
        override suspend fun receiveSome(into: ByteBuffer) = whileWaiting { stream.receiveSome(into) }
    }

    /** Returns when nothing has arrived for [limit], counted from this call at the earliest. */
    suspend fun await(limit: Duration) {
        val called = clock.markNow()
        while (true) {
            val quiet = waitingSince?.let { minOf(it.elapsedNow(), called.elapsedNow()) } ?: Duration.ZERO
            if (quiet >= limit) return
            delay(limit - quiet)
        }
    }

    companion object {
        /** Without `-q`, where the end of stdin cannot be sent to the peer, and the peer may wait for it. */
        val WHERE_STDIN_CANNOT_END = 1.seconds
    }
}
