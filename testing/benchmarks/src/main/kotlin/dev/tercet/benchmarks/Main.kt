package dev.tercet.benchmarks

import java.io.IOException
import java.nio.file.Path
import java.time.ZonedDateTime
import java.time.format.DateTimeFormatter
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.system.exitProcess

/** Benchmarks against peers; `./bench --help`. */
fun main(args: Array<String>) {
    // Has words and options of its own, and measures calls, not servers.
    if (args.firstOrNull() == "jmh") return org.openjdk.jmh.Main.main(args.drop(1).toTypedArray())
    val code = try {
        when (val settings = parseArguments(args.asList())) {
            null -> 0.also { print(HELP) }
            else -> bench(settings)
        }
    } catch (e: UsageException) {
        2.also { System.err.println("bench: ${e.message}") }
    } catch (e: IOException) {
        1.also { System.err.println("bench: ${e.message}") }
    }
    exitProcess(code)
}

private fun bench(settings: Settings): Int {
    val cpus = Cpus.find()
    val progress = Progress(isTerminal = '2' in System.getProperty("bench.terminals", ""))
    val machine = machine(settings, cpus)
    println(machine.entries.joinToString("\n") { (what, value) -> "$what: $value" })
    val results = Bench(settings, cpus, progress).use { bench ->
        settings.parts().map { part -> bench.run(part).also { print(report(it)) } }
    }
    settings.json?.writeText(json(linkedMapOf("machine" to machine, "parts" to results.map(::jsonOf))) + "\n")
    settings.svg?.writeText(chart(results))
    return if (results.all { it.failures.isEmpty() }) 0 else 1
}

private fun machine(settings: Settings, cpus: Cpus): Map<String, String> = linkedMapOf(
    "date" to ZonedDateTime.now().format(DateTimeFormatter.ISO_OFFSET_DATE_TIME),
    "machine" to "${processor()}, ${System.getProperty("os.name")} ${System.getProperty("os.version")}",
    "jdk" to Jdks.own.version + Jdks.withVirtualThreads?.let { if (it == Jdks.own) "" else ", virtual threads on ${it.version}" }.orEmpty(),
    "placement" to cpus.remark,
    "rounds" to "${settings.rounds} of ${settings.measure}, after ${settings.warmUp} of warm-up each",
)

private fun processor(): String {
    val cores = Runtime.getRuntime().availableProcessors()
    val name = Path.of("/proc/cpuinfo").takeIf { it.exists() }?.readText()?.lineSequence()
        ?.firstOrNull { it.startsWith("model name") }?.substringAfter(':')?.trim()
    return "$cores cores of ${name ?: System.getProperty("os.arch")}"
}
