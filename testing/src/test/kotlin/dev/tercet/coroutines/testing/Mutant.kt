package dev.tercet.coroutines.testing

import dev.tercet.coroutines.HalfCloseableStream
import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream

internal typealias OneWay = Pair<SendStream, ReceiveStream>
internal typealias TwoWay = Pair<HalfCloseableStream, HalfCloseableStream>

/** A stream that is broken on purpose, and the check that must notice. */
internal class Mutant(val id: String, val what: String, val check: suspend () -> Unit)

/** Breaks the pair that all checks use. */
internal fun mutant(id: String, what: String, breaking: (SendStream, ReceiveStream) -> OneWay) = Mutant(id, what) {
    checkOneWayStream({ memoryStreamOneWayPair().let { (s, r) -> breaking(s, r) } }, { lockstepStreamOneWayPair() })
}

/** Breaks the clogged pair only. */
internal fun cloggedMutant(id: String, what: String, breaking: (SendStream, ReceiveStream) -> OneWay) = Mutant(id, what) {
    checkOneWayStream({ memoryStreamOneWayPair() }, { lockstepStreamOneWayPair().let { (s, r) -> breaking(s, r) } })
}

/** Breaks both ends of a two-way pair. */
internal fun twoWayMutant(id: String, what: String, breaking: (HalfCloseableStream) -> HalfCloseableStream) = Mutant(id, what) {
    checkTwoWayStream({ memoryStreamPair().broken(breaking) }, { lockstepStreamPair().broken(breaking) })
}

/** Breaks both ends of a half-closeable pair. */
internal fun halfCloseMutant(id: String, what: String, breaking: (HalfCloseableStream) -> HalfCloseableStream) = Mutant(id, what) {
    checkHalfCloseableStream({ memoryStreamPair().broken(breaking) })
}

/** Breaks the clogged half-closeable pair only. */
internal fun cloggedHalfCloseMutant(id: String, what: String, breaking: (HalfCloseableStream) -> HalfCloseableStream) = Mutant(id, what) {
    checkHalfCloseableStream({ memoryStreamPair() }, { lockstepStreamPair().broken(breaking) })
}

private fun Pair<HalfCloseableStream, HalfCloseableStream>.broken(breaking: (HalfCloseableStream) -> HalfCloseableStream): TwoWay =
    Pair(breaking(first), breaking(second))
