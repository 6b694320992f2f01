package dev.tercet.benchmarks

import kotlin.math.max

/** The middle one; the mean of the two in the middle of an even number. */
fun median(values: List<Double>): Double {
    require(values.isNotEmpty()) { "no values have no median" }
    val sorted = values.sorted()
    val middle = sorted.size / 2
    return if (sorted.size % 2 == 1) sorted[middle] else (sorted[middle - 1] + sorted[middle]) / 2
}

/** How far apart the smallest and the largest are: 0.1 when the largest is a tenth above the smallest. */
fun spread(values: List<Double>): Double = values.max() / values.min() - 1

/**
 * What a ratio is worth on a machine with so much noise.
 *
 * The noise of a run is the spread of its baseline over the rounds. It is large on purpose: a difference that is smaller than what the
 * same program shows against itself is none.
 */
data class Ratio(val value: Double, val noise: Double) {
    val isDifference: Boolean get() = max(value, 1 / value) - 1 > noise
}

/** What the load generator saw in one round. */
data class Sample(
    val operations: Long,
    val seconds: Double,
    val cpuSeconds: Double,
    val loadSeconds: Double,
    val p50Micros: Double,
    val p99Micros: Double,
) {
    val rate: Double get() = operations / seconds

    val cpuPerOperation: Double get() = cpuSeconds / operations

    companion object {
        /** Reads an answer of the load generator. */
        fun of(answer: Map<String, Long>): Sample {
            fun nanos(name: String) = answer.getValue(name).toDouble()
            val operations = answer.getValue("operations")
            check(operations > 0) { "not one operation was finished" }
            return Sample(operations, nanos("nanos") / 1e9, nanos("cpu") / 1e9, nanos("load") / 1e9, nanos("p50") / 1e3, nanos("p99") / 1e3)
        }
    }
}
