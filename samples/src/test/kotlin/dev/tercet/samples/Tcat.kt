package dev.tercet.samples

import dev.tercet.samples.tcat.ExitCode
import dev.tercet.samples.tcat.Host
import dev.tercet.samples.tcat.Signals
import dev.tercet.samples.tcat.StandardStreams
import dev.tercet.samples.tcat.tcat
import kotlinx.coroutines.channels.Channel
import java.io.InputStream
import java.io.OutputStream
import java.io.PrintStream
import java.nio.channels.Channels
import java.nio.channels.Pipe
import java.util.concurrent.TimeUnit
import java.util.logging.Handler
import java.util.logging.LogRecord
import java.util.logging.Logger
import java.util.logging.SimpleFormatter
import kotlin.concurrent.thread

/**
 * A tcat in this JVM, which a test talks to as to a process: its stdin and stdout are pipes of the system, a signal is a message, and the exit
 * code is what `tcat` returns. What the library logs is the JVM's, and goes to the stderr of every tcat that runs, as in a process of its own.
 *
 * @param stdin null for a pipe from [input]
 * @param stdout null for a pipe to [output]
 */
class Tcat(vararg args: String, stdin: InputStream? = null, stdout: OutputStream? = null) : Running() {
    private val toStdin = Pipe.open()
    private val fromStdout = Pipe.open()
    override val input: OutputStream = Channels.newOutputStream(toStdin.sink())
    override val output: InputStream = Channels.newInputStream(fromStdout.source())
    private val stdin = stdin ?: Channels.newInputStream(toStdin.source())
    private val isPipe = stdout == null
    private val stdout = stdout ?: Channels.newOutputStream(fromStdout.sink())
    private val signals = Channel<Unit>(Channel.UNLIMITED)

    @Volatile private var takesSignals = false

    @Volatile private var result: Result<ExitCode>? = null

    private val running = thread(name = "tcat ${args.joinToString(" ")}", isDaemon = true) { result = runCatching { run(args.asList()) } }

    override val isAlive get() = running.isAlive

    private fun run(args: List<String>): ExitCode {
        val stderr = PrintStream(LineStream(errorLines::add), true)
        val log = Log(stderr)
        logger.addHandler(log)
        try {
            return tcat(args, Host(stdin, stdout, stderr, Signals(::receiveSignals), StandardStreams(stdoutIsPipe = isPipe)))
        } finally {
            logger.removeHandler(log)
            // As the end of a process does.
            stdin.close()
            stdout.close()
        }
    }

    private suspend fun receiveSignals(block: suspend (suspend () -> Unit) -> Unit) {
        takesSignals = true
        try {
            block(signals::receive)
        } finally {
            takesSignals = false
        }
    }

    override fun exitCode(): Int {
        running.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
        check(!running.isAlive) { "it does not end: ${running.name}, ${errorLines.all()}" }
        return checkNotNull(result).getOrThrow().code
    }

    override fun terminate(): Tcat = apply {
        check(takesSignals) { "a process would end at once: ${running.name} does not receive signals" }
        signals.trySend(Unit).getOrThrow()
    }

    /** Those of all tcats in this JVM. */
    override fun descendants(): List<ProcessHandle> = ProcessHandle.current().children().toList()
        .filter { it.pid() !in Program.started }
        .flatMap { listOf(it) + it.descendants().toList() }

    /** Cancels it, if it runs still, and returns its stderr when it has ended. */
    fun cancel(): List<String> {
        running.interrupt()
        running.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
        check(!running.isAlive) { "it cannot be cancelled: ${running.name}, ${errorLines.all()}" }
        return errorLines.all()
    }

    override fun close() {
        cancel()
        for (end in listOf(toStdin.sink(), toStdin.source(), fromStdout.sink(), fromStdout.source())) end.close()
    }

    private class Log(private val to: PrintStream) : Handler() {
        private val formatter = SimpleFormatter()

        override fun publish(record: LogRecord) = to.println("tcat: ${formatter.formatMessage(record)}")

        override fun flush() = Unit

        override fun close() = Unit
    }

    /** Calls [onLine] with each line that is written. [PrintStream] locks. */
    private class LineStream(private val onLine: (String) -> Unit) : OutputStream() {
        private val line = java.io.ByteArrayOutputStream()

        override fun write(byte: Int) {
            if (byte != '\n'.code) return line.write(byte)
            onLine(line.toString(Charsets.UTF_8))
            line.reset()
        }
    }

    private companion object {
        val logger: Logger = Logger.getLogger("dev.tercet")
    }
}
