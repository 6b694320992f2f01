package dev.tercet.samples.tcat

import dev.tercet.coroutines.ReceiveStream
import dev.tercet.coroutines.SocketStream
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import java.util.Locale
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

/**
 * How far a long transfer is, for a person who would see nothing else. The rate is that of the last seconds. How long it will take is known when
 * stdin is a file.
 *
 * @param stdinBytes how many there are to read; null when nobody knows
 */
internal class Progress(private val stdinBytes: Long?) {
    /** How much had moved at a time. */
    private class Sample(val at: Duration, val read: Long, val moved: Long)

    private val samples = ArrayDeque(listOf(Sample(Duration.ZERO, 0, 0)))

    /** How many bytes of stdin were read. */
    var read = 0L
        private set

    /** The same stream; its bytes are counted. */
    fun over(stdin: ReceiveStream): ReceiveStream = object : ReceiveStream by stdin {
        override suspend fun receiveSome(into: ByteBuffer): Int = stdin.receiveSome(into).also { if (it > 0) read += it }
    }

    /** `[====>       ]  42 % of 3.3 GiB, received 12 B, 512.0 MiB/s, 4 s left`, or as [progress] when the end is not known, or all was read. */
    fun line(elapsed: Duration, sent: Long, received: Long): String {
        samples += Sample(elapsed, read, sent + received)
        while (samples.size > 2 && elapsed - samples[1].at >= WINDOW) samples.removeFirst()
        val seconds = (elapsed - samples.first().at).toDouble(DurationUnit.SECONDS)
        val rate = "${bytes((sent + received - samples.first().moved) / seconds)}/s"
        if (stdinBytes == null || read >= stdinBytes) return "${moved(sent, received, elapsed)}, $rate"
        val left = (stdinBytes - read) / ((read - samples.first().read) / seconds)
        val end = if (left.isFinite()) "${coarse(left)} left" else "stalled"
        val done = read.toDouble() / stdinBytes
        val bar = "=".repeat((done * BAR_CHARACTERS).toInt()) + ">"
        return "[${bar.padEnd(BAR_CHARACTERS)}] ${(done * 100).toInt().toString().padStart(3)} % of ${bytes(stdinBytes.toDouble())}, " +
            (if (received > 0) "received ${bytes(received.toDouble())}, " else "") + "$rate, $end"
    }

    private fun coarse(seconds: Double): String = when {
        seconds < 100 -> "${kotlin.math.ceil(seconds).toInt()} s"
        seconds < 100 * 60 -> "${(seconds / 60).toInt()} min"
        seconds < 100 * 3600 -> "${(seconds / 3600).toInt()} h"
        else -> "days"
    }

    private companion object {
        val WINDOW = 5.seconds
        const val BAR_CHARACTERS = 12
    }
}

/** Shows it on stderr until cancelled. Only if somebody looks: stderr is a terminal, and the conversation itself is not held at it. */
internal suspend fun showProgress(progress: Progress, stream: SocketStream, host: Host) {
    if (!host.isWatched) return
    val start = TimeSource.Monotonic.markNow()
    delay(PATIENCE)
    try {
        while (true) {
            host.stderr.print("\r${progress.line(start.elapsedNow(), stream.bytesSent, stream.bytesReceived)}$ERASE_REST_OF_LINE")
            delay(1.seconds)
        }
    } finally {
        host.stderr.print("\r$ERASE_REST_OF_LINE")
    }
}

/** `sent 1.5 GiB, received 12 B in 3 s, 512.0 MiB/s` */
fun progress(sent: Long, received: Long, elapsed: Duration): String =
    "${moved(sent, received, elapsed)}, ${bytes((sent + received) / elapsed.toDouble(DurationUnit.SECONDS))}/s"

private fun moved(sent: Long, received: Long, elapsed: Duration) =
    "sent ${bytes(sent.toDouble())}, received ${bytes(received.toDouble())} in ${elapsed.inWholeSeconds} s"

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
