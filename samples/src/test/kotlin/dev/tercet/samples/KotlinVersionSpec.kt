package dev.tercet.samples

import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.testing.Sequencer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Job
import kotlin.io.path.div
import kotlin.io.path.readText

/** A Kotlin compiler reads what compilers up to one version newer have made, so the README's minimum is computed (ADR 75). */
class KotlinVersionSpec :
    FunSpec({
        val (major, minor) = Regex("Kotlin (\\d+)\\.(\\d+)").find((projectFolder / "README.md").readText())!!.destructured

        test("the README's minimum is what our classes and the standard library ask for") {
            for (type in listOf(Stream::class, Sequencer::class)) {
                val version = checkNotNull(type.java.getAnnotation(Metadata::class.java)).metadataVersion
                version.take(2) shouldBe listOf(major.toInt(), minor.toInt() + 1)
            }
            KotlinVersion.CURRENT.run { listOf(this.major, this.minor) } shouldBe listOf(major.toInt(), minor.toInt() + 1)
        }

        test("kotlinx-coroutines asks for no more") {
            val version = checkNotNull(Job::class.java.getAnnotation(Metadata::class.java)).metadataVersion
            KotlinVersion(version[0], version[1]) shouldBe KotlinVersion(version[0], version[1].coerceAtMost(minor.toInt() + 1))
        }
    })
