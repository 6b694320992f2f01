package dev.tercet.benchmarks

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class TableSpec :
    FunSpec({
        test("columns are as wide as their widest cell, text to the left and numbers to the right") {
            table(listOf("server", "n"), listOf(listOf("nio", "1,234"), listOf("netty-epoll", "5"))) shouldBe
                """
                || server      |     n |
                ||-------------|------:|
                || nio         | 1,234 |
                || netty-epoll |     5 |
                |
                """.trimMargin()
        }

        test("a row with a cell too few is the program's bug") {
            shouldThrow<IllegalArgumentException> { table(listOf("a", "b"), listOf(listOf("1"))) }
        }

        test("numbers have three significant digits") {
            number(0.012345) shouldBe "0.0123"
            number(4.5678) shouldBe "4.57"
            number(98.76) shouldBe "98.8"
            number(123456.7) shouldBe "123,457"
            number(0.0) shouldBe "0"
            number(Double.NaN) shouldBe "-"
        }

        test("JSON escapes what it must, and writes numbers that are none as null") {
            json(linkedMapOf("a\"b\\c\n" to listOf(1, 2.5, null, true), "e" to emptyList<Int>(), "n" to Double.NaN)) shouldBe
                "{\n  \"a\\\"b\\\\c\\n\": [\n    1,\n    2.5,\n    null,\n    true\n  ],\n  \"e\": [],\n  \"n\": null\n}"
        }
    })
