package dev.tercet.benchmarks

import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * Runs a part.
 *
 * **The problem.** On a shared machine the same program is twice as fast at one minute as at the next. So figures of two runs say nothing
 * about two programs, and neither do figures of one run when one program is measured after the other.
 *
 * **What we do.** All servers of a part are alive at once, each in a process of its own, so that no profile of one is spoiled by another;
 * idle ones cost next to nothing. All sit on one core, and the load generator on another: a server shows what it does with one core, and
 * CPU time per operation says how much of it. Each is warmed up under the load it is measured under. Then the rounds: in each, every server
 * is measured once, each time another one first, so that a bad minute of the machine hits all. What counts are ratios within a round, see
 * [Ratio]; and the baseline runs twice, in two processes, since how far a program is from itself says how much they are worth.
 *
 * **What we do not do.** No rate is asserted anywhere: a machine is not a test. No latency under a fixed rate: the load is closed, each
 * connection waits for its answer, so p99 is that of a saturated server.
 */
class Bench(private val settings: Settings, private val cpus: Cpus, private val progress: Progress) : AutoCloseable {
    private val classPath = System.getProperty("java.class.path")
    private val logs = Path.of(System.getProperty("bench.logs", System.getProperty("java.io.tmpdir"))).createDirectories()
    private val keyStore by lazy { KeyStoreFile.create(logs) }
    private val generator by lazy { generator(cpus.pinLoad(), "generator.log") }

    /** The one that shares the servers' core. */
    private val neighbour = lazy { generator(cpus.pinServer(), "neighbour.log") }

    private fun generator(pin: List<String>, log: String) =
        Child.start("load generator", pin + jvm(Jdks.own, "dev.tercet.benchmarks.load.Generator"), logs / log)

    private fun generatorOf(part: Part) = if (part.isOnOneCore) neighbour.value else generator

    fun run(part: Part): PartResult {
        val result = PartResult(part, loadAverage())
        val servers = LinkedHashMap<String, Running>()
        progress.stage("${part.title}: starting the servers")
        try {
            val names = if (part.load is Load.Idle) part.contenders else part.contenders + part.twin
            for (name in names) {
                val missing = contenderOf(name).missing()
                if (missing == null) {
                    attempt(result, servers, name) { servers[name] = start(part, name) }
                } else if (name != part.twin) {
                    result.leaveOut(name, missing)
                }
            }
            if (part.load is Load.Idle) measureIdle(part.load, servers, result) else measureRates(part, servers, result)
        } finally {
            progress.clear()
            servers.values.forEach { it.child.close() }
        }
        return result
    }

    override fun close() {
        generator.close()
        if (neighbour.isInitialized()) neighbour.value.close()
    }

    private fun measureRates(part: Part, servers: MutableMap<String, Running>, result: PartResult) {
        val warmUp = settings.warmUp * part.warmUpFactor
        progress.stage("${part.title}: warming up, $warmUp each")
        for ((name, server) in servers.toMap()) {
            progress.step("warming up $name")
            attempt(result, servers, name) { generatorOf(part).ask(command(part, server, warmUp / 2, warmUp / 2)) }
        }
        for (round in 1..settings.rounds) {
            progress.stage("${part.title}: round $round of ${settings.rounds}")
            for ((name, server) in servers.toList().startingWith(round - 1)) {
                attempt(result, servers, name) {
                    val sample = Sample.of(generatorOf(part).ask(command(part, server, RAMP, settings.measure * part.measureFactor)))
                    progress.step("$name: ${number(sample.rate * part.operation.rateScale)} ${part.operation.rateUnit}")
                    result.add(name, sample)
                }
            }
        }
    }

    private fun command(part: Part, server: Running, warm: Duration, measure: Duration): String {
        val window = "${server.child.pid} ${warm.inWholeMilliseconds} ${measure.inWholeMilliseconds.coerceAtLeast(1)}"
        return "${part.load.command(server.port)} $window"
    }

