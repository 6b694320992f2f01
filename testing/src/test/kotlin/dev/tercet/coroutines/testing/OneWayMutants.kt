package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.sendAll
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.ByteBuffer

/*
 * One-way streams that are broken on purpose. Each is wrong in one thing only, so that the check that is named must be the one that sees it.
 */

/** A sender with another way to send. */
private fun sending(below: SendStream, send: suspend (ByteBuffer) -> Unit) = object : SendStream by below {
    override suspend fun sendAll(data: ByteBuffer) = send(data)
}

/** A receiver with another way to receive. */
private fun receiving(below: ReceiveStream, receive: suspend (ByteBuffer) -> Int) = object : ReceiveStream by below {
    override suspend fun receiveSome(into: ByteBuffer) = receive(into)
}

private val nothing: ByteBuffer get() = ByteBuffer.allocate(0)

internal val transferMutants =
    listOf(
        mutant("KIT-C2", "a send that lets nobody run") { s, r ->
            val direct = MemoryReceiveStream()
            Pair(sending(s) { direct.putData(ByteArray(it.remaining()).also(it::get)) }, direct)
        },
        mutant("KIT-C3", "a receive that does not wait, but makes a byte up") { s, r ->
            Pair(s, receiving(r) { 1.also { _ -> it.put('x'.code.toByte()) } })
        },
        mutant("KIT-C4", "a send of nothing that ends the stream") { s, r ->
            Pair(sending(s) { if (it.hasRemaining()) s.sendAll(it) else s.close() }, r)
        },
        mutant("KIT-C5", "a send of a part of an array that sends all of it") { s, r ->
            Pair(sending(s) { if (it.hasArray()) s.sendAll(it.array()) else s.sendAll(it) }, r)
        },
        mutant("KIT-C6", "a send that leaves the position where it was") { s, r -> Pair(sending(s) { s.sendAll(it.duplicate()) }, r) },
        mutant("KIT-C8", "a receive into a full buffer that returns 0") { s, r ->
            Pair(s, receiving(r) { if (it.hasRemaining()) r.receiveSome(it) else 0 })
        },
        mutant("KIT-C10", "a receive without a size that gets the end") { s, r ->
            Pair(s, receiving(r) { if (it.remaining() == 65_536) -1 else r.receiveSome(it) })
        },
        mutant("KIT-C11", "a receive that does not advance a direct buffer") { s, r ->
            Pair(s, receiving(r) { r.receiveSome(if (it.isDirect) it.duplicate() else it) })
        },
        mutant("KIT-C12", "a stream that lets two receive, one after the other") { s, r ->
            val mutex = Mutex()
            Pair(s, receiving(r) { if (it.hasRemaining()) mutex.withLock { r.receiveSome(it) } else r.receiveSome(it) })
        },
        mutant("KIT-C12", "a stream that gives the second receiver the end") { s, r ->
            Pair(
                s,
                receiving(r) {
                    try {
                        r.receiveSome(it)
                    } catch (_: BusyResourceException) {
                        -1
                    }
                },
            )
        },
        mutant("KIT-C13", "a stream that a cancelled receive closes") { s, r ->
            Pair(
                s,
                receiving(r) {
                    try {
                        r.receiveSome(it)
                    } catch (cancelled: CancellationException) {
                        r.closeForcefully()
                        throw cancelled
                    }
                },
            )
        },
        mutant("KIT-C56", "a send that sends the last of 4097 bytes twice") { s, r ->
            Pair(
                sending(s) {
                    val twice = if (it.remaining() == 4097) it.duplicate().position(4096) else nothing
                    s.sendAll(it)
                    s.sendAll(twice)
                },
                r,
            )
        },
        mutant("KIT-C58", "a send that retains the array") { s, r ->
            var retained = nothing
            var sent = nothing
            val sender =
                sending(s) {
                    retained = it.duplicate()
                    sent = ByteBuffer.allocate(it.remaining()).put(it.duplicate()).flip()
                    s.sendAll(it)
                }
            Pair(
                sender,
                receiving(r) { into ->
                    val start = into.position()
                    r.receiveSome(into).also { n ->
                        val isWhole = n > 0 && into.duplicate().flip().position(start) == sent
                        if (isWhole) into.duplicate().position(start).put(retained.duplicate())
                    }
                },
            )
        },
        mutant("KIT-C55", "a receive of nothing before the end") { s, r ->
            var total = 0
            var lied = false
            Pair(
                s,
                receiving(r) {
                    if (total == 3 && it.remaining() == 65_536 && !lied) {
                        0.also { lied = true }
                    } else {
                        r.receiveSome(it).also { n -> total += n }
                    }
                },
            )
        },
    )

