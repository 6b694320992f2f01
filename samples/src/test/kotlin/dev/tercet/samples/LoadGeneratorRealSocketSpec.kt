package dev.tercet.samples

import dev.tercet.coroutines.*
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSorted
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith

class LoadGeneratorRealSocketSpec :
    FunSpec({
        test("it counts what came back, and connections that failed") {
            onLoop {
                val echo = start { status -> serveTcp(0, taskStatus = status) { echo(it) } }.single().port
                val report = generateLoad("localhost", echo, connections = 10, requests = 20)
                report.latencies.size shouldBe 200
                report.latencies.shouldBeSorted()
                report.percentile(100) shouldBe report.latencies.last()
                report.failures shouldBe emptyList()
                report.toString() shouldStartWith "200 answers in "

                val liar = start { status -> serveTcp(0, taskStatus = status) { it.sendLine("what?") } }.single().port
                val failed = generateLoad("localhost", liar, connections = 3, requests = 20)
                failed.latencies shouldBe emptyList()
                failed.percentile(50) shouldBe null
                failed.failures.size shouldBe 3
            }
        }
    })
