package dev.tercet.samples.tcat

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What a command line asks for. */
sealed interface Command {
    data class Connect(val address: Address, val timeout: Duration? = null, val localAddress: String? = null, val trace: Boolean = false) :
        Command

    data class Listen(
        val address: Address,
        val service: Service = Service.Standard,
        val once: Boolean = service is Service.Standard,
        val maxConnections: Int = Int.MAX_VALUE,
        val timeout: Duration? = null,
        val trace: Boolean = false,
    ) : Command

    data object Demo : Command

    data class Help(val text: String) : Command

    data object Version : Command
}

/** The command line makes no sense. */
class UsageException(override val message: String) : Exception(message)

/** Reads a command line. */
fun parseArguments(args: List<String>): Command {
    val rest = ArrayDeque(args)
    return when (val command = rest.removeFirstOrNull()) {
        null -> throw UsageException("what to do is missing: connect, listen or demo; see tcat --help")
        "-h", "--help", "help" -> Command.Help(HELP)
        "--version" -> Command.Version
        "connect" -> if (asksForHelp(rest)) Command.Help(HELP_CONNECT) else parseConnect(rest)
        "listen" -> if (asksForHelp(rest)) Command.Help(HELP_LISTEN) else parseListen(rest)
        "demo" -> if (asksForHelp(rest)) Command.Help(HELP_DEMO) else parseDemo(rest)
        "resolve" -> throw UsageException("resolve is not in this version of tcat")
        else -> throw UsageException("unknown command $command: connect, listen or demo; see tcat --help")
    }
}

/** What stands after `--exec` belongs to the command that is executed. */
private fun asksForHelp(args: List<String>) = args.takeWhile { it != "--exec" }.any { it == "-h" || it == "--help" }

private fun parseConnect(args: ArrayDeque<String>): Command.Connect {
    val options = Options("connect", args)
    var command = Command.Connect(Address.Tcp(null, 0))
    var address: Address? = null
    options.forEach { argument ->
        when (argument) {
            "--timeout" -> command = command.copy(timeout = options.seconds())
            "--local-address" -> command = command.copy(localAddress = options.value())
            "--trace" -> command = command.copy(trace = options.flag())
            else -> address = options.only(address) { Address.toConnect(argument) }
        }
    }
    if (command.localAddress != null && address is Address.Unix) throw UsageException("--local-address is for tcp: and udp: addresses")
    return command.copy(
        address =
        address ?: throw UsageException("ADDRESS is missing: tcat connect tcp:HOST:PORT, udp:HOST:PORT or unix:PATH"),
    )
}

private fun parseListen(args: ArrayDeque<String>): Command.Listen {
    val options = Options("listen", args)
    var service: Service? = null
    var once = false
    var maxConnections: Int? = null
    var timeout: Duration? = null
    var trace = false
    var address: Address? = null
    options.forEach { argument ->
        when (argument) {
            "--echo" -> service = options.onlyService(service) { Service.Echo.also { options.flag() } }
            "--forward" -> service = options.onlyService(service) { Service.Forward(options.connectionTo()) }
            "--exec" -> service = options.onlyService(service) { Service.Exec(options.allThatFollows()) }
            "--once" -> once = options.flag()
            "--max-connections" -> maxConnections = options.number()
            "--timeout" -> timeout = options.seconds()
            "--trace" -> trace = options.flag()
            else -> address = options.only(address) { Address.toListen(argument) }
        }
    }
    if (address is Address.Udp) requireForDatagrams(service, maxConnections)
    val single = once || service == null
    if (single && maxConnections != null) {
        throw UsageException("--max-connections makes no sense with one connection: it needs --echo, --exec or --forward, and no --once")
    }
    return Command.Listen(
        address ?: throw UsageException("ADDRESS is missing: tcat listen tcp:HOST:PORT, udp:HOST:PORT or unix:PATH"),
        service ?: Service.Standard,
        single,
        maxConnections ?: Int.MAX_VALUE,
        timeout,
        trace,
    )
}

/** What is about connections, where there are none. */
private fun requireForDatagrams(service: Service?, maxConnections: Int?) {
    if (service is Service.Forward) throw UsageException("--forward needs connections, and udp: has none")
    if (service is Service.Exec) throw UsageException("--exec needs connections, and udp: has none")
    if (maxConnections != null) throw UsageException("--max-connections needs connections, and udp: has none")
}

private fun parseDemo(args: ArrayDeque<String>): Command.Demo {
    if (args.isNotEmpty()) throw UsageException("demo takes no arguments: ${args.first()}")
    return Command.Demo
}

/** Walks over arguments; an option takes its value with `=` or from the next one. */
private class Options(private val command: String, private val args: ArrayDeque<String>) {
    private var option = ""
    private var attached: String? = null

    /** Calls [onArgument] with each option, without its value, and with each argument that is none. */
    fun forEach(onArgument: (String) -> Unit) {
        while (true) {
            val next = args.removeFirstOrNull() ?: return
            val isOption = next.startsWith("-")
            option = if (isOption) next.substringBefore('=') else next
            attached = if (isOption && '=' in next) next.substringAfter('=') else null
            onArgument(option)
        }
    }

    fun value(): String = attached ?: args.removeFirstOrNull() ?: throw UsageException("$option needs a value; see tcat $command --help")

    fun connectionTo(): Address {
        val address = Address.toConnect(value())
        if (address is Address.Udp) throw UsageException("$option needs connections, and udp: has none: $address")
        return address
    }

    fun flag(): Boolean {
        if (attached != null) throw UsageException("$option takes no value")
        return true
    }

    fun number(): Int {
        val value = value()
        return value.toIntOrNull()?.takeIf { it >= 1 } ?: throw UsageException("$option must be a number from 1, not '$value'")
    }

    fun seconds(): Duration {
        val value = value()
        val seconds = value.toDoubleOrNull()?.takeIf { it >= 0.001 && it < 1e9 }
        return seconds?.seconds ?: throw UsageException("$option must be a number of seconds, not '$value'")
    }

    fun allThatFollows(): List<String> {
        flag()
        if (args.isEmpty()) throw UsageException("$option needs a command; see tcat $command --help")
        return args.toList().also { args.clear() }
    }

    /** An argument that is no option known here. */
    fun <T : Any> only(present: T?, read: () -> T): T {
        if (option in LATER) throw UsageException("$option is not in this version of tcat, which does tcp:, udp: and unix:")
        if (option.startsWith("-")) throw UsageException("unknown option $option; see tcat $command --help")
        if (present != null) throw UsageException("one ADDRESS is enough: $present and $option")
        return read()
    }

    fun onlyService(present: Service?, read: () -> Service): Service {
        if (present != null) throw UsageException("only one of --echo, --exec and --forward: $option")
        return read()
    }

    private companion object {
        val TLS =
            setOf("--ca", "--cert", "--key", "--server-name", "--insecure", "--alpn", "--client-auth", "--https-compatible") +
                "--tls-versions"
        val LATER = TLS + setOf("--via", "--happy-eyeballs-delay", "--mtu")
    }
}
