package dev.tercet.samples

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A process that a test talks to. */
class Program(builder: ProcessBuilder) : Running() {
    constructor(vararg command: String) : this(ProcessBuilder(*command))

    val process: Process = builder.start().also { started += it.pid() }
    override val input: OutputStream = process.outputStream
    override val output: InputStream = process.inputStream
    private val reading =
        thread(name = "stderr of ${process.pid()}", isDaemon = true) { process.errorStream.bufferedReader().forEachLine(errorLines::add) }

    override val isAlive get() = process.isAlive

    override fun errors(): List<String> {
        exitCode()
        reading.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
        return super.errors()
    }

    override fun exitCode(): Int {
        check(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) { "it does not end: ${process.info().commandLine()}" }
        return process.exitValue()
    }

    /** Through the handle: the process's own `destroy` closes our ends of its streams too. */
    override fun terminate(): Program = apply { process.toHandle().destroy() }

    /** With KILL, so that it has no time for anything. */
    fun kill(): Program = apply { process.toHandle().destroyForcibly() }

    override fun descendants(): List<ProcessHandle> = process.descendants().toList()

    /** The most memory that it has had, heap and all; Linux only. */
    fun peakMemoryMiB(): Int = File("/proc/${process.pid()}/status")
        .readLines()
        .first { it.startsWith("VmHWM:") }
        .filter(Char::isDigit)
        .toInt() / 1024

    override fun close() {
        (process.descendants().toList() + process.toHandle()).forEach { it.destroyForcibly() }
        process.waitFor()
    }

    companion object {
        /** The process ids of all of these. */
        internal val started: MutableSet<Long> = ConcurrentHashMap.newKeySet()

        /** A program of this module, in a JVM as small as it should do with. The rest is for a fast start. */
        fun java(mainClass: String, vararg args: String): ProcessBuilder = ProcessBuilder(
            listOf(
                "${System.getProperty("java.home")}/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass,
            ) + args,
        )

        /** tcat as a process, which costs a JVM: for what only a process shows. Else there is [Tcat]. */
        fun tcat(vararg args: String): Program = Program(tcatCommand(*args))

        fun tcatCommand(vararg args: String): ProcessBuilder = java("dev.tercet.samples.tcat.MainKt", *args)
    }
}
