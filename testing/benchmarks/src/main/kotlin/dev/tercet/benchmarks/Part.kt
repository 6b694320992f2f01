package dev.tercet.benchmarks

import dev.tercet.benchmarks.contender.Work

/** What is counted, and in which units people read it. */
enum class Operation(val rateUnit: String, val cpuUnit: String, val rateScale: Double, val cpuScale: Double) {
    REQUEST("req/s", "us/req", 1.0, 1e6),
    BYTE("MB/s", "s/GB", 1e-6, 1e9),
    CONNECTION("conn/s", "us/conn", 1.0, 1e6),
}

/** One table: contenders under the same load. The first contender is the baseline. */
data class Part(
    val name: String,
    val title: String,
    val work: Work,
    val operation: Operation,
    val contenders: List<String>,
    val load: Load,
    /** Handshakes are a lot of code, and take longer to be compiled. */
    val warmUpFactor: Int = 1,
) {
    val baseline: String get() = contenders.first()

    /** The baseline once more, in another process. */
    val twin: String get() = "$baseline$AGAIN"
}

private const val AGAIN = " again"

/** What runs under this name in a table. */
fun contenderOf(name: String): Entry = CONTENDERS.getValue(name.removeSuffix(AGAIN))

/** What the load generator is told. */
sealed interface Load {
    data class Echo(val connections: Int, val bytes: Int) : Load

    data object Sink : Load

    data object Source : Load

    data class Connect(val outstanding: Int) : Load

    /** The same over TLS; connecting, with a full handshake. */
    data object TlsSink : Load

    data object TlsSource : Load

    data class TlsConnect(val outstanding: Int) : Load

    /** Not a rate: memory per connection. */
    data class Idle(val connections: Int) : Load
}

private val ALL = CONTENDERS.values.filterNot { it.isTls }.map { it.name }

private val TLS = CONTENDERS.values.filter { it.isTls }.map { it.name }

/** Thousands of platform threads would measure the kernel, and C has no heap. */
private val WITH_MANY_CONNECTIONS = ALL.filterNot { it.endsWith("-platform") || it == "c" }

/** What each word of the command line measures. */
val WORDS: Map<String, List<Part>> = linkedMapOf(
    "echo" to listOf(
        Part("echo", "echo, 64 bytes, 64 connections", Work.ECHO, Operation.REQUEST, ALL, Load.Echo(64, 64)),
    ),
    "bulk" to listOf(
        Part("bulk-receive", "bulk, one connection, the server receives", Work.SINK, Operation.BYTE, ALL, Load.Sink),
        Part("bulk-send", "bulk, one connection, the server sends", Work.SOURCE, Operation.BYTE, ALL, Load.Source),
    ),
    "connect" to listOf(
        Part("connect", "connect, echo of one byte, close; 16 at a time", Work.ECHO, Operation.CONNECTION, ALL, Load.Connect(16)),
    ),
    "idle" to listOf(
        Part("idle", "idle connections", Work.ECHO, Operation.CONNECTION, WITH_MANY_CONNECTIONS, Load.Idle(9_000)),
    ),
    "tls" to listOf(
        Part("tls-receive", "TLS 1.3, bulk, one connection, the server receives", Work.SINK, Operation.BYTE, TLS, Load.TlsSink),
        Part("tls-send", "TLS 1.3, bulk, one connection, the server sends", Work.SOURCE, Operation.BYTE, TLS, Load.TlsSource),
    ),
    "tls-handshake" to listOf(
        Part(
            "tls-handshake",
            "TLS 1.3, connect, handshake, echo of one byte, close; 8 at a time",
            Work.ECHO,
            Operation.CONNECTION,
            TLS,
            Load.TlsConnect(8),
            warmUpFactor = 3,
        ),
    ),
    "blocking" to listOf("platform", "virtual").flatMap { kind ->
        listOf(64 to "64 connections", 1 to "one connection").map { (connections, what) ->
            Part(
                "blocking-$kind-$connections",
                "blocking, $kind threads, echo, 64 bytes, $what",
                Work.ECHO,
                Operation.REQUEST,
                listOf("socket-$kind", "tercet-$kind"),
                Load.Echo(connections, 64),
            )
        }
    },
)
