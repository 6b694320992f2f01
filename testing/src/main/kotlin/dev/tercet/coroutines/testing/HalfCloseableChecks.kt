package dev.tercet.coroutines.testing

import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.sendAll
import kotlinx.coroutines.launch

/** The checks of half-closes; see Conformance.kt. */
internal class HalfCloseableChecks<L : HalfCloseableStream, R : HalfCloseableStream>(
    maker: suspend () -> Pair<L, R>,
    cloggedMaker: (suspend () -> Pair<L, R>)?,
) {
    private val pairs = Checks(maker)
    private val clogged = cloggedMaker?.let { Checks(it) }

    suspend fun run() {
        pairs.check("KIT-C44", "both ends are half-closeable") { left, right ->
            must((left as Any) is HalfCloseableStream && (right as Any) is HalfCloseableStream) {
                "$left and $right are not half-closeable"
            }
        }
        pairs.check("KIT-C45", "after sendEof the peer gets what was sent, then the end") { left, right ->
            val sending =
                launch {
                    left.sendAll(bytesOf("x"))
                    left.sendEof()
                }
            mustReceive(right, "x")
            mustBeAtEnd(right)
            // The end may arrive before sendEof has returned.
            sending.join()
            step("KIT-C46", "sending after sendEof is Closed")
            mustThrow<ClosedResourceException> { left.sendAll(bytesOf("y")) }
            mustThrow<ClosedResourceException> { left.sendAll(ByteArray(0)) }
            step("KIT-C47", "a second sendEof does nothing, and notices a cancellation")
            left.sendEof()
            must(!returnsWhenCancelled { left.sendEof() }) { "sendEof returned in a cancelled scope" }
            step("KIT-C48", "the other direction goes on, and ends by itself")
            launch {
                right.sendAll(bytesOf("x"))
                right.sendEof()
            }
            mustReceive(left, "x")
            mustBeAtEnd(left)
        }
        clogged?.check("KIT-C49", "of one that sends and one that sends the end one is Busy") { left, _ ->
            exactlyOneIsBusyBlocking({ left.sendAll(bytesOf("x")) }, { left.sendEof() })
        }
        clogged?.check("KIT-C50", "of one that waits to send and one that sends the end one is Busy") { left, _ ->
            exactlyOneIsBusyBlocking({ left.waitSendAllMightNotBlock() }, { left.sendEof() })
        }
    }

    /** The first one is let wait before the second comes: a sendEof that comes first may end well. */
    private suspend fun exactlyOneIsBusyBlocking(waiting: suspend () -> Unit, second: suspend () -> Unit) = exactlyOneIsBusy(waiting) {
        settle()
        second()
    }
}
