package dev.tercet.coroutines

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.wait.Operation
import dev.tercet.internal.wait.Operation.Need
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlin.time.toKotlinDuration

/*
 * The one loop of the coroutine API that meets what an operation needs. It suspends, in the transport and in places, and knows no protocol.
 * The twin of Java's Driver.
 */
internal class Driver private constructor(
    private val source: ReceiveStream?,
    /** Null when operations only receive, or only wait. */
    private val transport: Stream?,
    private val ask: suspend () -> Unit,
) {
    /** The driver of operations that only wait. */
    constructor() : this(null, null, {})

    /** The driver of operations that receive. */
    constructor(source: ReceiveStream) : this(source, null, {})

    /** The driver of a protocol over [transport]; [ask] asks the user, for an operation that needs it. */
    constructor(transport: Stream, ask: suspend () -> Unit) : this(transport, transport, ask)

    /** Drives an operation to its end. */
    suspend fun run(operation: Operation) {
        while (true) {
            try {
                when (operation.next()) {
                    Need.DONE -> return
                    Need.SEND -> sink().sendAll(operation.output())
                    Need.WRITABLE -> sink().waitSendAllMightNotBlock()
                    Need.RECEIVE -> operation.received(source().receiveSome(operation.receiveBytes()))
                    Need.FILL -> operation.filled(source().receiveSome(operation.room()))
                    Need.COMPUTE -> offLoop { operation.compute() }
                    Need.WAIT -> operation.place().await()
                    Need.ASK -> ask()
                    Need.WITHIN -> operation.ended(within(operation))
                    Need.ABANDON -> sink().closeForcefully()
                    Need.RELEASE -> release(operation)
                }
            } catch (e: CancellationException) {
                operation.cancelled(e)
                awaitReleased(operation.closing())
                throw e
            } catch (e: Throwable) {
                if (!operation.failed(e)) throw e
            }
        }
    }

    /** A caller that was cancelled by then would not see what is returned. */
    private suspend fun release(operation: Operation) {
        awaitReleased(operation.closing())
        currentCoroutineContext().ensureActive()
    }

    private fun sink() = checkNotNull(transport) { "there is nothing to send to" }

    private fun source() = checkNotNull(source) { "there is nothing to receive from" }

    /** Drives a part. Returns whether its time was over first. */
    private suspend fun within(operation: Operation): Boolean {
        val part = operation.part()
        val limit = operation.limit()
        if (limit != null) return moveOnAfter(limit.toKotlinDuration()) { run(part) }
        run(part)
        return false
    }
}
