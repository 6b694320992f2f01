package dev.tercet.samples.tcat

import dev.tercet.AddressText
import dev.tercet.ConnectAttempt
import dev.tercet.ConnectAttempt.Outcome
import dev.tercet.ConnectReport
import java.time.Duration
import java.util.Locale

/**
 * A race as people draw one: a line per address, time from left to right.
 *
 * ```
 * race to example.com port 443: connected to 192.0.2.1 after 281.0 ms, lookup 1.0 ms
 *   2001:db8::1  |=====================================>| abandoned, 1.0 to 281.0 ms (rule 6: precedence 40 before 35)
 *   192.0.2.1    |                                  ===O| won, 251.0 to 281.0 ms (first IPv4 address, moved up from place 3)
 *   2001:db8::2  |                                      | not started (resolver's order)
 * ```
 */
fun timeLine(report: ConnectReport): String {
    val winner = report.winner()
    val end = if (winner == null) "failed" else "connected to ${AddressText.of(winner.address)}"
    val head = "race to ${report.host()} port ${report.port()}: $end after ${millis(report.total())}, lookup ${millis(report.lookup())}"
    val width = report.attempts().maxOfOrNull { AddressText.of(it.address().address).length } ?: 0
    val lines = report.attempts().map {
        "  ${AddressText.of(it.address().address).padEnd(width)}  |${bar(it, report.total())}| ${words(it)}"
    }
    return (listOf(head) + lines).joinToString("\n")
}

private fun bar(attempt: ConnectAttempt, total: Duration): String {
    val ended = attempt.ended() ?: return " ".repeat(COLUMNS)
    val first = column(attempt.started(), total)
    val last = column(ended, total)
    val mark =
        when (attempt.outcome()) {
            Outcome.WON -> 'O'
            Outcome.FAILED -> 'x'
            else -> '>'
        }
    return (" ".repeat(first) + "=".repeat(last - first) + mark).padEnd(COLUMNS)
}

private fun column(at: Duration, total: Duration): Int =
    if (total.isZero) 0 else ((COLUMNS - 1) * (at.toNanos().toDouble() / total.toNanos())).toInt().coerceIn(0, COLUMNS - 1)

private fun words(attempt: ConnectAttempt): String {
    val outcome = attempt.outcome().name.lowercase(Locale.ROOT).replace('_', ' ')
    val times = attempt.ended()?.let { ", ${millis(attempt.started())} to ${millis(it)}" }.orEmpty()
    val error = attempt.error()?.let { ", ${reason(it)}" }.orEmpty()
    return "$outcome$times$error (${attempt.why()})"
}

private fun millis(time: Duration) = String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6)

private const val COLUMNS = 40
