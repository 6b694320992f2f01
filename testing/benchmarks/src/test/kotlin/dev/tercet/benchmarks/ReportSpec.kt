package dev.tercet.benchmarks

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import javax.xml.parsers.DocumentBuilderFactory

class ReportSpec :
    FunSpec({
        val part = checkNotNull(parseArguments(listOf("echo", "--against=netty-nio"))).parts().first()

        fun sample(rate: Long, cpuSeconds: Double) = Sample(rate, 1.0, cpuSeconds, 0.5, 100.0, 900.0)

        fun measured(): PartResult = PartResult(part, "0.10 0.20 0.30").apply {
            // The machine is twice as fast in some rounds. The twin is 10 % away in rate, and not at all in CPU.
            for (rate in listOf(100_000L, 200_000L, 105_000L, 190_000L, 101_000L)) {
                add("nio", sample(rate, rate * 1e-5))
                add("tercet", sample(rate * 104 / 100, rate * 1.248e-5))
                add("netty-nio", sample(rate / 2, rate * 1e-5))
                add("nio again", sample(rate * 110 / 100, rate * 1.1e-5))
            }
        }

        fun rowOf(text: String, name: String) = text.lines().first { it.startsWith("| $name ") }.split('|').map { it.trim() }

        test("a difference below the noise is marked as none, one above it is not") {
            val text = report(measured())
            text shouldContain "nio against itself in another process: 1.10 in rate, 1.00 in CPU"
            text shouldContain "Load average at the start: 0.10 0.20 0.30."
            rowOf(text, "tercet")[4] shouldBe "1.04 ="
            rowOf(text, "tercet")[5] shouldBe "1.04-1.04"
            rowOf(text, "tercet")[7] shouldBe "1.20"
            rowOf(text, "netty-nio")[4] shouldBe "0.50"
        }

        test("ours is set against each peer") {
            report(measured()).substringAfter("against each peer") shouldContain "2.08 / 0.60"
        }

        test("the chart has a bar for each ratio, pale within the noise and cut when it is too long") {
            val slow = measured().apply { repeat(5) { add("ktor", sample(10_000, 1.0)) } }
            val svg = chart(listOf(slow))
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.byteInputStream())
                .getElementsByTagName("rect").length shouldBe 1 + 5 * 2
            svg shouldContain """<rect class="bar own none" x="160""""
            svg shouldContain """<rect class="bar" x="160""""
            svg shouldContain "10.00 (cut)"
        }

        test("few rounds say nothing about differences") {
            val once = PartResult(part, null).apply {
                add("nio", sample(100_000, 1.0))
                add("tercet", sample(200_000, 1.0))
            }
            report(once) shouldContain "Fewer than 5 rounds"
            rowOf(report(once), "tercet")[4] shouldBe "2.00 ="
        }

        test("what failed or was left out is told, and is in no table") {
            val result = measured().apply {
                fail("netty-nio", "it has ended with exit code 3")
                leaveOut("tercet-virtual", "no JDK with virtual threads")
            }
            val text = report(result)
            text shouldContain "Failed: netty-nio, it has ended with exit code 3"
            text shouldContain "Left out: tercet-virtual, no JDK with virtual threads"
            text shouldNotContain "| netty-nio"
        }

        test("without the baseline there is no comparison, and the figures are in the JSON still") {
            val result = measured().apply { fail("nio", "gone") }
            report(result) shouldContain "The baseline could not be measured"
            json(jsonOf(result)) shouldContain "\"rateMedian\": 109200.0"
        }
    })
