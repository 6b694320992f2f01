package dev.tercet.samples

import dev.tercet.support.Needs
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.TestScope

/** A test that needs a program. [Needs] says what happens without it. */
internal fun FunSpec.needing(program: String, name: String, body: suspend TestScope.() -> Unit) = test(name) {
    Needs.needed(Needs.has(program), "$program is not installed: $name")
    body()
}
