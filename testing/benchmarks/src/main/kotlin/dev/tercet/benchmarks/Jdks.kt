package dev.tercet.benchmarks

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines

/** A JDK to run a contender on. */
data class Jdk(val home: Path, val version: String) {
    val feature: Int = featureOf(version)

    val java: Path get() = home / "bin" / "java"
}

/** The JDKs at hand: the one that runs us, and one with virtual threads. */
object Jdks {
    val own = Jdk(Path.of(System.getProperty("java.home")), System.getProperty("java.version"))

    /** The newest at hand, in `$JDK25` or beside ours; null when none has virtual threads. */
    val withVirtualThreads: Jdk? by lazy {
        if (own.feature >= VIRTUAL_THREADS) return@lazy own
        val named = System.getenv("JDK25")?.let { listOf(Path.of(it)) }.orEmpty()
        val beside = listOfNotNull(Path.of("/usr/lib/jvm"), own.home.parent).filter {
            it.isDirectory()
        }.flatMap { it.listDirectoryEntries() }
        (named + beside).mapNotNull(::at).filter { it.feature >= VIRTUAL_THREADS }.maxByOrNull { it.feature }
    }

    private fun at(home: Path): Jdk? {
        val release = home / "release"
        if (!release.exists() || !Files.isExecutable(home / "bin" / "java")) return null
        return versionIn(release.readLines())?.let { Jdk(home, it) }
    }

    private const val VIRTUAL_THREADS = 21
}

/** What the file `release` of a JDK says. */
fun versionIn(release: List<String>): String? = release.firstOrNull { it.startsWith("JAVA_VERSION=") }?.substringAfter('=')?.trim('"', ' ')

/** 17 of `17.0.15`, 25 of `25-ea`, 8 of `1.8.0_402`. */
fun featureOf(version: String): Int {
    val numbers = version.split('.', '-', '_', '+').mapNotNull(String::toIntOrNull)
    require(numbers.isNotEmpty()) { "not a version: $version" }
    return if (numbers[0] == 1 && numbers.size > 1) numbers[1] else numbers[0]
}
