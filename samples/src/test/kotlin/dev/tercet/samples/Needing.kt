package dev.tercet.samples

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.core.test.TestScope
import java.nio.file.Path
import kotlin.io.path.isExecutable

/** A test that needs a program. Without it the test is skipped, and says so loudly; in CI, which has to install it, the test fails. */
internal fun FunSpec.needing(program: String, name: String, body: suspend TestScope.() -> Unit) {
    val isThere = "${System.getenv("PATH")}:/usr/sbin".split(':').any { Path.of(it, program).isExecutable() }
    if (isThere) return test(name, body)
    System.err.println("WARNING: $program is not installed. SKIPPED: $name")
    val skipped = if (System.getenv("CI") == "true") Enabled.enabled else Enabled.disabled("$program is not installed")
    test(name).config(enabledOrReasonIf = { skipped }) { error("$program is not installed, and CI=true") }
}
