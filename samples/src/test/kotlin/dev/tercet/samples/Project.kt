package dev.tercet.samples

import java.nio.file.Path
import kotlin.io.path.div
import kotlin.io.path.exists

/** The folder of the whole project, wherever in it the tests run. */
internal val projectFolder: Path by lazy {
    generateSequence(Path.of("").toAbsolutePath()) { it.parent }.first { (it / "tcat").exists() }
}
