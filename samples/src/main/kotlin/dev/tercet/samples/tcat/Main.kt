package dev.tercet.samples.tcat

import dev.tercet.coroutines.loop.runOnLoop
import java.io.IOException
import kotlin.system.exitProcess

/** A netcat on the Kotlin API. `exitProcess`, because a thread may still sit in a read of stdin, which nothing can end. */
fun main(args: Array<String>) {
    // What the library itself has to log, such as that descriptors have run out, in one line like ours.
    System.setProperty("java.util.logging.SimpleFormatter.format", "tcat: %5\$s%n")
    exitProcess(tcat(args.asList()).code)
}

/** Runs a command line; everything that may go wrong becomes an exit code here, and at most one line on stderr. */
fun tcat(args: List<String>): ExitCode = try {
    when (val command = parseArguments(args)) {
        is Command.Connect -> runOnLoop { connect(command) }
        is Command.Listen -> runOnLoop { listen(command) }
        is Command.Resolve -> runOnLoop { resolve(command) }
        is Command.Demo -> runOnLoop { demo() }
        is Command.Help -> ExitCode.CLEAN.also { print(command.text) }
        is Command.Version -> ExitCode.CLEAN.also { println("tcat $VERSION") }
    }
} catch (e: UsageException) {
    complain(e.message)
    ExitCode.USAGE
} catch (e: IOException) {
    if (!isReaderGone(e)) complain(describe(e))
    ExitCode.of(e)
}

private val VERSION: String by lazy {
    checkNotNull(Command::class.java.getResource("version.txt")).readText().trim()
}
