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
            // The baseline spreads by a tenth; its CPU not at all.
            listOf(100_000L, 110_000L, 105_000L).forEach { add("nio", sample(it, it * 1e-5)) }
            listOf(109_000L, 109_000L, 109_000L).forEach { add("tercet", sample(it, it * 1.2e-5)) }
            listOf(50_000L, 50_000L, 50_000L).forEach { add("netty-nio", sample(it, it * 2e-5)) }
        }

        fun rowOf(text: String, name: String) = text.lines().first { it.startsWith("| $name ") }.split('|').map { it.trim() }

        test("a difference below the noise is marked as none, one above it is not") {
            val text = report(measured())
            text shouldContain "the baseline, nio, spread by 10 % in rate and 0 % in CPU per operation"
            text shouldContain "Load average at the start: 0.10 0.20 0.30."
            rowOf(text, "tercet")[5] shouldBe "1.04 ="
            rowOf(text, "tercet")[7] shouldBe "1.20"
            rowOf(text, "netty-nio")[5] shouldBe "0.48"
        }

        test("ours is set against each peer") {
            report(measured()).substringAfter("against each peer") shouldContain "2.18 / 0.60"
        }

        test("the chart has a bar for each ratio, pale within the noise and cut when it is too long") {
            val slow = measured().apply { add("ktor", sample(10_000, 1.0)) }
            val svg = chart(listOf(slow))
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.byteInputStream())
                .getElementsByTagName("rect").length shouldBe 1 + 4 * 2
            svg shouldContain """<rect class="bar own none" x="160""""
            svg shouldContain """<rect class="bar" x="160""""
            svg shouldContain "10.00 (cut)"
        }

        test("one round says nothing about differences") {
            val once = PartResult(part, null).apply {
                add("nio", sample(100_000, 1.0))
                add("tercet", sample(200_000, 1.0))
            }
            report(once) shouldContain "One round only"
            rowOf(report(once), "tercet")[5] shouldBe "2.00 ="
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
            json(jsonOf(result)) shouldContain "\"rateMedian\": 109000.0"
        }
    })
