package dev.tercet.coroutines

import dev.tercet.ExitStatus
import dev.tercet.PosixSignal
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.process.Child
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlin.time.Duration

/**
 * A child process that runs, from [withProcess] or [openProcess]. [close] ends it. The suspending twin of
 * [dev.tercet.blocking.ChildProcess].
 *
 * *Thread-safety:* any coroutine; the streams as streams are.
 */
public class ChildProcess internal constructor(internal val child: Child, private val killAfter: Duration) : AsyncResource {
    private val input = child.stdin()?.let { PipeSendStream(it) }
    private val output = child.stdout()?.let { PipeReceiveStream(it) }
    private val errors = child.stderr()?.let { PipeReceiveStream(it) }

    /** The number of the process, 1 or more. */
    public val pid: Long get() = child.pid()

    /** What was started: the program and its arguments. */
    public val command: List<String> get() = child.command()

    /**
     * Its standard input; closing the stream is the end that the child finds (spec PROC-P20). [IllegalStateException] when it was not
     * started with `ChildInput.PIPE`.
     */
    public val stdin: SendStream get() = piped(input, "standard input", "ChildInput.PIPE")

    /** Its standard output (spec PROC-P20). [IllegalStateException] when it was not started with `ChildOutput.PIPE`. */
    public val stdout: ReceiveStream get() = piped(output, "standard output", "ChildOutput.PIPE")

    /** Its standard error (spec PROC-P20). [IllegalStateException] when it was not started with `ChildOutput.PIPE`. */
    public val stderr: ReceiveStream get() = piped(errors, "standard error", "ChildOutput.PIPE")

    /**
     * Its standard input and output as one stream, for TLS over a child for instance. A new stream over the same two each time;
     * [IllegalStateException] when one of them is not piped.
     */
    public val stdio: StapledStream<SendStream, ReceiveStream> get() = StapledStream(stdin, stdout)

    private fun <T : Any> piped(stream: T?, what: String, option: String): T =
        checkNotNull(stream) { "the $what of this child is no pipe; start it with $option" }

    /** How it has ended; null while it runs (spec PROC-P20). */
    public val status: ExitStatus? get() = child.status()

    /**
     * Waits until it has ended. Any number of coroutines may wait (spec PROC-P21).
     *
     * *Errors:* none.
     *
     * *Cancellation:* no effect on the child; wait again.
     *
     * *Thread-safety:* any coroutine.
     *
     * @return how it has ended
     */
    public suspend fun awaitExit(): ExitStatus {
        currentCoroutineContext().ensureActive()
        child.exited().await()
        return checkNotNull(child.status()) { "woken before the end of $child" }
    }

    /** Asks it to end: TERM. Does not wait, and does nothing to a child that has ended. */
    public fun terminate(): Unit = child.terminate()

    /** Ends it: KILL. Does not wait, and does nothing to a child that has ended. */
    public fun kill(): Unit = child.kill()

    /**
     * Sends it a signal; does nothing to a child that has ended (spec PROC-P22).
     *
     * *Errors:* an `IOException` when the program `kill` cannot be run.
     *
     * *Cancellation:* before the signal is sent; it takes some milliseconds.
     *
     * *Thread-safety:* any coroutine.
     */
    public suspend fun sendSignal(signal: PosixSignal): Unit = uncancellableOn(Dispatchers.IO) { child.send(signal) }

    /**
     * Ends the child if it still runs, and closes the pipes: TERM, after the time it was given KILL, and waits for its end (spec PROC-P15,
     * PROC-P16).
     *
     * *Errors:* none; a signal that cannot be sent is logged.
     *
     * *Cancellation:* does not end it; the cancellation is thrown at the end.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        endChildren(listOf(child), killAfter)
        currentCoroutineContext().ensureActive()
    }

    /** Kills the child and closes the pipes, without waiting for its end. */
    override fun closeForcefully() {
        child.kill()
        child.closePipes()
    }

    override fun toString(): String = "ChildProcess($child)"
}
