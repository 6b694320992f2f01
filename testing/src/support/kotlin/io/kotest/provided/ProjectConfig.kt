package io.kotest.provided

import io.kotest.core.config.AbstractProjectConfig
import io.kotest.core.extensions.Extension
import io.kotest.core.extensions.TestCaseExtension
import io.kotest.core.test.TestCase
import io.kotest.engine.test.TestResult
import java.util.Collections
import java.util.IdentityHashMap

/** Kotest finds it by this name. */
class ProjectConfig : AbstractProjectConfig() {
    override val extensions: List<Extension> = listOf(ShortTraces)
}

/**
 * A failed test prints its cause within ten lines: frames of Kotest and of coroutines are left out, and of the others only the first
 * are shown. Kotest alone puts 130 frames below each assertion. JUnit prunes its own.
 */
object ShortTraces : TestCaseExtension {
    override suspend fun intercept(testCase: TestCase, execute: suspend (TestCase) -> TestResult): TestResult {
        val result = execute(testCase)
        result.errorOrNull?.let { shorten(it, Collections.newSetFromMap(IdentityHashMap())) }
        return result
    }

    private fun shorten(error: Throwable, seen: MutableSet<Throwable>) {
        if (!seen.add(error)) return
        val own = error.stackTrace.filterNot { frame -> frame.lineNumber <= 0 || FRAMEWORKS.any { frame.className.startsWith(it) } }
        // A bug of a framework has frames of the framework only.
        error.stackTrace = own.ifEmpty { error.stackTrace.asList() }.take(FRAMES).toTypedArray()
        error.cause?.let { shorten(it, seen) }
        error.suppressed.forEach { shorten(it, seen) }
    }

    private const val FRAMES = 6
    private val FRAMEWORKS =
        listOf("io.kotest.", "kotlinx.coroutines.", "kotlin.coroutines.", "_COROUTINE.", "java.util.concurrent.", "java.lang.Thread")
}
