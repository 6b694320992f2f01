package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import kotlinx.coroutines.awaitCancellation
import java.nio.ByteBuffer

/** A sender with another way to wait. */
private fun waiting(below: SendStream, wait: suspend () -> Unit) = object : SendStream by below {
    override suspend fun waitSendAllMightNotBlock() = wait()
}

internal val cloggedMutants =
    listOf(
        cloggedMutant("KIT-C33", "a wait to send that returns early") { s, r -> Pair(waiting(s) {}, r) },
        cloggedMutant("KIT-C33", "a wait to send that does not return") { s, r -> Pair(waiting(s) { awaitCancellation() }, r) },
        cloggedMutant("KIT-C34", "a stream on which two can wait to send") { s, r ->
            var waits = 0
            Pair(
                waiting(s) {
                    waits++
                    try {
                        s.waitSendAllMightNotBlock()
                    } catch (busy: BusyResourceException) {
                        if (waits < 2) throw busy
                    } finally {
                        waits--
                    }
                },
                r,
            )
        },
        cloggedMutant("KIT-C35", "a stream on which one can send while another waits to") { s, r ->
            var waits = 0
            Pair(
                object : SendStream by s {
                    override suspend fun sendAll(data: ByteBuffer) = try {
                        s.sendAll(data)
                    } catch (busy: BusyResourceException) {
                        if (waits == 0) throw busy else Unit
                    }

                    override suspend fun waitSendAllMightNotBlock() {
                        waits++
                        try {
                            s.waitSendAllMightNotBlock()
                        } finally {
                            waits--
                        }
                    }
                },
                r,
            )
        },
        cloggedMutant("KIT-C36", "a stream on which two can send") { s, r ->
            var sends = 0
            Pair(
                object : SendStream by s {
                    override suspend fun sendAll(data: ByteBuffer) {
                        sends++
                        try {
                            s.sendAll(data)
                        } catch (busy: BusyResourceException) {
                            if (sends < 2) throw busy
                        } finally {
                            sends--
                        }
                    }
                },
                r,
            )
        },
        cloggedMutant("KIT-C37", "a wait to send that is Closed when the peer closes") { s, r ->
            var closed = false
            val sender =
                waiting(s) {
                    val before = closed
                    s.waitSendAllMightNotBlock()
                    if (closed && !before) throw ClosedResourceException("closed by the peer")
                }
            Pair(sender, peer(r) { closed = true })
        },
        cloggedMutant("KIT-C38", "a wait to send that hangs when the peer is closed") { s, r ->
            var closed = false
            Pair(waiting(s) { if (closed) awaitCancellation() else s.waitSendAllMightNotBlock() }, peer(r) { closed = true })
        },
        cloggedMutant("KIT-C39", "a close that gives a waiting send Broken") { s, r ->
            var sends = 0
            Pair(
                object : SendStream by s {
                    override suspend fun sendAll(data: ByteBuffer) {
                        sends++
                        try {
                            s.sendAll(data)
                        } catch (closed: ClosedResourceException) {
                            throw BrokenResourceException("gone", closed)
                        } finally {
                            sends--
                        }
                    }
                },
                r,
            )
        },
        cloggedMutant("KIT-C39", "a close that does not wake a waiting send") { s, r -> Pair(unwakeable(s), r) },
        cloggedMutant("KIT-C40", "a close that lets a wait to send return") { s, r ->
            Pair(
                waiting(s) {
                    try {
                        s.waitSendAllMightNotBlock()
                    } catch (_: ClosedResourceException) {
                    }
                },
                r,
            )
        },
    )

private fun unwakeable(below: SendStream) = object : SendStream by below {
    private var sends = 0

    override suspend fun sendAll(data: ByteBuffer) {
        sends++
        try {
            below.sendAll(data)
        } finally {
            sends--
        }
    }

    override fun closeForcefully() {
        if (sends == 0) below.closeForcefully()
    }
}

private fun peer(below: ReceiveStream, action: () -> Unit) = object : ReceiveStream by below {
    override fun closeForcefully() {
        action()
        below.closeForcefully()
    }
}
