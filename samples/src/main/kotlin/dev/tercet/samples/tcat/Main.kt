package dev.tercet.samples.tcat

import dev.tercet.PosixSignal
import dev.tercet.coroutines.withSignals
import java.io.FileDescriptor
import java.io.FileInputStream
import java.io.FileOutputStream
import java.io.IOException
import kotlin.system.exitProcess

/** A netcat on the Kotlin API, as a process. `exitProcess`, because a thread may still be in a read of stdin, which nothing can end. */
fun main(args: Array<String>) {
    // What the library itself has to log, such as that descriptors have run out, in one line like ours.
    System.setProperty("java.util.logging.SimpleFormatter.format", "tcat: %5\$s%n")
    exitProcess(tcat(args.asList(), processHost()).code)
}

/** Straight from the descriptors, since `System.in` and `System.out` have buffers and locks of their own. */
private fun processHost(): Host {
    val stdin = FileInputStream(FileDescriptor.`in`)
    val terminals = System.getProperty("tcat.terminals", "")
    return Host(
        stdin,
        FileOutputStream(FileDescriptor.out),
        System.err,
        { block -> withSignals(PosixSignal.INT, PosixSignal.TERM) { signals -> block { signals.receive() } } },
        StandardStreams(
            stdinIsTerminal = '0' in terminals,
            stdoutIsTerminal = '1' in terminals,
            stderrIsTerminal = '2' in terminals,
            stdoutIsPipe = '1' in System.getProperty("tcat.pipes", ""),
        ),
        { bytesLeft(stdin) },
    )
}

/** Of a file. Pipes, terminals and what only looks like a file have no size, or none that means anything. */
private fun bytesLeft(stdin: FileInputStream): Long? = try {
    stdin.channel.run { size() - position() }.takeIf { it > 0 }
} catch (_: IOException) {
    null
}
