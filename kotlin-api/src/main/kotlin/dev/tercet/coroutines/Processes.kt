package dev.tercet.coroutines

import dev.tercet.CalledProcessException
import dev.tercet.ChildInput
import dev.tercet.ChildOutput
import dev.tercet.CompletedProcess
import dev.tercet.ProcessOptions
import dev.tercet.TooLongException
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.process.Child
import dev.tercet.internal.process.ChildRun
import dev.tercet.internal.process.Spawn
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/*
 * Child processes. Everything but the waiting is in the core: how they are started, whose pipes are served when, what has failed.
 *
 * A start blocks for some milliseconds and cannot be undone, so it runs elsewhere and is not cancelled: the child would be nobody's. Nothing
 * suspends between the start and the `try` that ends the child (spec PROC-P39).
 */

/**
 * Runs a command: starts it, gives it its input, captures what is to be captured, and waits until it has ended (spec PROC-P1).
 *
 * ```
 * println(runProcess("git", "status", stdout = ChildOutput.CAPTURE).stdoutText())
 * ```
 *
 * *Errors:* the system's [IOException] when it cannot be started (spec PROC-P12); [CalledProcessException] when its status is not 0 and
 * [check] is true; [TooLongException] when it writes more than is captured at most; [IllegalArgumentException] for an empty command and for
 * PIPE, which nobody could reach (spec PROC-P8). Whatever the error, the child has ended.
 *
 * *Cancellation:* the child gets TERM, after [killAfter] KILL; when it has ended the cancellation is thrown (spec PROC-P14).
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param command the program and its arguments; no shell reads them
 * @param stdin where its input comes from (spec PROC-P4)
 * @param stdout where its output goes (spec PROC-P7)
 * @param stderr where its errors go
 * @param check whether a status other than 0 is a failure (spec PROC-P2)
 * @param directory where it runs; null for this program's directory
 * @param environment what differs from this program's environment; null as a value removes the variable
 * @param killAfter how long it has from TERM to KILL, zero or more
 * @param group whether it gets a process group of its own, which is ended as a whole; see [ProcessOptions.withGroup]
 * @return how it has ended, and what was captured
 */
@Suppress("LongParameterList") // each has a default
public suspend fun runProcess(
    vararg command: String,
    stdin: ChildInput = ProcessOptions.DEFAULT.stdin(),
    stdout: ChildOutput = ProcessOptions.DEFAULT.stdout(),
    stderr: ChildOutput = ProcessOptions.DEFAULT.stderr(),
    check: Boolean = ProcessOptions.DEFAULT.check(),
    directory: Path? = null,
    environment: Map<String, String?> = emptyMap(),
    killAfter: Duration = ProcessOptions.DEFAULT.killAfter().toKotlinDuration(),
    group: Boolean = ProcessOptions.DEFAULT.group(),
): CompletedProcess =
    runProcess(command.asList(), processOptions(stdin, stdout, stderr, check, directory, environment, killAfter, group))

/**
 * Runs a command with all options there are; see the other function of this name.
 *
 * *Errors:* as there.
 *
 * *Cancellation:* as there.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param command the program and its arguments; no shell reads them
 * @param options how to run it
 * @return how it has ended, and what was captured
 */
public suspend fun runProcess(command: List<String>, options: ProcessOptions): CompletedProcess =
    runPipeline(listOf(command), options).single()

/**
 * Runs commands of which each reads what the one before it writes, as `a | b | c` in a shell. The bytes between them do not go through this
 * program.
 *
 * *Errors:* as [runProcess], for any of them; when several have failed, for the last of these. One that was ended by a broken pipe because the
 * next has had enough has not failed. [IllegalArgumentException] for `MERGE_INTO_STDOUT`.
 *
 * *Cancellation:* as [runProcess], for all of them.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param commands 1 or more
 * @param options the input is of the first, the output of the last, the rest of each
 * @return how they have ended, in the same order
 */
public suspend fun runPipeline(commands: List<List<String>>, options: ProcessOptions = ProcessOptions.DEFAULT): List<CompletedProcess> {
    val loops = currentLoopGroup()
    val children = uncancellableOn(Dispatchers.IO) { Spawn.startToRun(commands, options, loops) }
    try {
        val run = ChildRun.of(children, options)
        Driver().run(run)
        return run.results()
    } finally {
        endChildren(children, options.killAfter().toKotlinDuration())
    }
}

/**
 * Starts a command, gives it to [block], and ends with both. When the block returns, the child finds the end of its input; what it still writes
 * is thrown away; and its end is waited for.
 *
 * ```
 * withProcess("ssh", "gateway", "nc", "db.example", "5433", stdin = ChildInput.PIPE, stdout = ChildOutput.PIPE) { child ->
 *     TlsStream.wrapClient(child.stdio, "db.example").use { it.sendAll("hello".encodeToByteArray()) }
 * }
 * ```
 *
 * *Errors:* as [runProcess], and what [block] throws: the child is then ended, and if it had failed by itself, its [CalledProcessException]
 * is suppressed in what the block has thrown.
 *
 * *Cancellation:* cancels the block, and ends the child as [runProcess] does.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param command the program and its arguments; no shell reads them
 * @param stdin where its input comes from; PIPE for a stream of the child
 * @param stdout where its output goes; PIPE for a stream of the child
 * @param stderr where its errors go; CAPTURE for the message of a failure
 * @param check whether a status other than 0 is a failure
 * @param directory where it runs; null for this program's directory
 * @param environment what differs from this program's environment; null as a value removes the variable
 * @param killAfter how long it has from TERM to KILL, zero or more
 * @param group whether it gets a process group of its own, which is ended as a whole; see [ProcessOptions.withGroup]
 * @param block uses the child
 * @return the result of the block
 */
