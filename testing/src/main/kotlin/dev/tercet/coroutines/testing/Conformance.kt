package dev.tercet.coroutines.testing

import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.internal.BudgetElement
import kotlinx.coroutines.withContext

/*
 * The conformance battery: what every stream must do, as checks that need no test framework.
 *
 * Each check asks the maker for fresh streams, runs, and closes both ends forcefully, whatever happened. A check that fails throws an
 * AssertionError that begins with its id, `KIT-C12 …`; docs/spec/conformance.md has the list. A check that hangs fails after 60 seconds:
 * virtual ones under `runTest`, which costs nothing, real ones elsewhere.
 *
 * Some checks want a task to be waiting before the next thing happens. Nobody can see that from outside. Under `runTest` everybody else is
 * given the time to run until he waits; on real dispatchers a short real pause is made. A pause that was too short makes a check weaker, never
 * wrong: what must hold then must hold too if the other task comes later.
 *
 * Budgets are set to one, so that every operation of Tercet's own streams gives way.
 */

/**
 * Checks a pair of streams for one direction (spec KIT-C1 to C40, C51 to C58).
 *
 * ```
 * fun `rot13 keeps the contract`() = runTest { checkOneWayStream({ memoryStreamOneWayPair() }) }
 * ```
 *
 * *Errors:* [AssertionError], beginning with the id of the check that failed.
 *
 * *Cancellation:* closes the streams of the check that is running.
 *
 * *Thread-safety:* any coroutine; of the caller's dispatcher the tasks of a check run on.
 *
 * @param maker makes a connected pair, afresh for each check
 * @param cloggedMaker makes one whose sender waits, in [SendStream.sendAll] of one byte and in [SendStream.waitSendAllMightNotBlock], until
 * somebody receives; null leaves out the checks that need it
 */
public suspend fun <S : SendStream, R : ReceiveStream> checkOneWayStream(
    maker: suspend () -> Pair<S, R>,
    cloggedMaker: (suspend () -> Pair<S, R>)? = null,
): Unit = withContext(BudgetElement(1)) {
    OneWayChecks(maker, cloggedMaker).run()
}

/**
 * Checks a pair of streams for both directions: [checkOneWayStream] each way, then both at once (spec KIT-C41 to C43, C54).
 *
 * *Errors:* [AssertionError], beginning with the id of the check that failed.
 *
 * *Cancellation:* closes the streams of the check that is running.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param maker makes a connected pair, afresh for each check
 * @param cloggedMaker makes one that is clogged in both directions, as [checkOneWayStream] wants it; null leaves out the checks that need it
 */
public suspend fun <L : Stream, R : Stream> checkTwoWayStream(
    maker: suspend () -> Pair<L, R>,
    cloggedMaker: (suspend () -> Pair<L, R>)? = null,
) {
    checkOneWayStream(maker, cloggedMaker)
    checkOneWayStream({ maker().flipped() }, cloggedMaker?.let { { it().flipped() } })
    withContext(BudgetElement(1)) {
        TwoWayChecks(maker, cloggedMaker).run()
    }
}

/**
 * Checks a pair of half-closeable streams: [checkTwoWayStream], then the half-close each way (spec KIT-C44 to C50).
 *
 * *Errors:* [AssertionError], beginning with the id of the check that failed.
 *
 * *Cancellation:* closes the streams of the check that is running.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param maker makes a connected pair, afresh for each check
 * @param cloggedMaker makes one that is clogged in both directions, as [checkOneWayStream] wants it; null leaves out the checks that need it
 */
public suspend fun <L : HalfCloseableStream, R : HalfCloseableStream> checkHalfCloseableStream(
    maker: suspend () -> Pair<L, R>,
    cloggedMaker: (suspend () -> Pair<L, R>)? = null,
) {
    checkTwoWayStream(maker, cloggedMaker)
    withContext(BudgetElement(1)) {
        HalfCloseableChecks(maker, cloggedMaker).run()
        HalfCloseableChecks({ maker().flipped() }, cloggedMaker?.let { { it().flipped() } }).run()
    }
}

private fun <A, B> Pair<A, B>.flipped() = Pair(second, first)
