package dev.tercet.benchmarks

/** A table that reads well as it is, and is Markdown. The first column is text, the others are numbers. */
fun table(header: List<String>, rows: List<List<String>>): String {
    require(rows.all { it.size == header.size }) { "each row has ${header.size} cells" }
    val widths = header.indices.map { column -> (rows + listOf(header)).maxOf { it[column].length } }
    fun line(cells: List<String>) = cells.indices.joinToString(" | ", "| ", " |\n") {
        if (it == 0) cells[it].padEnd(widths[it]) else cells[it].padStart(widths[it])
    }
    val rule = widths.indices.joinToString("|", "|", "|\n") { "-".repeat(widths[it] + 1) + if (it == 0) "-" else ":" }
    return line(header) + rule + rows.joinToString("") { line(it) }
}

/** Three significant digits, with separators for thousands: `0.0123`, `4.56`, `78,900`. */
fun number(value: Double): String {
    if (value.isNaN() || value.isInfinite()) return "-"
    if (value == 0.0) return "0"
    val digits = (2 - kotlin.math.floor(kotlin.math.log10(kotlin.math.abs(value))).toInt()).coerceAtLeast(0)
    return "%,.${digits}f".format(java.util.Locale.ROOT, value)
}

/** `12 %` of 0.123. */
fun percent(fraction: Double): String = "%.0f %%".format(java.util.Locale.ROOT, fraction * 100)
