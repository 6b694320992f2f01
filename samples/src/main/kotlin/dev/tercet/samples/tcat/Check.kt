package dev.tercet.samples.tcat

import dev.tercet.TooSlowException
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.use
import kotlinx.coroutines.CompletableDeferred
import java.io.IOException
import java.math.RoundingMode
import kotlin.time.Duration
import kotlin.time.TimeSource

/**
 * `tcat check`: connects to each address, with TLS where the address says so, and closes at once. A line on stdout for each, in the order of the
 * command line. Of a range only the ports that are open have a line; one line more counts the others by reason.
 *
 * An argument is fine when it is open, and a range when one of its ports is. Exit code 0 when all are fine. Else it is that of the
 * failures when all have the same, for instance 4 when all certificates were refused, and 1 when they differ.
 */
suspend fun check(command: Command.Check, host: Host): ExitCode {
    val probes = command.targets.flatMap { target -> target.addresses.map { Probe(it, command) } }
    val width = probes.maxOf { it.name.length }
    val failures = mutableSetOf<ExitCode>()
    // A mistake of the command line is reported before anything is sent.
    for (target in command.targets) Probe(target.addresses.first(), command).prepare()
    nursery {
        var next = 0
        repeat(minOf(command.parallel, probes.size)) {
            startSoon { while (next < probes.size) probes[next++].run() }
        }
        var first = 0
        for (target in command.targets) {
            val outcomes = probes.subList(first, first + target.addresses.size).map { probe ->
                probe.outcome.await().also {
                    if (it.failure == null ||
                        !target.isRange
                    ) {
                        host.print("${probe.name.padEnd(width)}  ${it.text}\n")
                    }
                }
            }
            first += target.addresses.size
            if (target.isRange) host.print("${target.text.padEnd(width)}  ${summary(outcomes)}\n")
            if (outcomes.all { it.failure != null }) failures += outcomes.map { ExitCode.of(checkNotNull(it.failure)) }
        }
    }
    return if (failures.isEmpty()) ExitCode.CLEAN else failures.singleOrNull() ?: ExitCode.FAILED
}

/** @property failure null when it is open */
private class Outcome(val text: String, val failure: IOException? = null)

private fun summary(outcomes: List<Outcome>): String {
    val open = outcomes.count { it.failure == null }
    val others = outcomes.filter { it.failure != null }.groupingBy { it.text }.eachCount()
    return (listOf("$open open") + others.map { (reason, count) -> "$count $reason" }).joinToString()
}

/** One connection, to see whether it can be made. */
private class Probe(private val address: Address, private val command: Command.Check) {
    val name = address.toString()
    val outcome = CompletableDeferred<Outcome>()
    private val open by lazy(LazyThreadSafetyMode.NONE) { opening() }

    /** Reads the files that it needs. */
    fun prepare() {
        open
    }

    suspend fun run() {
        val start = TimeSource.Monotonic.markNow()
        outcome.complete(
            try {
                val facts = failAfter(command.timeout) { open() }
                Outcome("open after ${inMillis(start.elapsedNow())}${facts?.let { ", $it" }.orEmpty()}")
            } catch (e: TooSlowException) {
                Outcome("no answer within ${inSeconds(command.timeout)}", e)
            } catch (e: IOException) {
                Outcome(printable(describeWithout(address, e)), e)
            },
        )
    }

    /** What connects and closes; it returns what there is to tell of TLS. */
    private fun opening(): suspend () -> String? {
        if (address is Address.Dtls) {
            val config = command.way.tls.dtlsClientConfig()
            return { withDtls(address, command.way, config) { channel -> facts(channel.apply { doHandshake() }.info) } }
        }
        val route = Route(address, command.way)
        return { route.open().use { connection -> (connection.stream as? TlsStream<*>)?.let { facts(it.info) } } }
    }
}

/** The line has the address already. */
private fun describeWithout(address: Address, failure: IOException): String = describe(failure).removePrefix("$address: ")

/** `0.4 ms` */
fun inMillis(time: Duration): String = "${time.inWholeMicroseconds.toBigDecimal().movePointLeft(3).setScale(1, RoundingMode.HALF_UP)} ms"
