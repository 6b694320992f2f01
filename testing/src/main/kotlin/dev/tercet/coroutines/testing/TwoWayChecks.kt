package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.testing.internal.SplitMix64
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream

/** The checks of both directions together; see Conformance.kt. */
internal class TwoWayChecks<L : Stream, R : Stream>(maker: suspend () -> Pair<L, R>, cloggedMaker: (suspend () -> Pair<L, R>)?) {
    private val pairs = Checks(maker)
    private val clogged = cloggedMaker?.let { Checks(it) }

    suspend fun run() {
        pairs.check("KIT-C41", "both ends are streams") { left, right ->
            must((left as Any) is Stream && (right as Any) is Stream) { "$left and $right are not streams" }
        }
        pairs.check("KIT-C42", "1 MiB each way at the same time, in random pieces (seed $SEED)") { left, right ->
            val data = SplitMix64(SEED).nextBytes(MEBIBYTE)
            val back = data.reversedArray()
            launch { sendInPieces(left, data, SEED + 1) }
            launch { sendInPieces(right, back, SEED + 2) }
            launch { mustReceiveInPieces(right, data, SEED + 3) }
            launch { mustReceiveInPieces(left, back, SEED + 4) }
        }
        pairs.check("KIT-C43", "closing one end gives a waiting receive of the other the end") { left, right ->
            val receiving = async { mustBeAtEnd(right) }
            settle()
            left.close()
            receiving.await()
            right.close()
        }
        pairs.check("KIT-C59", "what had arrived before a send failed is received, then Broken or the end") { left, right ->
            val sending = async { right.sendAll(bytesOf("last words")) }
            settle()
            if (!sending.isCompleted) {
                // Without a buffer nothing arrives before it is received.
                mustReceive(left, "last words")
                return@check
            }
            right.closeForcefully()
            sendUntilBroken(left)
            mustReceive(left, "last words")
            try {
                mustBeAtEnd(left)
            } catch (_: BrokenResourceException) {
                // Said by the failed send already.
            }
        }
        clogged?.check("KIT-C54", "closing ends a waiting send and a waiting receive with Closed") { left, _ ->
            val sending = async { mustThrow<ClosedResourceException> { left.sendAll(bytesOf("x")) } }
            // What is there is received first, however long a busy machine takes for it.
            val receiving = async { mustThrow<ClosedResourceException> { receiveToTheEnd(left) } }
            settle()
            left.closeForcefully()
            sending.await()
            receiving.await()
        }
    }

    private suspend fun sendInPieces(stream: SendStream, data: ByteArray, seed: Long) {
        val random = SplitMix64(seed)
        var at = 0
        while (at < data.size) {
            val n = minOf(random.nextInt(1, MAX_PIECE), data.size - at)
            stream.sendAll(data, at, n)
            at += n
        }
    }

    private suspend fun mustReceiveInPieces(stream: ReceiveStream, data: ByteArray, seed: Long) {
        val random = SplitMix64(seed)
        val received = ByteArrayOutputStream()
        while (received.size() < data.size) {
            val chunk = stream.receiveSome(random.nextInt(1, MAX_PIECE))
            must(chunk.isNotEmpty()) { "an empty chunk, or the end, after ${received.size()} bytes" }
            received.write(chunk)
        }
        must(received.toByteArray().contentEquals(data)) { "other bytes came than were sent" }
    }

    private suspend fun receiveToTheEnd(stream: ReceiveStream) {
        do {
            val chunk = stream.receiveSome()
        } while (chunk.isNotEmpty())
    }

    private companion object {
        const val SEED = 42_000L
        const val MEBIBYTE = 1024 * 1024
        const val MAX_PIECE = 16_385
    }
}
