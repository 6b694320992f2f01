package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** What a command line asks for. */
sealed interface Command {
    /** Which addresses of hosts to use. */
    val family: AddressFamily get() = AddressFamily.ANY

    /**
     * @property quiet how long to wait for more from the peer after the EOF of stdin; null for what fits the connection
     * @property mtu of DTLS; null for the usual one
     */
    data class Connect(
        val address: Address,
        val timeout: Duration? = null,
        val quiet: Duration? = null,
        val trace: Boolean = false,
        val way: Way = Way(),
        val mtu: Int? = null,
        val show: Show = Show(),
    ) : Command {
        override val family get() = way.family
    }

    /**
     * What to do with what is sent and received besides.
     *
     * @property hex whether to show it on stderr
     * @property log a file to append it to
     * @property rate how much of it may move in a second, in each direction
     */
    data class Show(val hex: Boolean = false, val log: Path? = null, val rate: Long? = null)

    /** @property parallel how many connections at a time */
    data class Check(val targets: List<Target>, val timeout: Duration = 5.seconds, val parallel: Int = 64, val way: Way = Way()) : Command {
        override val family get() = way.family
    }

    data class Cert(val address: Address, val timeout: Duration? = null, val way: Way = Way()) : Command {
        override val family get() = way.family
    }

    data class Resolve(val host: String, val localAddress: String? = null, override val family: AddressFamily = AddressFamily.ANY) : Command

    data class Listen(
        val address: Address,
        val service: Service = Service.Standard(),
        val once: Boolean = service is Service.Standard,
        val maxConnections: Int = Int.MAX_VALUE,
        val timeout: Duration? = null,
        val trace: Boolean = false,
        val tls: TlsSettings = TlsSettings(),
        val mtu: Int? = null,
        val show: Show = Show(),
        override val family: AddressFamily = AddressFamily.ANY,
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
        null -> throw UsageException("what to do is missing: $COMMANDS; see tcat --help")

        "-h", "--help", "help" -> Command.Help(HELP)

        "--version" -> Command.Version

        "connect" -> if (asksForHelp(rest)) Command.Help(HELP_CONNECT) else parseConnect(rest)

        "listen" -> if (asksForHelp(rest)) Command.Help(HELP_LISTEN) else parseListen(rest)

        "check" -> if (asksForHelp(rest)) Command.Help(HELP_CHECK) else parseCheck(rest)

        "cert" -> if (asksForHelp(rest)) Command.Help(HELP_CERT) else parseCert(rest)

        "demo" -> if (asksForHelp(rest)) Command.Help(HELP_DEMO) else parseDemo(rest)

        "resolve" -> if (asksForHelp(rest)) Command.Help(HELP_RESOLVE) else parseResolve(rest)

        else -> {
            val address = runCatching { Address.toConnect(command) }.getOrNull()?.toString() ?: addressMeantBy(command, listening = false)
            val meant = address?.let { "tcat connect $it" } ?: optionMeantBy(command)
            throw UsageException("unknown command $command: ${didYouMean(meant)}$COMMANDS; see tcat --help")
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
            "--mtu" -> command = command.copy(mtu = options.number(MTU_BYTES))
            "--trace" -> command = command.copy(trace = options.flag())
            in SHOW_OPTIONS -> command = command.copy(show = command.show.with(argument, options))
            in Way.OPTIONS -> command = command.copy(way = command.way.with(argument, options))
            else -> address = options.only(address) { Address.toConnect(argument) }
        }
    }
    command = command.copy(address = address ?: throw UsageException("ADDRESS is missing: tcat connect $FORMS"))
    requireForMtu(command.mtu, command.address)
    requireForRate(command.show.rate, command.address)
    command.way.requireFor(command.address)
    return command
}

