package dev.tercet.samples.tcat

import dev.tercet.samples.projectFolder
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.io.path.div
import kotlin.io.path.readLines

/** The command lines of `docs/tcat-jobs.md`. What they do is tested elsewhere, each option by its own test. */
class DailyJobsSpec :
    FunSpec({
        val page = (projectFolder / "docs/tcat-jobs.md").readLines()

        test("there are ten jobs") {
            page.mapNotNull { Regex("\\*\\*(\\d+)\\..*").matchEntire(it)?.groupValues?.get(1)?.toInt() } shouldBe (1..10).toList()
        }

        test("tcat understands each command line") {
            val lines = page.filter { it.startsWith("tcat ") || " | tcat " in it }
            for (line in lines) {
                withClue(line) { parseArguments(line.substringAfter("tcat ").split(' ').filterNot { it.first() in "<>" }) }
            }
            // Each block has one at least.
            (lines.size >= page.count { it == "```" } / 2) shouldBe true
        }
    })
