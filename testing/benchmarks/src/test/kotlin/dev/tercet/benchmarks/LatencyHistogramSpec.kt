package dev.tercet.benchmarks

import dev.tercet.benchmarks.load.LatencyHistogram
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe

class LatencyHistogramSpec :
    FunSpec({
        test("small durations are exact") {
            val histogram = LatencyHistogram()
            for (nanos in 1L..31L) histogram.add(nanos)
            histogram.percentile(0.5) shouldBe 16
            histogram.percentile(0.0) shouldBe 1
            histogram.percentile(1.0) shouldBe 31
        }

        test("large durations are right within a 32nd, from nanoseconds to years") {
            for (exponent in 5..62) {
                for (nanos in listOf(1L shl exponent, (1L shl exponent) + 1, (1L shl exponent) / 3 * 4 + 7)) {
                    val histogram = LatencyHistogram()
                    histogram.add(nanos)
                    (histogram.percentile(0.99) / nanos.toDouble()).shouldBeBetween(1 - 1.0 / 32, 1.0, 0.0)
                }
            }
        }

        test("a percentile is the duration that so many do not exceed") {
            val histogram = LatencyHistogram()
            repeat(98) { histogram.add(10) }
            repeat(2) { histogram.add(20) }
            histogram.percentile(0.98) shouldBe 10
            histogram.percentile(0.99) shouldBe 20
        }

        test("an empty one says 0, and a fraction outside 0 to 1 is refused") {
            LatencyHistogram().percentile(0.5) shouldBe 0
            shouldThrow<IllegalArgumentException> { LatencyHistogram().percentile(1.5) }
        }
    })