private fun parseCheck(args: ArrayDeque<String>): Command.Check {
    val options = Options("check", args)
    var command = Command.Check(emptyList())
    options.forEach { argument ->
        when (argument) {
            "--timeout" -> command = command.copy(timeout = options.seconds())
            "--parallel" -> command = command.copy(parallel = options.number(PARALLEL))
            in Way.OPTIONS -> command = command.copy(way = command.way.with(argument, options))
            else -> command = command.copy(targets = command.targets + options.only(null as List<Target>?) { targets(argument) })
        }
    }
    if (command.targets.isEmpty()) throw UsageException("ADDRESS is missing: tcat check tcp:HOST:22,80,8000-8099, or $FORMS")
    // Options for TLS may stand beside addresses without it, but not beside nothing else.
    val addresses = command.targets.map { it.addresses.first() }
    val secured = addresses.filter { it is Address.Tls || it is Address.Dtls }
    for (address in addresses) (if (address in secured || secured.isEmpty()) command.way else command.way.withoutTls()).requireFor(address)
    return command
}

private fun parseCert(args: ArrayDeque<String>): Command.Cert {
    val options = Options("cert", args)
    var command = Command.Cert(Address.Tcp(null, 0))
    var address: Address? = null
    options.forEach { argument ->
        when (argument) {
            "--timeout" -> command = command.copy(timeout = options.seconds())
            in Way.OPTIONS -> command = command.copy(way = command.way.with(argument, options))
            else -> address = options.only(address) { Address.toConnect(argument) }
        }
    }
    val shown = address ?: throw UsageException("ADDRESS is missing: tcat cert tls:HOST:PORT, tls+unix:PATH or dtls:HOST:PORT")
    if (shown !is Address.Tls && shown !is Address.Dtls) {
        val meant = (shown as? Address.Tcp)?.let { Address.Tls(it).toString() }
        throw UsageException("$shown shows no certificate: ${didYouMean(meant)}tls:HOST:PORT, tls+unix:PATH or dtls:HOST:PORT")
    }
    if (command.way.tls.insecure) {
        throw UsageException(
            "tcat cert shows any certificate, and says whether a client would refuse it: no --insecure",
        )
    }
    command.way.requireFor(shown)
    return command.copy(address = shown)
}

private fun Command.Show.with(option: String, options: Options) = when (option) {
    "--hex" -> copy(hex = options.flag())
    "--log" -> copy(log = options.path())
    else -> copy(rate = options.bytesPerSecond())
}

private fun requireForRate(rate: Long?, address: Address) {
    if (rate != null && address.below is Address.Udp) throw UsageException("--rate needs streams, and $address has none")
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
    var show = Command.Show()
    var family = AddressFamily.ANY
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
            "--via", "--starttls" -> throw UsageException("$argument is for tcat connect")
            in SHOW_OPTIONS -> show = show.with(argument, options)
            in Way.FAMILY_OPTIONS -> family = options.family(family)
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
    requireForRate(show.rate, where)
    requireForFamily(family, where)
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
        show,
        family,
    )
}

private fun requireForFamily(family: AddressFamily, address: Address) {
    family.requireFor(address)
    val host = (address.below as? Address.Tcp)?.host ?: (address.below as? Address.Udp)?.host
    if (family != AddressFamily.ANY && host == null) {
        throw UsageException("-4 and -6 choose among the addresses of a host, and $address has none: write 0.0.0.0 or [::] as host")
    }
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

/** As many as a process may have descriptors for on most systems. */
private val PARALLEL = 1..1000

private val SHOW_OPTIONS = setOf("--hex", "--log", "--rate")

private const val COMMANDS = "connect, listen, check, cert, resolve or demo"

private fun parseResolve(args: ArrayDeque<String>): Command.Resolve {
    val options = Options("resolve", args)
    var host: String? = null
    var localAddress: String? = null
    var family = AddressFamily.ANY
    options.forEach { argument ->
        when (argument) {
            "--local-address" -> localAddress = options.value()
            in Way.FAMILY_OPTIONS -> family = options.family(family)
            else -> host = options.only(host, "HOST") { argument.removeSurrounding("[", "]") }
        }
    }
    val resolved = host ?: throw UsageException("HOST is missing: tcat resolve HOST")
    family.requireForHost(resolved)
    return Command.Resolve(resolved, localAddress, family)
}

private fun parseDemo(args: ArrayDeque<String>): Command.Demo {
    if (args.isNotEmpty()) throw UsageException("demo takes no arguments: ${args.first()}")
    return Command.Demo
}
