package dev.tercet.benchmarks

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe

class MachineSpec :
    FunSpec({
        test("Linux's lists of CPUs are read") {
            parseCpuList("0-2,7") shouldContainExactly listOf(0, 1, 2, 7)
            parseCpuList("3") shouldContainExactly listOf(3)
            parseCpuList("") shouldContainExactly emptyList()
        }

        test("a JDK's version is found in its release file") {
            versionIn(listOf("IMPLEMENTOR=\"x\"", "JAVA_VERSION=\"25.0.3\"")) shouldBe "25.0.3"
            versionIn(listOf("nothing")).shouldBeNull()
        }

        test("the feature of a version") {
            featureOf("17.0.15") shouldBe 17
            featureOf("25-ea") shouldBe 25
            featureOf("1.8.0_402") shouldBe 8
            featureOf("24+36") shouldBe 24
            shouldThrow<IllegalArgumentException> { featureOf("newest") }
        }
    })
