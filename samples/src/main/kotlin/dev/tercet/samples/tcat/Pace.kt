package dev.tercet.samples.tcat

import dev.tercet.coroutines.Stream
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * Limits how many bytes move in a second, for `--rate`. Bytes move in pieces of a sixteenth of a second, and each is paid for before the next one
 * moves. Who was late by less than a piece makes up for it, else timers that are late would slow everything down.
 *
 * What is received is not taken from the socket any faster, so that the peer is slowed down, too.
 */
internal class Pace(private val bytesPerSecond: Long, private val clock: TimeSource.WithComparableMarks = TimeSource.Monotonic) {
    /** How many bytes may move at once. */
    val pieceBytes = (bytesPerSecond / PIECES_PER_SECOND).coerceIn(1, MAX_PIECE_BYTES).toInt()

    private var paidUntil = clock.markNow()

    /** Waits until a piece may move. */
    suspend fun awaitTurn() {
        val left = -paidUntil.elapsedNow()
        if (left > Duration.ZERO) delay(left)
    }

    fun moved(bytes: Int) {
        paidUntil = maxOf(paidUntil, clock.markNow() - 1.seconds / PIECES_PER_SECOND) + 1.seconds * (bytes.toDouble() / bytesPerSecond)
    }

    companion object {
        /** A piece is a byte at least, and must not take longer than what `-q` takes for silence. */
        const val SLOWEST = 16L

        private const val PIECES_PER_SECOND = 16
        private const val MAX_PIECE_BYTES = 65_536L

        /** The same stream, at [bytesPerSecond] in each direction. */
        fun over(stream: Stream, bytesPerSecond: Long, clock: TimeSource.WithComparableMarks = TimeSource.Monotonic): Stream {
            val sending = Pace(bytesPerSecond, clock)
            val receiving = Pace(bytesPerSecond, clock)
            return object : Stream by stream {
                override suspend fun sendAll(data: ByteBuffer) {
                    val end = data.limit()
                    try {
                        do {
                            sending.awaitTurn()
                            val bytes = minOf(end - data.position(), sending.pieceBytes)
                            stream.sendAll(data.limit(data.position() + bytes))
                            sending.moved(bytes)
                        } while (data.position() < end)
                    } finally {
                        data.limit(end)
                    }
                }

                override suspend fun receiveSome(into: ByteBuffer): Int {
                    receiving.awaitTurn()
                    val end = into.limit()
                    try {
                        into.limit(minOf(end, into.position() + receiving.pieceBytes))
                        return stream.receiveSome(into).also { if (it > 0) receiving.moved(it) }
                    } finally {
                        into.limit(end)
                    }
                }
            }
        }
    }
}
