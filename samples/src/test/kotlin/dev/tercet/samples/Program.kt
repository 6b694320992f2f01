package dev.tercet.samples

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.thread
import kotlin.concurrent.withLock

/**
 * A process that a test talks to. Its stdin and stdout are the test's, its stderr is kept line by line. Whatever waits here gives up after a
 * minute: a hang is a failure.
 */
class Program(builder: ProcessBuilder) : AutoCloseable {
    constructor(vararg command: String) : this(ProcessBuilder(*command))

    val process: Process = builder.start()
    val input: OutputStream = process.outputStream
    val output: InputStream = process.inputStream
    private val lock = ReentrantLock()
    private val another = lock.newCondition()
    private val errorLines = mutableListOf<String>()
    private val reading =
        thread(name = "stderr of ${process.pid()}", isDaemon = true) {
            process.errorStream.bufferedReader().forEachLine { line ->
                lock.withLock {
                    errorLines += line
                    another.signalAll()
                }
            }
        }

    /** What stands after [marker] in the line on stderr that has it. */
    fun awaitError(marker: String): String {
        var left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)
        lock.withLock {
            while (true) {
                errorLines.firstOrNull { marker in it }?.let { return it.substringAfter(marker) }
                check(left > 0) { "no line with '$marker' on stderr: $errorLines" }
                left = another.awaitNanos(left)
            }
        }
    }

    /** All of stderr, once the program has ended. */
    fun errors(): List<String> {
        exitCode()
        reading.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
        return lock.withLock { errorLines.toList() }
    }

    fun say(text: String): Program = apply {
        input.write(text.encodeToByteArray())
        input.flush()
    }

    fun endInput(): Program = apply { input.close() }

    /** What the program writes to stdout, to its end. */
    fun hear(): String = output.readAllBytes().decodeToString()

    fun exitCode(): Int {
        check(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) { "it does not end: ${process.info().commandLine()}" }
        return process.exitValue()
    }

    /** With TERM. Through the handle: the process's own `destroy` closes our ends of its streams too. */
    fun terminate(): Program = apply { process.toHandle().destroy() }

    /** With KILL, so that it has no time for anything. */
    fun kill(): Program = apply { process.toHandle().destroyForcibly() }

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
        private const val PATIENCE_SECONDS = 60L

        /** A program of this module, in a JVM as small as it should do with. */
        fun java(mainClass: String, vararg args: String): ProcessBuilder = ProcessBuilder(
            listOf(
                "${System.getProperty("java.home")}/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass,
            ) + args,
        )

        fun tcat(vararg args: String): Program = Program(tcatCommand(*args))

        fun tcatCommand(vararg args: String): ProcessBuilder = java("dev.tercet.samples.tcat.MainKt", *args)
    }
}