internal val closingMutants =
    listOf(
        mutant("KIT-C14", "a send that does not notice that the peer is gone") { s, r ->
            deaf(s).let { deaf -> Pair(sending(s) { deaf(it) }, r) }
        },
        mutant("KIT-C15", "a stream that forgets that it is Broken") { s, r ->
            var failures = 0
            Pair(
                sending(s) {
                    try {
                        s.sendAll(it)
                    } catch (broken: BrokenResourceException) {
                        if (failures++ % 2 == 0) throw broken
                    }
                },
                r,
            )
        },
        mutant("KIT-C16", "a closed receiver that gets the end") { s, r -> Pair(s, receiving(r) { endIfClosed { r.receiveSome(it) } }) },
        mutant("KIT-C17", "a receiver that is closed once only") { s, r -> Pair(s, ClosedOnce(r)) },
        mutant("KIT-C18", "a close that fails on a Broken stream") { s, r ->
            var broken: BrokenResourceException? = null
            Pair(
                object : SendStream by s {
                    override suspend fun sendAll(data: ByteBuffer) = try {
                        s.sendAll(data)
                    } catch (failure: BrokenResourceException) {
                        broken = failure
                        throw failure
                    }

                    override suspend fun close() {
                        s.close()
                        broken?.let { throw it }
                    }
                },
                r,
            )
        },
        mutant("KIT-C19", "a stream whose Broken outranks Closed") { s, r ->
            var broken: BrokenResourceException? = null
            Pair(
                sending(s) {
                    try {
                        broken?.let { throw it }
                        s.sendAll(it)
                    } catch (failure: BrokenResourceException) {
                        broken = failure
                        throw failure
                    }
                },
                r,
            )
        },
        mutant("KIT-C20", "a send of nothing that passes on a closed stream") { s, r ->
            Pair(
                sending(s) {
                    val isEmpty = !it.hasRemaining()
                    try {
                        s.sendAll(it)
                    } catch (closed: ClosedResourceException) {
                        if (!isEmpty) throw closed
                    }
                },
                r,
            )
        },
        mutant("KIT-C21", "a wait to send that passes on a closed stream") { s, r ->
            Pair(
                object : SendStream by s {
                    override suspend fun waitSendAllMightNotBlock() = try {
                        s.waitSendAllMightNotBlock()
                    } catch (_: ClosedResourceException) {
                    }
                },
                r,
            )
        },
        mutant("KIT-C22", "a sender that is closed once only") { s, r ->
            var closes = 0
            Pair(
                object : SendStream by s {
                    override suspend fun close() {
                        s.close()
                        if (++closes > 1) throw IOException("closed already")
                    }
                },
                r,
            )
        },
        mutant("KIT-C23", "a graceful close that loses what was not received") { s, r ->
            var closed = false
            Pair(onClose(s) { closed = true }, receiving(r) { if (closed) -1 else r.receiveSome(it) })
        },
        mutant("KIT-C24", "a close that fails after the end") { s, r ->
            var ended = false
            Pair(
                s,
                object : ReceiveStream by r {
                    override suspend fun receiveSome(into: ByteBuffer) = r.receiveSome(into).also { ended = it == -1 }

                    override suspend fun close() {
                        r.close()
                        if (ended) throw IOException("nothing to close")
                    }
                },
            )
        },
        mutant("KIT-C25", "a send that does not notice a forced close of the peer") { s, r ->
            var forced = false
            val deaf = deaf(s)
            Pair(sending(s) { if (forced) deaf(it) else s.sendAll(it) }, onForcedClose(r) { forced = true })
        },
        mutant("KIT-C26", "a receiver that gets the end after its own forced close") { s, r ->
            var forced = false
            val receiver = receiving(r) { if (forced) endIfClosed { r.receiveSome(it) } else r.receiveSome(it) }
            Pair(s, onForcedClose(receiver) { forced = true })
        },
        mutant("KIT-C27", "a sender that is Broken after its own forced close") { s, r ->
            var forced = false
            val sender =
                sending(s) {
                    if (forced) throw BrokenResourceException("gone", null)
                    s.sendAll(it)
                }
            Pair(onForcedClose(sender) { forced = true }, r)
        },
        mutant("KIT-C28", "a forced close that lets bytes appear at the peer") { s, r ->
            var forced = false
            Pair(
                onForcedClose(s) { forced = true },
                receiving(r) { if (forced) 1.also { _ -> it.put(0) } else r.receiveSome(it) },
            )
        },
        mutant("KIT-C32", "a close that gives a waiting receive the end") { s, r ->
            var closed = false
            Pair(
                s,
                object : ReceiveStream by r {
                    override suspend fun receiveSome(into: ByteBuffer) =
                        if (closed) r.receiveSome(into) else endIfClosed { r.receiveSome(into) }

                    override suspend fun close() {
                        closed = true
                        r.close()
                    }

                    override fun closeForcefully() {
                        closed = true
                        r.closeForcefully()
                    }
                },
            )
        },
        mutant("KIT-C32", "a close that does not wake a waiting receive") { s, r ->
            var waiting = false
            Pair(
                s,
                object : ReceiveStream by r {
                    override suspend fun receiveSome(into: ByteBuffer): Int {
                        waiting = true
                        return try {
                            r.receiveSome(into)
                        } finally {
                            waiting = false
                        }
                    }

                    override fun closeForcefully() {
                        if (!waiting) r.closeForcefully()
                    }
                },
            )
        },
        mutant("KIT-C51", "an end that does not stay") { s, r ->
            var ends = 0
            Pair(s, receiving(r) { into -> r.receiveSome(into).let { n -> if (n == -1 && ++ends > 1) 1.also { into.put(0) } else n } })
        },
    )