    /** Memory does not vary as time does, so each is looked at once: before, and with all connections open. */
    private fun measureIdle(load: Load.Idle, servers: MutableMap<String, Running>, result: PartResult) {
        for ((name, server) in servers.toMap()) {
            progress.stage("idle: ${load.connections} connections to $name")
            attempt(result, servers, name) {
                // Classes, buffers and tables that a server makes once are no part of a connection.
                generator.ask(load.withConnections(load.connections / 10 + 1).command(server.port), OPENING)
                generator.ask("close")
                Thread.sleep(SETTLE_MILLIS)
                val heap = server.child.ask("heap").getValue("heap")
                val resident = residentBytes(server.child.pid)
                try {
                    generator.ask(load.command(server.port), OPENING)
                    result.idle[name] = Idle(
                        load.connections,
                        (server.child.ask("heap").getValue("heap") - heap).toDouble() / load.connections,
                        (residentBytes(server.child.pid) - resident) / load.connections,
                    )
                } finally {
                    generator.ask("close")
                }
            }
        }
    }

    /** A server that fails is told of and takes no further part; the others go on. */
    private fun attempt(result: PartResult, servers: MutableMap<String, Running>, name: String, action: () -> Unit) {
        try {
            action()
        } catch (e: IOException) {
            failed(result, servers, name, e)
        } catch (e: IllegalStateException) {
            failed(result, servers, name, e)
        }
    }

    private fun failed(result: PartResult, servers: MutableMap<String, Running>, name: String, e: Exception) {
        progress.stage("$name FAILED: ${e.message}")
        result.fail(name, e.message ?: "$e")
        servers.remove(name)?.child?.close()
    }

    private fun start(part: Part, name: String): Running {
        progress.step("starting $name")
        val entry = contenderOf(name)
        val command = when (val jdk = entry.jdk()) {
            null -> checkNotNull(entry.native).command(part.work.name, keyStore)
            else -> jvm(jdk, "dev.tercet.benchmarks.contender.Server", entry.name, part.work.name)
        }
        val child = Child.start(name, cpus.pinServer() + command, logs / "$name.log")
        try {
            return Running(child, child.line(30.seconds).removePrefix("port ").toInt())
        } catch (e: IOException) {
            child.close()
            throw e
        }
    }

    /** The same collector and the same heap for all, so that they differ in nothing but themselves. */
    private fun jvm(jdk: Jdk, main: String, vararg args: String): List<String> {
        val quiet = if (jdk.feature >=
            24
        ) {
            listOf("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
        } else {
            emptyList()
        }
        val keys = listOf("-Dbench.keystore=${keyStore.file}", "-Dbench.keystore.password=${keyStore.password}")
        return listOf("${jdk.java}", "-XX:+UseSerialGC", "-Xms256m", "-Xmx1g") + quiet + keys + listOf("-cp", classPath, main) + args
    }

    private class Running(val child: Child, val port: Int)

    private companion object {
        /** Connections and caches are made before the window opens. */
        val RAMP = 100.milliseconds

        /** Thousands of handshakes take their time. */
        val OPENING = 5.minutes

        /** For a server to notice that connections were closed. */
        const val SETTLE_MILLIS = 500L
    }
}

/** The same in a circle, beginning elsewhere. */
private fun <T> List<T>.startingWith(index: Int): List<T> = List(size) { this[(it + index) % size] }

/** How busy the machine has been of late: 1, 5 and 15 minutes, as Linux counts it; null elsewhere. */
fun loadAverage(): String? = Path.of("/proc/loadavg").takeIf { it.exists() }?.readText()?.split(' ')?.take(3)?.joinToString(" ")

/** What the process holds in memory; not a number where there is no `/proc`. */
private fun residentBytes(pid: Long): Double {
    val status = Path.of("/proc/$pid/status").takeIf { it.exists() } ?: return Double.NaN
    val line = status.readText().lineSequence().firstOrNull { it.startsWith("VmRSS:") } ?: return Double.NaN
    return line.filter { it.isDigit() }.toDouble() * 1024
}
