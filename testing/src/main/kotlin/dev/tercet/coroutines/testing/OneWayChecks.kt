package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.chunks
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.testing.internal.SplitMix64
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.util.Arrays
import java.util.Collections

/** The checks of one direction; see Conformance.kt. */
internal class OneWayChecks<S : SendStream, R : ReceiveStream>(
    maker: suspend () -> Pair<S, R>,
    cloggedMaker: (suspend () -> Pair<S, R>)?,
) {
    private val pairs = Checks(maker)
    private val clogged = cloggedMaker?.let { Checks(it) }

    suspend fun run() {
        transfer()
        arguments()
        exclusion()
        closing()
        closingWhileUsed()
        cancellation()
        bulk()
        clogged?.clogging()
    }

    private suspend fun transfer() {
        pairs.check("KIT-C1", "one end sends, the other receives") { s, r ->
            must((s as Any) is SendStream && (r as Any) is ReceiveStream) { "$s and $r are not a sender and a receiver" }
        }
        pairs.check("KIT-C2", "a send lets others run") { s, r ->
            launch { mustReceive(r, "x") }
            assertSchedulePoint { s.sendAll(bytesOf("x")) }
        }
        pairs.check("KIT-C3", "what is sent is received, no more and no less, and receiving lets others run") { s, r ->
            launch { s.sendAll(bytesOf("x")) }
            val received = assertSchedulePoint { r.receiveSome(1) }
            must(received.decodeToString() == "x") { "received \"${received.decodeToString()}\"" }
        }
        pairs.check("KIT-C4", "sending nothing is no marker: the reader sees only what comes after") { s, r ->
            launch {
                s.sendAll(ByteArray(0))
                s.sendAll(bytesOf("y"))
            }
            mustReceive(r, "y")
        }
        pairs.check("KIT-C5", "an array can be sent, and a part of one") { s, r ->
            launch {
                s.sendAll(bytesOf("ab"))
                s.sendAll(bytesOf("-cd-"), 1, 2)
            }
            mustReceive(r, "abcd")
        }
        pairs.check("KIT-C6", "heap, direct, read-only and sliced buffers are sent from position to limit") { s, r ->
            val direct = ByteBuffer.allocateDirect(2).put(bytesOf("bc")).flip()
            val slice = ByteBuffer.wrap(bytesOf("--ef--")).position(2).slice().limit(2)
            val buffers =
                listOf(
                    ByteBuffer.wrap(bytesOf("-a-")).position(1).limit(2),
                    direct,
                    ByteBuffer.wrap(bytesOf("d")).asReadOnlyBuffer(),
                    slice,
                )
            launch {
                for (buffer in buffers) {
                    s.sendAll(buffer)
                    must(buffer.position() == buffer.limit()) { "the position of $buffer is not at its limit" }
                }
            }
            mustReceive(r, "abcdef")
        }
        pairs.check("KIT-C10", "receiveSome without a size works") { s, r ->
            launch { s.sendAll(bytesOf("x")) }
            must(r.receiveSome().decodeToString() == "x") { "received something else" }
        }
        pairs.check("KIT-C11", "receiveSome into a large direct buffer advances it by what came") { s, r ->
            launch { s.sendAll(bytesOf("x")) }
            val buffer = ByteBuffer.allocateDirect(1000).position(3)
            must(r.receiveSome(buffer) == 1 && buffer.position() == 4) { "the buffer is now $buffer" }
        }
        pairs.check("KIT-C13", "waitSendAllMightNotBlock returns when a reader waits, and a cancelled receive breaks nothing") { s, r ->
            val reader = launch { r.receiveSome(1) }
            settle()
            s.waitSendAllMightNotBlock()
            reader.cancelAndJoin()
            launch { s.sendAll(bytesOf("z")) }
            mustReceive(r, "z")
        }
    }

    private suspend fun arguments() {
        pairs.check("KIT-C7", "a negative size is an argument error, also after a close") { _, r ->
            mustThrow<IllegalArgumentException> { r.receiveSome(-1) }
            r.closeForcefully()
            mustThrow<IllegalArgumentException> { r.receiveSome(-1) }
        }
        pairs.check("KIT-C8", "a size of zero and a full buffer are argument errors, also after a close") { _, r ->
            mustThrow<IllegalArgumentException> { r.receiveSome(0) }
            mustThrow<IllegalArgumentException> { r.receiveSome(ByteBuffer.allocate(0)) }
            r.closeForcefully()
            mustThrow<IllegalArgumentException> { r.receiveSome(ByteBuffer.allocate(0)) }
        }
    }

    private suspend fun exclusion() {
        pairs.check("KIT-C12", "of two receivers one is Busy") { _, r ->
            exactlyOneIsBusy({ r.receiveSome(1) }, { r.receiveSome(1) })
        }
    }

    private suspend fun closing() {
        pairs.check("KIT-C14", "when the receiver is closed the sender is Broken in the end") { s, r ->
            r.close()
            sendUntilBroken(s)
            step("KIT-C15", "it stays Broken")
            mustThrow<BrokenResourceException> { s.sendAll(bytesOf("x")) }
            step("KIT-C16", "receiving after the own close is Closed")
            mustThrow<ClosedResourceException> { r.receiveSome(1) }
            step("KIT-C17", "closing the receiver again, twice, is fine, and each time a cancellation is noticed")
            repeat(2) { r.close() }
            must(!returnsWhenCancelled { r.close() }) { "close returned in a cancelled scope" }
            step("KIT-C18", "closing a Broken sender succeeds")
            s.close()
            step("KIT-C19", "Closed outranks Broken")
            mustThrow<ClosedResourceException> { s.sendAll(bytesOf("x")) }
            step("KIT-C20", "sending nothing on a closed stream is Closed too")
            mustThrow<ClosedResourceException> { s.sendAll(ByteArray(0)) }
            step("KIT-C21", "waiting to send on a closed stream is Closed")
            mustThrow<ClosedResourceException> { s.waitSendAllMightNotBlock() }
            step("KIT-C22", "closing the sender again, twice, is fine")
            repeat(2) { s.close() }
        }
        pairs.check("KIT-C23", "what was sent before a graceful close arrives, then the end, however late the reader") { s, r ->
            launch {
                s.sendAll(bytesOf("y"))
                s.close()
            }
            settle()
            mustReceive(r, "y")
            mustBeAtEnd(r)
            step("KIT-C51", "the end stays")
            repeat(3) { mustBeAtEnd(r) }
            step("KIT-C24", "closing after the end is fine")
            r.close()
        }
        pairs.check("KIT-C25", "when the receiver is force-closed the sender is Broken in the end") { s, r ->
            r.closeForcefully()
            sendUntilBroken(s)
            step("KIT-C26", "receiving after the own forced close is Closed")
            mustThrow<ClosedResourceException> { r.receiveSome(1) }
        }
        pairs.check("KIT-C27", "sending after the own forced close is Closed") { s, r ->
            s.closeForcefully()
            mustThrow<ClosedResourceException> { s.sendAll(bytesOf("x")) }
            step("KIT-C28", "the peer of a forced close gets the end or Broken, no data and no hang")
            try {
                mustBeAtEnd(r)
            } catch (_: BrokenResourceException) {
                // As good.
            }
        }
    }

    private suspend fun closingWhileUsed() {
        pairs.check("KIT-C32", "closing ends a waiting receive with Closed") { _, r ->
            val receiving = async { mustThrow<ClosedResourceException> { r.receiveSome(1) } }
            settle()
            r.closeForcefully()
            receiving.await()
        }
    }

    private suspend fun cancellation() {
        pairs.check("KIT-C29", "closing in a cancelled scope closes all the same") { s, r ->
            returnsWhenCancelled { r.close() }
            returnsWhenCancelled { s.close() }
            mustThrow<ClosedResourceException> { s.sendAll(bytesOf("x")) }
            mustThrow<ClosedResourceException> { r.receiveSome(1) }
        }
        pairs.check("KIT-C30", "sending and receiving in a cancelled scope throw the cancellation") { s, r ->
            must(!returnsWhenCancelled { s.sendAll(bytesOf("x")) }) { "the send returned" }
            must(!returnsWhenCancelled { s.sendAll(ByteArray(0)) }) { "the send of nothing returned" }
            must(!returnsWhenCancelled { r.receiveSome(1) }) { "the receive returned" }
            step("KIT-C31", "after that both ends can be closed gracefully, at the same time")
            coroutineScope {
                launch { s.close() }
                launch { r.close() }
            }
        }
        pairs.check("KIT-C52", "a hundred cancelled receives lose no byte (seed $SEED)") { s, r ->
            val random = SplitMix64(SEED)
            val data = random.nextBytes(20_000)
            val received = ByteArrayOutputStream()
            val sending =
                launch {
                    var at = 0
                    while (at < data.size) {
                        val n = minOf(random.nextInt(1, 400), data.size - at)
                        s.sendAll(data, at, n)
                        at += n
                        yield()
                    }
                    s.close()
                }
            val turns = SplitMix64(SEED + 1)
            repeat(100) {
                val receiving = launch { received.write(r.receiveSome(100)) }
                repeat(turns.nextInt(0, 6)) { yield() }
                receiving.cancelAndJoin()
            }
            received.write(receiveAll(r))
            sending.join()
            must(received.toByteArray().contentEquals(data)) { "${received.size()} of ${data.size} bytes came, or not these" }
        }
        (clogged ?: pairs).check(
            "KIT-C53",
            "after a cancelled send nothing hangs, and what comes is what was sent, from the beginning on",
        ) {
                s,
                r,
            ->
            val received = ByteArrayOutputStream()
            val data = SplitMix64(SEED + 2).nextBytes(200_000)
            val sending = launch { s.sendAll(data) }
            settle()
            val some = launch { received.write(r.receiveSome(1000)) }
            settle()
            sending.cancelAndJoin()
            some.cancelAndJoin()
            val receiving = launch { brokenOrClosedIsFine { receiveAll(r, received) } }
            val more = SplitMix64(SEED + 3).nextBytes(MARK)
            brokenOrClosedIsFine { s.sendAll(more) }
            brokenOrClosedIsFine { s.close() }
            receiving.join()
            mustBeBeginningOf(data, more, received.toByteArray())
        }
        pairs.check("KIT-C55", "chunks() emits no empty chunk and ends at the end") { s, r ->
            launch {
                s.sendAll(bytesOf("abc"))
                s.sendAll(bytesOf("def"))
                s.close()
            }
            val all = ByteArrayOutputStream()
            r.chunks().collect {
                must(it.isNotEmpty()) { "an empty chunk" }
                all.write(it)
            }
            must(all.toByteArray().decodeToString() == "abcdef") { "the chunks were $all" }
        }
    }

    /**
     * A clogged stream has something in it already: that comes first. Then comes a beginning of what was sent, and a beginning of what was
     * sent after the cancel.
     */
    private fun mustBeBeginningOf(data: ByteArray, more: ByteArray, received: ByteArray) {
        val start = (0..received.size - MARK).firstOrNull { received.startsWith(data, it, MARK) } ?: return
        val same = Arrays.mismatch(received.copyOfRange(start, received.size), data)
        val furthest = if (same < 0) received.size else start + same
        // The two may have the next byte in common, so that it is not sure where the one ends.
        val fits = (0..MARK).any { received.size - it in start..furthest && received.startsWith(more, received.size - it, it) }
        must(fits) { "the bytes received are no prefix of those sent" }
    }

    private fun ByteArray.startsWith(beginning: ByteArray, at: Int, length: Int) =
        Arrays.equals(this, at, at + length, beginning, 0, length)

    private suspend fun brokenOrClosedIsFine(block: suspend () -> Unit) {
        try {
            block()
        } catch (_: BrokenResourceException) {
            // Either is allowed.
        } catch (_: ClosedResourceException) {
            // As good.
        }
    }

    private suspend fun bulk() {
        for (size in listOf(0, 1, 4095, 4096, 4097, 40 * 1024, 40 * 1024 + 320, 8 * 1024 * 1024)) {
            pairs.check("KIT-C56", "$size bytes go through (seed $SEED)") { s, r ->
                val data = SplitMix64(SEED + size).nextBytes(size)
                launch {
                    s.sendAll(data)
                    s.close()
                }
                must(receiveAll(r).contentEquals(data)) { "other bytes came than were sent" }
            }
        }
        pairs.check("KIT-C58", "the array that was sent is the caller's again") { s, r ->
            launch {
                val data = bytesOf("mine")
                s.sendAll(data)
                data.fill(0)
                s.close()
            }
            must(receiveAll(r).decodeToString() == "mine") { "the bytes changed after the send had returned" }
        }
    }

    private suspend fun Checks<S, R>.clogging() {
        check("KIT-C33", "waitSendAllMightNotBlock waits until somebody receives, and no longer") { s, r ->
            val record = Collections.synchronizedList(ArrayList<String>())
            val begun = CompletableDeferred<Unit>()
            val waiter =
                launch {
                    record += "waiter sleeps"
                    begun.complete(Unit)
                    assertSchedulePoint { s.waitSendAllMightNotBlock() }
                    record += "waiter wakes"
                }
            // On a busy machine a thread may need longer to begin than settling waits.
            begun.await()
            settle()
            record += "receiver starts"
            val receiver = launch { while (true) r.receiveSome(16_384) }
            waiter.join()
            receiver.cancelAndJoin()
            must(record == listOf("waiter sleeps", "receiver starts", "waiter wakes")) { "it went $record" }
        }
        check("KIT-C34", "of two that wait to send one is Busy") { s, _ ->
            exactlyOneIsBusy({ s.waitSendAllMightNotBlock() }, { s.waitSendAllMightNotBlock() })
        }
        check("KIT-C35", "of one that waits to send and one that sends one is Busy") { s, _ ->
            exactlyOneIsBusy({ s.waitSendAllMightNotBlock() }, { s.sendAll(bytesOf("x")) })
        }
        check("KIT-C36", "of two senders one is Busy") { s, _ ->
            exactlyOneIsBusy({ s.sendAll(bytesOf("x")) }, { s.sendAll(bytesOf("y")) })
        }
        check("KIT-C37", "closing the peer ends a wait to send, well or with Broken") { s, r ->
            val waiting = launch { brokenIsFine { s.waitSendAllMightNotBlock() } }
            settle()
            r.closeForcefully()
            waiting.join()
        }
        check("KIT-C38", "a wait to send to a closed peer ends, well or with Broken") { s, r ->
            r.closeForcefully()
            brokenIsFine { s.waitSendAllMightNotBlock() }
        }
        check("KIT-C39", "closing ends a waiting send with Closed") { s, _ ->
            val sending = async { mustThrow<ClosedResourceException> { s.sendAll(bytesOf("x")) } }
            settle()
            s.closeForcefully()
            sending.await()
        }
        check("KIT-C40", "closing ends a wait to send with Closed") { s, _ ->
            val waiting = async { mustThrow<ClosedResourceException> { s.waitSendAllMightNotBlock() } }
            settle()
            s.closeForcefully()
            waiting.await()
        }
    }

    private suspend fun brokenIsFine(block: suspend () -> Unit) {
        try {
            block()
        } catch (_: BrokenResourceException) {
            // Either is allowed.
        }
    }

    private companion object {
        /** Of all random choices; each check has its own. */
        const val SEED = 20_170L

        /** So many bytes are found by chance nowhere. */
        const val MARK = 16
    }
}
