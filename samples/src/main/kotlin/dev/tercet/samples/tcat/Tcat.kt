package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.withNetwork
import dev.tercet.loop.EventLoop
import java.io.IOException

/**
 * Runs a command line to its end. Everything that may go wrong becomes an exit code here, and at most one line on stderr. An interrupt of the
 * calling thread cancels the run; then it has closed its sockets and ended its processes before this throws [InterruptedException].
 */
fun tcat(args: List<String>, host: Host): ExitCode = host.use {
    try {
        val command = parseArguments(args)
        onLoop(command.family) { run(command, host) }
    } catch (e: UsageException) {
        host.complain(e.message)
        ExitCode.USAGE
    } catch (e: IOException) {
        if (!isReaderGone(e, host)) host.complain(describe(e))
        ExitCode.of(e)
    }
}

/** On one thread, where names have addresses of one family only. */
private fun onLoop(family: AddressFamily, body: suspend () -> ExitCode): ExitCode {
    if (family == AddressFamily.ANY) return runOnLoop { body() }
    return EventLoop.open("tcat").use { loop ->
        val network = loop.network()
        runOnLoop(loop) { withNetwork(network.withResolver(OneFamily(network.resolver(), family))) { body() } }
    }
}

private suspend fun run(command: Command, host: Host): ExitCode {
    when (command) {
        is Command.Connect -> connect(command, host)
        is Command.Listen -> listen(command, host)
        is Command.Resolve -> resolve(command, host)
        is Command.Check -> return check(command, host)
        is Command.Cert -> return cert(command, host)
        is Command.Demo -> return demo(host)
        is Command.Help -> host.print(command.text)
        is Command.Version -> host.print("tcat $VERSION\n")
    }
    return ExitCode.CLEAN
}

private val VERSION: String by lazy {
    checkNotNull(Command::class.java.getResource("version.txt")).readText().trim()
}
