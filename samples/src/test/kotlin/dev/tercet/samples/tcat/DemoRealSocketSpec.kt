package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import dev.tercet.samples.Running
import dev.tercet.samples.Tcat
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

class DemoRealSocketSpec :
    FunSpec({
        test("tcat demo keeps all promises and says so") {
            Tcat("demo").use { demo ->
                val seen = demo.hear()
                demo.exitCode() shouldBe 0
                seen shouldContain "All as promised"
                seen shouldNotContain "NOT AS PROMISED"
                demo.errors() shouldBe emptyList()
            }
        }
    })
