package dev.tercet.samples.tcat

import dev.tercet.coroutines.runOnLoop
import java.io.IOException

/**
 * Runs a command line to its end. Everything that may go wrong becomes an exit code here, and at most one line on stderr. An interrupt of the
 * calling thread cancels the run; then it has closed its sockets and ended its processes before this throws [InterruptedException].
 */
fun tcat(args: List<String>, host: Host): ExitCode = host.use {
    try {
        val command = parseArguments(args)
        runOnLoop { run(command, host) }
    } catch (e: UsageException) {
        host.complain(e.message)
        ExitCode.USAGE
    } catch (e: IOException) {
        if (!isReaderGone(e, host)) host.complain(describe(e))
        ExitCode.of(e)
    }
}

private suspend fun run(command: Command, host: Host): ExitCode {
    when (command) {
        is Command.Connect -> connect(command, host)
        is Command.Listen -> listen(command, host)
        is Command.Resolve -> resolve(command, host)
        is Command.Demo -> return demo(host)
        is Command.Help -> host.print(command.text)
        is Command.Version -> host.print("tcat $VERSION\n")
    }
    return ExitCode.CLEAN
}

private val VERSION: String by lazy {
    checkNotNull(Command::class.java.getResource("version.txt")).readText().trim()
}
