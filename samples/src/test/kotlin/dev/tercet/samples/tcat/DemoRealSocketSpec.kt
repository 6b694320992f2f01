package dev.tercet.samples.tcat

import dev.tercet.samples.Program
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

class DemoRealSocketSpec :
    FunSpec({
        test("tcat demo keeps all promises and says so") {
            Program.tcat("demo").use { demo ->
                val seen = demo.hear()
                demo.exitCode() shouldBe 0
                seen shouldContain "All as promised"
                seen shouldNotContain "NOT AS PROMISED"
                demo.errors() shouldBe emptyList()
            }
        }
    })
