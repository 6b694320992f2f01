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

        test("a ratio is taken within each round, so that a slow round of the machine does not count") {
            val machine = listOf(1.0, 9.0, 2.0, 5.0, 1.5, 7.0)
            val ratio = Ratio.of(machine.map { it * 1.2 }, machine)
            ratio.value shouldBe (1.2 plusOrMinus 1e-9)
            ratio.low shouldBe (1.2 plusOrMinus 1e-9)
            ratio.isDifference shouldBe true
        }

        test("the interval is that of a sign test: of 11 rounds the extremes are left out, of 20 five at each end") {
            val eleven = Ratio.of((1..11).map { it.toDouble() }, List(11) { 1.0 })
            eleven.low to eleven.high shouldBe (2.0 to 10.0)
            val twenty = Ratio.of((1..20).map { it.toDouble() }, List(20) { 1.0 })
            twenty.low to twenty.high shouldBe (6.0 to 15.0)
            val five = Ratio.of((1..5).map { it.toDouble() }, List(5) { 1.0 })
            five.low to five.high shouldBe (1.0 to 5.0)
        }

        test("four rounds say nothing") {
            Ratio.of(List(4) { 9.0 }, List(4) { 1.0 }).isDifference shouldBe false
        }

        test("a ratio is a difference only beyond what the same program shows against itself, upwards and downwards alike") {
            Ratio(1.3, 1.19, 1.4, 0.2).isDifference shouldBe false
            Ratio(1.3, 1.21, 1.4, 0.2).isDifference shouldBe true
            Ratio(0.8, 0.7, 1 / 1.19, 0.2).isDifference shouldBe false
            Ratio(0.8, 0.7, 1 / 1.21, 0.2).isDifference shouldBe true
            Ratio(1.5, 0.9, 2.0).isDifference shouldBe false
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
