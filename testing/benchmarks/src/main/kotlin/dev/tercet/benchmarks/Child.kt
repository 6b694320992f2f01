package dev.tercet.benchmarks

import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.readLines
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** A process of ours went wrong. */
class ChildException(message: String) : IOException(message)

/**
 * A server or the load generator: a process that takes commands on stdin and answers on stdout, a line each.
 *
 * It ends when its stdin does. So it cannot outlive us, however we end: when we are killed, the kernel closes the pipe. What it says on
 * stderr goes to a file, and its end is told when something goes wrong.
 */
class Child private constructor(val name: String, private val process: Process, private val log: Path) : AutoCloseable {
    private val lines = LinkedBlockingQueue<String>()
    private val commands = process.outputWriter()

    val pid: Long get() = process.pid()

    init {
        thread(isDaemon = true, name = "bench-$name") {
            process.inputReader().use { reader -> reader.forEachLine(lines::put) }
            lines.put(END)
        }
    }

    /** The next line it says. */
    fun line(limit: Duration): String = when (val line = lines.poll(limit.inWholeMilliseconds, TimeUnit.MILLISECONDS)) {
        null -> throw ChildException("$name did not answer within $limit${tail()}")
        END -> throw ChildException("$name has ended with ${exitCode()}${tail()}")
        else -> line
    }

    /** Tells it something; the words of the answer, such as `heap=123`, as a map. */
    fun ask(command: String, limit: Duration = 60.seconds): Map<String, Long> {
        try {
            commands.write("$command\n")
            commands.flush()
        } catch (e: IOException) {
            throw ChildException("$name has ended with ${exitCode()}${tail()}").apply { initCause(e) }
        }
        val answer = line(limit)
        if (!answer.startsWith("ok")) throw ChildException("$name: ${answer.removePrefix("error ")}")
        return answer.removePrefix("ok").trim().split(' ').filter { it.isNotEmpty() }
            .associate { it.substringBefore('=') to it.substringAfter('=').toLong() }
    }

    override fun close() {
        ALIVE.remove(this)
        try {
            commands.close()
        } catch (_: IOException) {
            // It has gone already.
        }
        if (!process.waitFor(2, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
    }

    private fun exitCode() = if (process.waitFor(1, TimeUnit.SECONDS)) "exit code ${process.exitValue()}" else "closed output"

    private fun tail(): String {
        val said = log.readLines().filter { it.isNotBlank() }.takeLast(LOG_LINES)
        return if (said.isEmpty()) "" else said.joinToString("") { "\n    $it" }
    }

    companion object {
        private const val END = "\u0000end"
        private const val LOG_LINES = 6
        private val ALIVE: MutableSet<Child> = ConcurrentHashMap.newKeySet()

        init {
            // An interrupt from the keyboard reaches the children, too; a signal to us alone does not.
            Runtime.getRuntime().addShutdownHook(Thread { ALIVE.forEach { it.process.destroyForcibly() } })
        }

        fun start(name: String, command: List<String>, log: Path): Child {
            val process = ProcessBuilder(command).redirectError(log.toFile()).start()
            return Child(name, process, log).also { ALIVE += it }
        }
    }
}
