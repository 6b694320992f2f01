package dev.tercet.benchmarks

import dev.tercet.benchmarks.contender.Work

/** What is counted, and in which units people read it. */
enum class Operation(val rateUnit: String, val cpuUnit: String, val rateScale: Double, val cpuScale: Double) {
    REQUEST("req/s", "us/req", 1.0, 1e6),
    BYTE("MB/s", "s/GB", 1e-6, 1e9),
    CONNECTION("conn/s", "us/conn", 1.0, 1e6),
    DATAGRAM("dgram/s", "us/dgram", 1.0, 1e6),
}

/** One table: contenders under the same load. The first contender is the baseline. */
data class Part(
    val name: String,
    val title: String,
    val work: Work,
    val operation: Operation,
    val contenders: List<String>,
    val load: Load,
    /** Handshakes are a lot of code: after 9 s of them the compiler still had half of the server's time, after 50 s a tenth. */
    val warmUpFactor: Int = 1,
    /** And each takes milliseconds, so that a short round would see a handful. */
    val measureFactor: Int = 1,
    /** The load generator sits on the core of the contenders, too: then neither wakes a core that sleeps, and what is left is software. */
    val isOnOneCore: Boolean = false,
) {
    val baseline: String get() = contenders.first()

    /** The baseline once more, in another process. */
    val twin: String get() = "$baseline$AGAIN"
}

private const val AGAIN = " again"

/** What runs under this name in a table. */
fun contenderOf(name: String): Entry = CONTENDERS.getValue(name.removeSuffix(AGAIN))

private fun all(kind: Kind) = CONTENDERS.values.filter { it.kind == kind }.map { it.name }

/** On one core, two loops are of interest only beside one. */
private val ALL = all(Kind.STREAM) - "tercet-two-loops"

private val TLS = all(Kind.TLS)

private val DTLS = all(Kind.DTLS)

/** Thousands of platform threads would measure the kernel, and C has no heap. */
private val WITH_MANY_CONNECTIONS = ALL.filterNot { it.endsWith("-platform") || it == "c" }

private val WITH_MANY_CHANNELS = DTLS.filterNot { it.endsWith("-platform") || it == "bouncy-castle" }

/** What a datagram costs that gets no answer, by what it is. */
private val FLOODS = listOf(
    "RECORDS" to "application records",
    "RANDOM" to "random bytes from a peer's address",
    "FORGED" to "records with a wrong seal from a peer's address",
    "HELLOS" to "hellos without a cookie",
)

/** What each word of the command line measures. */
val WORDS: Map<String, List<Part>> = linkedMapOf(
    "echo" to listOf(
        Part("echo", "echo, 64 bytes, 64 connections", Work.ECHO, Operation.REQUEST, ALL, Load.Echo(64, 64)),
        Part("echo-1000", "echo, 64 bytes, 1,000 connections", Work.ECHO, Operation.REQUEST, ALL, Load.Echo(1000, 64)),
        Part(
            "echo-1",
            "echo, 64 bytes, one connection, client on the server's core",
            Work.ECHO,
            Operation.REQUEST,
            ALL,
            Load.Echo(1, 64),
            isOnOneCore = true,
        ),
    ),
    "bulk" to listOf(
        Part("bulk-receive", "bulk, one connection, the server receives", Work.SINK, Operation.BYTE, ALL, Load.Bulk(false)),
        Part("bulk-send", "bulk, one connection, the server sends", Work.SOURCE, Operation.BYTE, ALL, Load.Bulk(true)),
    ),
    "connect" to listOf(
        Part("connect", "connect, echo of one byte, close; 16 at a time", Work.ECHO, Operation.CONNECTION, ALL, Load.Connect(16), 2),
    ),
    "loops" to listOf(
        Part(
            "loops",
            "an event loop of one thread and one of two, on one core: echo, 64 bytes, 64 connections",
            Work.ECHO,
            Operation.REQUEST,
            listOf("tercet", "tercet-two-loops"),
            Load.Echo(64, 64),
        ),
    ),
    "idle" to listOf(
        Part("idle", "idle connections", Work.IDLE, Operation.CONNECTION, WITH_MANY_CONNECTIONS, Load.Idle(9_000)),
    ),
    "tls" to listOf(
        Part("tls-receive", "TLS 1.3, bulk, one connection, the server receives", Work.SINK, Operation.BYTE, TLS, Load.Bulk(false, true)),
        Part("tls-send", "TLS 1.3, bulk, one connection, the server sends", Work.SOURCE, Operation.BYTE, TLS, Load.Bulk(true, true)),
    ),
    "tls-handshake" to listOf(
        Part(
            "tls-handshake",
            "TLS 1.3, connect, handshake, echo of one byte, close; 8 at a time",
            Work.ECHO,
            Operation.CONNECTION,
            TLS,
            Load.Connect(8, isTls = true),
            warmUpFactor = 10,
            measureFactor = 4,
        ),
    ),
    "dtls" to listOf(
        Part("dtls", "DTLS 1.2, echo, 200 bytes, 16 channels", Work.ECHO, Operation.DATAGRAM, DTLS, Load.DtlsEcho(16, 200)),
    ),
    "dtls-handshake" to listOf(
        Part(
            "dtls-handshake",
            "DTLS 1.2, handshake, echo of one byte, close_notify; 8 at a time",
            Work.ECHO,
            Operation.CONNECTION,
            DTLS,
            Load.DtlsConnect(8),
            warmUpFactor = 10,
            measureFactor = 4,
        ),
    ),
    "dtls-flood" to FLOODS.map { (kind, what) ->
        Part("dtls-flood-${kind.lowercase()}", "DTLS 1.2, $what", Work.SINK, Operation.DATAGRAM, DTLS, Load.DtlsFlood(kind))
    },
    "dtls-idle" to listOf(
        Part(
            "dtls-idle",
            "DTLS 1.2, idle channels",
            Work.ECHO,
            Operation.CONNECTION,
            WITH_MANY_CHANNELS,
            Load.Idle(10_000, "dtls-idle"),
        ),
    ),
    "race" to listOf(
        Part(
            "race",
            "the client: connect to a name with four addresses, receive one byte, close; 16 at a time",
            Work.ECHO,
            Operation.CONNECTION,
            all(Kind.DIAL),
            Load.Dial(16),
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
