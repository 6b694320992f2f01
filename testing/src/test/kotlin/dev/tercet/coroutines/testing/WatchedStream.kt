package dev.tercet.coroutines.testing

import dev.tercet.coroutines.Stream
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/**
 * A transport that counts what is asked of it, keeps what is sent, and sees whether two coroutines send at once, or two receive. The hooks
 * run inside, before the call goes on to the stream below.
 */
internal class WatchedStream(private val below: Stream) : Stream {
    private val sent = ByteArrayOutputStream()
    private var sending = false
    private var receiving = false
    var sends = 0
    var waits = 0
    var receives = 0
    var closes = 0

    /** How often a second coroutine was inside. */
    var overlaps = 0

    /** The most bytes of one send. */
    var largestSend = 0
    var sendHook: suspend () -> Unit = {}
    var waitHook: suspend () -> Unit = {}
    var receiveHook: suspend () -> Unit = {}

    /** The types of the records that were sent: 22 for the handshake, 21 an alert, 23 data. */
    fun sentRecords(): List<Int> = buildList {
        val all = sent.toByteArray()
        var at = 0
        while (at < all.size) {
            add(all[at].toInt())
            at += 5 + ((all[at + 3].toInt() and 0xff shl 8) or (all[at + 4].toInt() and 0xff))
        }
    }

    override suspend fun sendAll(data: ByteBuffer) {
        sends++
        largestSend = maxOf(largestSend, data.remaining())
        sending {
            sendHook()
            sent.writeBytes(ByteArray(data.remaining()).also { data.duplicate().get(it) })
            below.sendAll(data)
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        waits++
        sending {
            waitHook()
            below.waitSendAllMightNotBlock()
        }
    }

    override suspend fun receiveSome(into: ByteBuffer): Int {
        receives++
        if (receiving) overlaps++
        receiving = true
        try {
            receiveHook()
            return below.receiveSome(into)
        } finally {
            receiving = false
        }
    }

    override suspend fun close() {
        closes++
        below.close()
    }

    override fun closeForcefully() {
        closes++
        below.closeForcefully()
    }

    private inline fun sending(call: () -> Unit) {
        if (sending) overlaps++
        sending = true
        try {
            call()
        } finally {
            sending = false
        }
    }
}
