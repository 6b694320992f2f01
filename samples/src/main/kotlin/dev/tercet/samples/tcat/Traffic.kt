package dev.tercet.samples.tcat

import dev.tercet.coroutines.nursery
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.TimeSource

/** What has moved, and when last. */
internal class Traffic(private val transcript: Transcript?) {
    private val peers = HashMap<Any, Transcript.Peer>()
    private var sentDatagrams = 0L
    private var sentBytes = 0L
    private var receivedDatagrams = 0L
    private var receivedBytes = 0L
    private var last = TimeSource.Monotonic.markNow()

    /** What stands in the buffer up to its position went to [peer]. */
    suspend fun sent(datagram: ByteBuffer, peer: Any) {
        sentDatagrams++
        sentBytes += datagram.position()
        last = TimeSource.Monotonic.markNow()
        shown(peer)?.sent(datagram.duplicate().flip())
    }

    /** What stands in the buffer up to its position came from [peer]. */
    suspend fun received(datagram: ByteBuffer, peer: Any) {
        receivedDatagrams++
        receivedBytes += datagram.position()
        last = TimeSource.Monotonic.markNow()
        shown(peer)?.received(datagram.duplicate().flip())
    }

    /** Anybody may send, from as many addresses as there are: then offsets begin anew. */
    private fun shown(peer: Any): Transcript.Peer? {
        if (transcript == null) return null
        if (peers.size == MAX_PEERS && peer !in peers) peers.clear()
        return peers.getOrPut(peer) { transcript.Peer(peer) }
    }

    /** Runs until it ends, or until nothing has moved for [timeout]. */
    suspend fun untilQuiet(timeout: Duration?, body: suspend () -> Unit) = nursery {
        val working = startSoon { body() }
        if (timeout == null) return@nursery
        last = TimeSource.Monotonic.markNow()
        val watching =
            startSoon {
                while (true) {
                    val left = timeout - last.elapsedNow()
                    if (left <= Duration.ZERO) break
                    delay(left)
                }
                working.cancel()
            }
        working.join()
        watching.cancel()
    }

    override fun toString() = "sent $sentDatagrams datagrams of $sentBytes bytes, received $receivedDatagrams of $receivedBytes"

    private companion object {
        const val MAX_PEERS = 1000
    }
}
