package dev.tercet.samples

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import kotlin.io.path.div
import kotlin.io.path.readLines
import kotlin.io.path.relativeTo

/** The samples are to be read. `tcat` is a program. */
class SampleLengthSpec :
    FunSpec({
        test("a sample has at most 60 lines") {
            val samples =
                (projectFolder / "samples/src/main")
                    .toFile()
                    .walk()
                    .onEnter { it.name != "tcat" }
                    .filter { it.extension in setOf("kt", "java") }
                    .map { it.toPath() }
                    .toList()
            samples.size shouldBeGreaterThan 10
            for (sample in samples) withClue(sample.relativeTo(projectFolder)) { sample.readLines().size shouldBeLessThanOrEqual 60 }
        }
    })