@Suppress("LongParameterList") // each has a default
public suspend fun <R> withProcess(
    vararg command: String,
    stdin: ChildInput = ProcessOptions.DEFAULT.stdin(),
    stdout: ChildOutput = ProcessOptions.DEFAULT.stdout(),
    stderr: ChildOutput = ProcessOptions.DEFAULT.stderr(),
    check: Boolean = ProcessOptions.DEFAULT.check(),
    directory: Path? = null,
    environment: Map<String, String?> = emptyMap(),
    killAfter: Duration = ProcessOptions.DEFAULT.killAfter().toKotlinDuration(),
    group: Boolean = ProcessOptions.DEFAULT.group(),
    block: suspend CoroutineScope.(ChildProcess) -> R,
): R = withProcess(command.asList(), processOptions(stdin, stdout, stderr, check, directory, environment, killAfter, group), block)

/**
 * Starts a command with all options there are, and gives it to [block]; see the other function of this name.
 *
 * *Errors:* as there.
 *
 * *Cancellation:* as there.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param command the program and its arguments; no shell reads them
 * @param options how to run it
 * @param block uses the child
 * @return the result of the block
 */
public suspend fun <R> withProcess(command: List<String>, options: ProcessOptions, block: suspend CoroutineScope.(ChildProcess) -> R): R {
    val loops = currentLoopGroup()
    val killAfter = options.killAfter().toKotlinDuration()
    val child = uncancellableOn(Dispatchers.IO) { Spawn.startShared(command, options, loops) }
    val run = ChildRun.of(listOf(child), options)
    try {
        return coroutineScope {
            launch { Driver().run(run) }
            val result = coroutineScope { block(ChildProcess(child, killAfter)) }
            Driver().run(ChildRun.rest(child, options))
            result
        }.also { run.results() }
    } catch (failure: Throwable) {
        if (failure !is CalledProcessException && child.exited().isOpen) addStatus(run, failure)
        throw failure
    } finally {
        endChildren(listOf(child), killAfter)
    }
}

/** The status of a child often is the reason for what has failed over its pipes. */
private fun addStatus(run: ChildRun, failure: Throwable) {
    try {
        run.results()
    } catch (status: CalledProcessException) {
        failure.addSuppressed(status)
    }
}

/**
 * Starts a command and leaves it to the caller, who closes it. No cancellation of the caller ends the child: it may outlive the coroutine that
 * has started it (spec PROC-P25). Most programs want [withProcess].
 *
 * *Errors:* the system's [IOException] when it cannot be started; [IllegalArgumentException] for an empty command, for `CAPTURE` and for
 * `bytes`, which need somebody who moves them.
 *
 * *Cancellation:* before the child is started; a child that was started is returned.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 *
 * @param command the program and its arguments; no shell reads them
 * @param options how to run it; nobody looks at `check`
 * @return the child; the caller closes it
 */
public suspend fun openProcess(command: List<String>, options: ProcessOptions = ProcessOptions.DEFAULT): ChildProcess {
    val loops = currentLoopGroup()
    val child = uncancellableOn(Dispatchers.IO) { Spawn.startToOpen(command, options, loops) }
    return ChildProcess(child, options.killAfter().toKotlinDuration())
}

/**
 * Takes over a process that somebody else has started, of a library for terminals for instance. Its pipes get a thread for each, since the
 * JDK's block (spec PROC-P30).
 *
 * @param process started with pipes, which nobody else uses from now on
 * @return the child, with all three streams; the caller closes it
 */
public fun wrapProcess(process: Process): ChildProcess =
    ChildProcess(Spawn.wrap(process), ProcessOptions.DEFAULT.killAfter().toKotlinDuration())

@Suppress("LongParameterList") // those of the public functions
private fun processOptions(
    stdin: ChildInput,
    stdout: ChildOutput,
    stderr: ChildOutput,
    check: Boolean,
    directory: Path?,
    environment: Map<String, String?>,
    killAfter: Duration,
    group: Boolean,
): ProcessOptions {
    val options =
        ProcessOptions.DEFAULT
            .withStdin(stdin)
            .withStdout(stdout)
            .withStderr(stderr)
            .withCheck(check)
            .withDirectory(directory)
            .withKillAfter(killAfter.toJavaDuration())
            .withGroup(group)
    return environment.entries.fold(options) { all, (name, value) -> all.withEnvironment(name, value) }
}

/** Does what blocks and cannot be undone: cancelled before it, or not at all. */
internal suspend fun <T> uncancellableOn(dispatcher: CoroutineDispatcher, block: () -> T): T {
    currentCoroutineContext().ensureActive()
    return withContext(NonCancellable) { withContext(dispatcher) { block() } }
}

/** Ends children that may still run, waits for their end, and closes the pipes. The time is real, whatever the caller's dispatcher believes. */
internal suspend fun endChildren(children: List<Child>, killAfter: Duration) {
    if (children.any { !it.exited().isOpen }) {
        withContext(NonCancellable + Dispatchers.Default) {
            children.forEach { if (!it.exited().isOpen) it.terminate() }
            withTimeoutOrNull(killAfter) { children.forEach { it.exited().await() } }
            children.forEach { if (!it.exited().isOpen || it.hasGroup()) it.kill() }
            children.forEach { it.exited().await() }
        }
    }
    children.forEach { it.closePipes() }
}
