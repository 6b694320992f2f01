package dev.tercet.samples

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import kotlin.io.path.div
import kotlin.io.path.readText

/** The programs of the README are samples, whole and with their imports: so they compile, and their tests are tests of the README. */
class ReadmeSpec :
    FunSpec({
        val readme = (projectFolder / "README.md").readText()

        fun programs(language: String) = Regex("```$language\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            .findAll(readme)
            .map { it.groupValues[1].trim() }
            .toList()

        /** Without the package and the documentation. */
        fun sample(path: String) = (projectFolder / "samples/src/main" / path).readText()
            .replace(Regex("(?m)^package .*\n+"), "")
            .replace(Regex("(?ms)^ */\\*\\*.*?\\*/\n"), "")
            .trim()

        test("its program in Kotlin is the sample") {
            programs("kotlin") shouldBe listOf(sample("kotlin/dev/tercet/samples/EchoServer.kt"))
        }

        test("its program in Java is the sample") {
            programs("java") shouldBe listOf(sample("java/dev/tercet/samples/EchoServer.java"))
        }

        test("it has at most 900 words") {
            readme.split(Regex("\\s+")).filter { it.isNotEmpty() }.size shouldBeLessThanOrEqual 900
        }
    })
