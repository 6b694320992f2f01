package dev.tercet.samples.tcat

import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.adapt.asSuspending
import dev.tercet.coroutines.sendAll
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import java.io.InputStream
import java.io.OutputStream
import java.io.PrintStream
import java.util.concurrent.Executors
import dev.tercet.blocking.ReceiveStream as BlockingReceiveStream
import dev.tercet.blocking.SendStream as BlockingSendStream

/**
 * What one run of tcat has of the process that it runs in. It uses nothing else of the process, so that several can run in one JVM: `main` hands
 * in the process's own streams and signals, a test hands in pipes.
 *
 * @property stdinBytes how many bytes stdin has left, when it is a file; null when nobody knows
 * @property childErrors where processes that tcat starts write their stderr
 */
class Host(
    stdin: InputStream,
    stdout: OutputStream,
    val stderr: PrintStream,
    val signals: Signals,
    val standardStreams: StandardStreams = StandardStreams(),
    val stdinBytes: () -> Long? = { null },
    val childErrors: ProcessBuilder.Redirect = ProcessBuilder.Redirect.INHERIT,
) : AutoCloseable {
    /*
     * Terminals and the pipes of processes block threads, up to two per connection. `Dispatchers.IO` has a limit, and with so many processes that
     * wait for input there would be no thread left to feed one.
     */
    private val threads = Executors.newCachedThreadPool { task -> Thread(task, "blocking tcat").apply { isDaemon = true } }

    /** For what blocks a thread. */
    val blocking: CoroutineDispatcher = threads.asCoroutineDispatcher()

    /** A coroutine that is cancelled does not wait for a read of it, which cannot be interrupted at a terminal. */
    val stdin: ReceiveStream = BlockingReceiveStream.from(stdin).asSuspending(blocking)

    val stdout: SendStream = BlockingSendStream.from(stdout).asSuspending(blocking)

    /** Whether somebody looks at stderr, and the conversation itself is not held at the same terminal. */
    val isWatched: Boolean
        get() = standardStreams.stderrIsTerminal && !(standardStreams.stdinIsTerminal && standardStreams.stdoutIsTerminal)

    /** Writes to stdout. */
    suspend fun print(text: String) = at(STDOUT) { stdout.sendAll(text.encodeToByteArray()) }

    /** Writes the one line about a failure to stderr. */
    fun complain(line: String) = stderr.println("tcat: ${printable(line)}")

    /** Interrupts the threads that still read or write, and does not wait for them. */
    override fun close() {
        threads.shutdownNow()
    }
}

const val STDIN = "stdin"
const val STDOUT = "stdout"
