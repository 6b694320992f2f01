package dev.tercet.samples

import java.io.InputStream
import java.io.OutputStream

/** A program that a test talks to. Its stdin and stdout are the test's, its stderr is kept line by line. */
abstract class Running : AutoCloseable {
    /** What it reads from stdin. */
    abstract val input: OutputStream

    /** What it writes to stdout. */
    abstract val output: InputStream

    protected val errorLines = Lines()

    abstract val isAlive: Boolean

    /** What stands after [marker] in the line on stderr that has it. */
    fun awaitError(marker: String): String = errorLines.await(marker)

    /** All of stderr, once the program has ended. */
    open fun errors(): List<String> {
        exitCode()
        return errorLines.all()
    }

    fun say(text: String): Running = apply {
        input.write(text.encodeToByteArray())
        input.flush()
    }

    fun endInput(): Running = apply { input.close() }

    /** What the program writes to stdout, to its end. */
    fun hear(): String = output.readAllBytes().decodeToString()

    /** One line of stdout, without a buffer that would keep what follows. */
    fun hearLine(): String =
        generateSequence { output.read() }.takeWhile { it != -1 && it != '\n'.code }.map { it.toChar() }.joinToString("").trimEnd('\r')

    /** Waits for the end. */
    abstract fun exitCode(): Int

    /** With TERM. */
    abstract fun terminate(): Running

    /** The processes that it has started. */
    abstract fun descendants(): List<ProcessHandle>
}
