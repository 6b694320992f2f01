package dev.tercet.samples.tcat

import dev.tercet.coroutines.SocketStream
import kotlinx.coroutines.delay
import java.util.Locale
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

/**
 * Shows on stderr how far a long transfer is, until cancelled. Only if somebody looks, and would see nothing else: stderr is a terminal, and
 * the conversation itself is not held at it.
 */
suspend fun showProgress(stream: SocketStream, host: Host) {
    val streams = host.standardStreams
    if (!streams.stderrIsTerminal || (streams.stdinIsTerminal && streams.stdoutIsTerminal)) return
    val start = TimeSource.Monotonic.markNow()
    delay(PATIENCE)
    try {
        while (true) {
            host.stderr.print("\r${progress(stream.bytesSent, stream.bytesReceived, start.elapsedNow())}$ERASE_REST_OF_LINE")
            delay(1.seconds)
        }
    } finally {
        host.stderr.print("\r$ERASE_REST_OF_LINE")
    }
}

/** `sent 1.5 GiB, received 12 B in 3 s, 512.0 MiB/s` */
fun progress(sent: Long, received: Long, elapsed: Duration): String {
    val perSecond = (sent + received) / elapsed.toDouble(DurationUnit.SECONDS)
    return "sent ${bytes(sent.toDouble())}, received ${bytes(received.toDouble())} in ${elapsed.inWholeSeconds} s, ${bytes(perSecond)}/s"
}

/** As the options of the command line are given: `1.5 s`. */
fun inSeconds(time: Duration): String = "${time.toDouble(DurationUnit.SECONDS).toBigDecimal().stripTrailingZeros().toPlainString()} s"

private fun bytes(count: Double): String {
    var value = count
    var unit = 0
    while (value >= 1024 && unit < UNITS.lastIndex) {
        value /= 1024
        unit++
    }
    return if (unit == 0) "${value.toLong()} B" else String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit])
}

private val UNITS = listOf("B", "KiB", "MiB", "GiB", "TiB")

/** What is over sooner needs no progress. */
private val PATIENCE = 2.seconds

private const val ERASE_REST_OF_LINE = "\u001b[K"
