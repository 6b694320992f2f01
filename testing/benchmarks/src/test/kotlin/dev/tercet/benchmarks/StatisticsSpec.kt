package dev.tercet.benchmarks

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class StatisticsSpec :
    FunSpec({
        test("the median of an odd number is the middle one, in whatever order they come") {
            median(listOf(3.0, 100.0, 1.0)) shouldBe 3.0
        }

        test("the median of an even number lies between the two in the middle") {
            median(listOf(4.0, 1.0, 2.0, 100.0)) shouldBe 3.0
        }

        test("no values have no median") {
            shouldThrow<IllegalArgumentException> { median(emptyList()) }
        }

        test("the spread is how far the largest is above the smallest") {
            spread(listOf(100.0, 110.0, 105.0)) shouldBe (0.1 plusOrMinus 1e-9)
            spread(listOf(7.0)) shouldBe 0.0
        }

        test("a ratio is a difference only beyond the noise, upwards and downwards alike") {
            Ratio(1.19, 0.2).isDifference shouldBe false
            Ratio(1.21, 0.2).isDifference shouldBe true
            Ratio(1 / 1.19, 0.2).isDifference shouldBe false
            Ratio(1 / 1.21, 0.2).isDifference shouldBe true
        }

        test("a sample is read from the load generator's answer") {
            val answer =
                mapOf(
                    "operations" to 500L,
                    "nanos" to 500_000_000L,
                    "cpu" to 250_000_000L,
                    "load" to 100_000_000L,
                    "p50" to 2_000L,
                    "p99" to 9_000L,
                )
            val sample = Sample.of(answer)
            sample.rate shouldBe 1000.0
            sample.cpuPerOperation shouldBe (0.0005 plusOrMinus 1e-12)
            sample.p99Micros shouldBe 9.0
        }

        test("a round without an operation is a failure, and not a rate of zero") {
            val answer = mapOf("operations" to 0L, "nanos" to 1L, "cpu" to 1L, "load" to 1L, "p50" to 0L, "p99" to 0L)
            shouldThrow<IllegalStateException> { Sample.of(answer) }
        }
    })
