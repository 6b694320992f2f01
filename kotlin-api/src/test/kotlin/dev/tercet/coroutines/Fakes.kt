package dev.tercet.coroutines

import kotlinx.coroutines.awaitCancellation
import java.nio.ByteBuffer

/** Yields pieces, one per receive; null stands for a receive that never gets anything. Then the end. */
internal class PiecesStream(vararg pieces: ByteArray?) : ReceiveStream {
    private val pieces = ArrayDeque(pieces.toList())
    var closed = false

    override suspend fun receiveSome(into: ByteBuffer): Int {
        if (pieces.isEmpty()) return -1
        val piece = pieces.removeFirst() ?: awaitCancellation()
        val n = minOf(piece.size, into.remaining())
        into.put(piece, 0, n)
        if (n < piece.size) pieces.addFirst(piece.copyOfRange(n, piece.size))
        return n
    }

    override suspend fun close() {
        closed = true
    }

    override fun closeForcefully() {
        closed = true
    }
}
