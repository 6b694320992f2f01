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
 * How many times as much one program takes as the other, and how sure that is.
 *
 * Two figures of the same round saw the same machine, figures of different rounds did not. So the ratio is taken in each round, and what is
 * reported is the median of these ratios. [low] and [high] are the order statistics between which the true median lies with a probability of
 * 95 %, whatever the distribution; with five rounds they are the extremes, and it is 94 %. With fewer there is no such interval.
 *
 * @property floor how far the same program in two processes was from itself in this run. No interval sees that: it is in the placement of
 *   code and memory, and the same in all rounds.
 */
data class Ratio(val value: Double, val low: Double, val high: Double, val floor: Double = 0.0) {
    val isDifference: Boolean get() = low > 1 + floor || high < 1 / (1 + floor)

    /** How far it is from 1, upwards or downwards. */
    val distance: Double get() = max(value, 1 / value) - 1

    companion object {
        const val FEWEST_ROUNDS = 5
        private const val DOUBT = 0.05

        /** Of figures of the same rounds, in the same order. */
        fun of(figures: List<Double>, others: List<Double>, floor: Double = 0.0): Ratio {
            val ratios = figures.zip(others) { figure, other -> figure / other }.sorted()
            if (ratios.size < FEWEST_ROUNDS) return Ratio(median(ratios), 0.0, Double.POSITIVE_INFINITY, floor)
            val cut = outsideMedian(ratios.size)
            return Ratio(median(ratios), ratios[cut], ratios[ratios.lastIndex - cut], floor)
        }

        /** How many of so many sorted values can be left out at each end with the median still between the rest: a sign test. */
        private fun outsideMedian(size: Int): Int {
            var cut = 0
            var ways = 1.0
            var below = ways
            val all = Math.scalb(1.0, size)
            while (true) {
                ways = ways * (size - cut) / (cut + 1)
                below += ways
                if (2 * below / all > DOUBT) return cut
                cut++
            }
        }
    }
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
