package dev.tercet.benchmarks

import java.nio.file.InvalidPathException
import java.nio.file.Path
import kotlin.io.path.absolute
import kotlin.io.path.isDirectory
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The command line makes no sense. */
class UsageException(override val message: String) : Exception(message)

/** Reads a command line; null when it asks for help. */
fun parseArguments(args: List<String>): Settings? {
    val rest = ArrayDeque(args)
    val words = LinkedHashSet<String>()
    var settings = Settings()
    while (rest.isNotEmpty()) {
        val argument = rest.removeFirst()
        val option = argument.substringBefore('=')
        val attached = if ('=' in argument) argument.substringAfter('=') else null
        fun value() = attached ?: rest.removeFirstOrNull() ?: throw UsageException("$option needs a value")
        fun flag() = attached?.let { throw UsageException("$option takes no value: $argument") }
        when {
            option == "-h" || option == "--help" -> {
                flag()
                return null
            }

            option == "--against" -> settings = settings.copy(against = peers(value()))

            option == "--rounds" -> settings = settings.copy(rounds = whole(option, value(), 1..1000))

            option == "--seconds" -> settings = settings.copy(measure = seconds(option, value(), 0.05..60.0))

            option == "--warm-up" -> settings = settings.copy(warmUp = seconds(option, value(), 0.0..60.0))

            option == "--connections" -> settings = settings.copy(connections = whole(option, value(), 1..100_000))

            option == "--json" -> settings = settings.copy(json = file(option, value()))

            option == "--svg" -> settings = settings.copy(svg = file(option, value()))

            option.startsWith("-") -> throw UsageException("unknown option $option; see bench --help")

            argument == "all" -> words += WORDS.keys

            argument in WORDS -> words += argument

            else -> throw UsageException("unknown benchmark $argument: ${WORDS.keys.joinToString(", ")} or all; see bench --help")
        }
    }
    if (words.isNotEmpty()) settings = settings.copy(words = words.toList())
    val known = settings.words.flatMap { WORDS.getValue(it) }.flatMap { it.contenders }
    settings.against.orEmpty().firstOrNull { it !in known }?.let {
        throw UsageException("--against $it: it takes no part in ${settings.words.joinToString(", ")}")
    }
    return settings
}

private fun peers(text: String): Set<String> {
    if (text == "none") return emptySet()
    val known = CONTENDERS.values.filterNot { it.isOurs }.map { it.name }
    return text.split(',').onEach {
        if (it !in known) throw UsageException("--against $it: the peers are ${known.joinToString(", ")}, or none")
    }.toSet()
}

private fun whole(option: String, text: String, range: IntRange): Int = text.toIntOrNull()?.takeIf { it in range }
    ?: throw UsageException("$option is a whole number from ${range.first} to ${range.last}: $text")

private fun seconds(option: String, text: String, range: ClosedFloatingPointRange<Double>): Duration {
    val number = text.toDoubleOrNull()?.takeIf { it in range }
        ?: throw UsageException("$option is in seconds, ${range.start} to ${range.endInclusive}: $text")
    return (number * 1000).toLong().milliseconds
}

private fun file(option: String, text: String): Path {
    val path = try {
        Path.of(text)
    } catch (e: InvalidPathException) {
        throw UsageException("$option: ${e.message}")
    }
    // Found out now, and not after ten minutes.
    if (text.isEmpty() || path.isDirectory()) throw UsageException("$option needs a file: '$text'")
    if (path.absolute().parent?.isDirectory() != true) throw UsageException("$option $text: there is no such folder")
    return path
}

val HELP = """
    |bench [WORD...] [options]      measures Tercet and its peers under the same load, and prints a table for each
    |bench jmh [ARGUMENTS]          measures single calls with JMH, to explain the tables; bench jmh -h, bench jmh -l, bench jmh -prof gc SocketPair
    |
    |words     all (the default), or any of ${WORDS.keys.joinToString(" ")}
    |  echo      64, 1,000 and 1 connections, 64 bytes there and back: requests per second and CPU per request
    |  bulk      one connection, as many bytes as go through, received and sent
    |  connect   connect, one byte there and back, close
    |  loops     an event loop of two threads against one of one, on one core: what spreading connections costs
    |  idle      memory per connection that does nothing
    |  tls       bulk over TLS 1.3, received and sent
    |  tls-handshake  connect, a full handshake, one byte there and back, close
    |  dtls      200 bytes there and back over DTLS 1.2, 16 channels
    |  dtls-handshake  a full handshake, one byte there and back, close_notify
    |  dtls-flood      what a datagram costs the server: a true record, random bytes, a forged record, a hello without a cookie
    |  dtls-idle       memory per channel that does nothing, of 10,000 on one endpoint
    |  race      the client: openTcpStream to a name with four addresses, against connects to the first of them
    |  blocking  the blocking API against java.net.Socket, on platform and on virtual threads
    |options
    |  --against NAMES     peers, separated by commas: ${CONTENDERS.values.filterNot { it.isOurs }.joinToString(" ") { it.name }}; or none.
    |                      Tercet in its forms and the baseline of each table run in any case
    |  --rounds N          how often each is measured, in turns; 21
    |  --seconds S         how long each time; 0.25
    |  --warm-up S         how long each works before the first round; 3
    |  --connections N     instead of what each benchmark says
    |  --json FILE         all figures, each round of them
    |  --svg FILE          the ratios as a bar chart
    |exit      0 done   1 something could not be measured, and stderr says what   2 bad usage
    |
    |Virtual threads run on the newest JDK in ${'$'}JDK25 or /usr/lib/jvm, all else on the JDK that runs this.
    |docs/performance.md says how it measures, and what was measured.
    |
""".trimMargin()
