package dev.tercet.samples.tcat

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** What a command line asks for. */
sealed interface Command {
    /**
     * @property quiet how long to wait for more from the peer after the EOF of stdin; null for what fits the connection
     * @property via proxies, the nearest first
     * @property mtu of DTLS; null for the usual one
     */
    data class Connect(
        val address: Address,
        val timeout: Duration? = null,
        val quiet: Duration? = null,
        val race: Race = Race(),
        val trace: Boolean = false,
        val tls: TlsSettings = TlsSettings(),
        val via: List<Address> = emptyList(),
        val mtu: Int? = null,
    ) : Command

    /** What to connect to a host with that has several addresses. */
    data class Race(val happyEyeballsDelay: Duration? = 250.milliseconds, val localAddress: String? = null)

    data class Resolve(val host: String, val localAddress: String? = null) : Command

    data class Listen(
        val address: Address,
        val service: Service = Service.Standard(),
        val once: Boolean = service is Service.Standard,
        val maxConnections: Int = Int.MAX_VALUE,
        val timeout: Duration? = null,
        val trace: Boolean = false,
        val tls: TlsSettings = TlsSettings(),
        val mtu: Int? = null,
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
        null -> throw UsageException("what to do is missing: connect, listen, resolve or demo; see tcat --help")

        "-h", "--help", "help" -> Command.Help(HELP)

        "--version" -> Command.Version

        "connect" -> if (asksForHelp(rest)) Command.Help(HELP_CONNECT) else parseConnect(rest)

        "listen" -> if (asksForHelp(rest)) Command.Help(HELP_LISTEN) else parseListen(rest)

        "demo" -> if (asksForHelp(rest)) Command.Help(HELP_DEMO) else parseDemo(rest)

        "resolve" -> if (asksForHelp(rest)) Command.Help(HELP_RESOLVE) else parseResolve(rest)

        else -> {
            val address = runCatching { Address.toConnect(command) }.getOrNull()?.toString() ?: addressMeantBy(command, listening = false)
            val meant = address?.let { "tcat connect $it" } ?: optionMeantBy(command)
            throw UsageException("unknown command $command: ${didYouMean(meant)}connect, listen, resolve or demo; see tcat --help")
        }
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
            "-q" -> command = command.copy(quiet = options.secondsOrNone())
            "--local-address" -> command = command.copy(race = command.race.copy(localAddress = options.value()))
            "--happy-eyeballs-delay" -> command = command.copy(race = command.race.copy(happyEyeballsDelay = options.millisOrNone()))
            "--mtu" -> command = command.copy(mtu = options.number(MTU_BYTES))
            "--via" -> command = command.copy(via = command.via + options.connectionTo())
            "--trace" -> command = command.copy(trace = options.flag())
            in TlsSettings.OPTIONS -> command = command.copy(tls = command.tls.with(argument, options))
            else -> address = options.only(address) { Address.toConnect(argument) }
        }
    }
    command = command.copy(address = address ?: throw UsageException("ADDRESS is missing: tcat connect $FORMS"))
    requireForVia(command)
    val first = command.via.firstOrNull() ?: command.address
    if (command.race.localAddress != null &&
        first.below is Address.Unix
    ) {
        throw UsageException("--local-address is not for Unix sockets: $first")
    }
    if (command.race.happyEyeballsDelay != Command.Race().happyEyeballsDelay && first.below !is Address.Tcp) {
        throw UsageException("--happy-eyeballs-delay is for tcp: and tls: addresses")
    }
    requireForMtu(command.mtu, command.address)
    command.tls.requireForConnect(command.address, command.via)
    return command
}