internal val cancellationMutants =
    listOf(
        mutant("KIT-C29", "a close that does nothing in a cancelled scope") { s, r ->
            Pair(
                object : SendStream by s {
                    override suspend fun close() {
                        currentCoroutineContext().ensureActive()
                        s.close()
                    }
                },
                r,
            )
        },
        mutant("KIT-C30", "a send that does not notice a cancellation") { s, r ->
            Pair(sending(s) { withContext(NonCancellable) { s.sendAll(it) } }, r)
        },
        mutant("KIT-C30", "a send of nothing that does not notice a cancellation") { s, r ->
            Pair(sending(s) { if (it.hasRemaining()) s.sendAll(it) else withContext(NonCancellable) { s.sendAll(it) } }, r)
        },
        mutant("KIT-C31", "a close that fails after a cancelled send") { s, r ->
            var spoilt = false
            Pair(
                object : SendStream by s {
                    override suspend fun sendAll(data: ByteBuffer) = try {
                        s.sendAll(data)
                    } catch (cancelled: CancellationException) {
                        spoilt = true
                        throw cancelled
                    }

                    override suspend fun close() {
                        s.close()
                        if (spoilt) throw BrokenResourceException("spoilt", null)
                    }
                },
                r,
            )
        },
        mutant("KIT-C52", "a cancelled receive that loses what it has got") { s, r ->
            Pair(s, receiving(r) { into -> r.receiveSome(into).also { yield() } })
        },
        cloggedMutant("KIT-C53", "a send that begins with the whole of a cancelled one") { s, r ->
            var unsent = nothing
            Pair(
                sending(s) {
                    val before = unsent
                    unsent = it.duplicate()
                    s.sendAll(before)
                    s.sendAll(it)
                    unsent = nothing
                },
                r,
            )
        },
    )

/** A receiver whose second close fails. */
private class ClosedOnce(private val below: ReceiveStream) : ReceiveStream by below {
    private var closes = 0

    override suspend fun close() {
        below.close()
        if (++closes > 1) throw IOException("closed already")
    }
}

/** Sends as if nothing were wrong. It asks a Broken stream no second time: 100,000 exceptions take seconds. */
private fun deaf(s: SendStream): suspend (ByteBuffer) -> Unit {
    var isBroken = false
    return { data ->
        try {
            if (!isBroken) s.sendAll(data)
        } catch (_: BrokenResourceException) {
            isBroken = true
        }
    }
}

private suspend fun endIfClosed(block: suspend () -> Int) = try {
    block()
} catch (_: ClosedResourceException) {
    -1
}

private fun onClose(below: SendStream, action: () -> Unit) = object : SendStream by below {
    override suspend fun close() {
        action()
        below.close()
    }
}

private fun onForcedClose(below: SendStream, action: () -> Unit) = object : SendStream by below {
    override fun closeForcefully() {
        action()
        below.closeForcefully()
    }
}

private fun onForcedClose(below: ReceiveStream, action: () -> Unit) = object : ReceiveStream by below {
    override fun closeForcefully() {
        action()
        below.closeForcefully()
    }
}