/** A proxy is asked for a host and a port, so it can be neither or lead to neither a Unix socket nor datagrams. */
private fun requireForVia(command: Command.Connect) {
    if (command.via.isEmpty()) return
    for (proxy in command.via) if (proxy.below !is Address.Tcp) throw UsageException("--via must be a tcp: or tls: address, not $proxy")
    if (command.address.below !is Address.Tcp) throw UsageException("--via leads to tcp: and tls: addresses, not to ${command.address}")
    for (next in command.via.drop(1) + command.address) {
        val host = (next.below as Address.Tcp).host.orEmpty()
        if (host.any { it !in '!'..'~' }) throw UsageException("a proxy must be given the name in ASCII (xn--...), not as in $next")
    }
}

private fun parseListen(args: ArrayDeque<String>): Command.Listen {
    val options = Options("listen", args)
    var service: Service? = null
    var once = false
    var maxConnections: Int? = null
    var timeout: Duration? = null
    var quiet: Duration? = null
    var trace = false
    var tls = TlsSettings()
    var mtu: Int? = null
    var address: Address? = null
    options.forEach { argument ->
        when (argument) {
            "--echo" -> service = options.onlyService(service) { Service.Echo.also { options.flag() } }
            "--forward" -> service = options.onlyService(service) { Service.Forward(options.connectionTo()) }
            "--exec" -> service = options.onlyService(service) { Service.Exec(options.allThatFollows()) }
            "--once" -> once = options.flag()
            "--max-connections" -> maxConnections = options.number()
            "--timeout" -> timeout = options.seconds()
            "-q" -> quiet = options.secondsOrNone()
            "--trace" -> trace = options.flag()
            "--mtu" -> mtu = options.number(MTU_BYTES)
            "--via" -> throw UsageException("--via is for tcat connect")
            in TlsSettings.OPTIONS -> tls = tls.with(argument, options)
            else -> address = options.only(address) { Address.toListen(argument) }
        }
    }
    address?.let { requireForDatagrams(it, service, maxConnections) }
    val single = once || service == null
    if (single && maxConnections != null) {
        throw UsageException("--max-connections makes no sense with one connection: it needs --echo, --exec or --forward, and no --once")
    }
    if (quiet != null && service != null) throw UsageException("-q is about stdin, which --echo, --exec and --forward do not read")
    val where = address ?: throw UsageException("ADDRESS is missing: tcat listen $FORMS")
    requireForMtu(mtu, where)
    tls.requireForListen(where, (service as? Service.Forward)?.target)
    return Command.Listen(
        where,
        (service as? Service.Forward)?.copy(tls = tls) ?: service ?: Service.Standard(quiet ?: Duration.INFINITE),
        single,
        maxConnections ?: Int.MAX_VALUE,
        timeout,
        trace,
        tls,
        mtu,
    )
}

/** What is about streams, where there are none, and about connections, of which udp: has none either. */
private fun requireForDatagrams(address: Address, service: Service?, maxConnections: Int?) {
    if (address.below !is Address.Udp) return
    if (service is Service.Forward) throw UsageException("--forward needs streams, and $address has none")
    if (service is Service.Exec) throw UsageException("--exec needs streams, and $address has none")
    if (maxConnections != null && address is Address.Udp) throw UsageException("--max-connections needs connections, and $address has none")
}

private fun requireForMtu(mtu: Int?, address: Address) {
    if (mtu != null && address !is Address.Dtls) throw UsageException("--mtu is for dtls: addresses, and $address is none")
}

/** A hello must fit into one datagram; the longest is that of IPv4. */
private val MTU_BYTES = 400..65_507

private fun parseResolve(args: ArrayDeque<String>): Command.Resolve {
    val options = Options("resolve", args)
    var host: String? = null
    var localAddress: String? = null
    options.forEach { argument ->
        when (argument) {
            "--local-address" -> localAddress = options.value()
            else -> host = options.only(host, "HOST") { argument.removeSurrounding("[", "]") }
        }
    }
    return Command.Resolve(host ?: throw UsageException("HOST is missing: tcat resolve HOST"), localAddress)
}

private fun parseDemo(args: ArrayDeque<String>): Command.Demo {
    if (args.isNotEmpty()) throw UsageException("demo takes no arguments: ${args.first()}")
    return Command.Demo
}
