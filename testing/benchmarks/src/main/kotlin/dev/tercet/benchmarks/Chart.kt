package dev.tercet.benchmarks

import java.util.Locale

/**
 * All parts as one picture: for each server a bar as long as its ratio to the baseline, rate on the left and CPU per operation on the right,
 * with a line at 1. What is no difference is pale. SVG, so that it can stand in a document.
 */
fun chart(results: List<PartResult>): String {
    val panels = results.filter { it.hasBaseline() && it.idle.isEmpty() }
    val body = StringBuilder()
    var y = MARGIN
    for (result in panels) {
        body.append(text(MARGIN, y + TITLE - 8, result.part.title, "title"))
        body.append(text(RATE_X, y + TITLE + LINE - 10, "rate x ${result.part.baseline}, longer is better", "axis"))
        body.append(text(CPU_X, y + TITLE + LINE - 10, "CPU per operation x ${result.part.baseline}, shorter is better", "axis"))
        y += TITLE + LINE
        val top = y
        for (name in result.samples.keys) {
            body.append(text(NAME_X, y + LINE - 7, name, if (contenderOf(name).isOurs) "ours name" else "name"))
            body.append(bar(RATE_X, y, result.rateRatio(name, result.part.baseline), name))
            body.append(bar(CPU_X, y, result.cpuRatio(name, result.part.baseline), name))
            y += LINE
        }
        for (x in listOf(RATE_X, CPU_X)) {
            body.append("""<line x1="${x + UNIT}" y1="$top" x2="${x + UNIT}" y2="$y"/>""").append('\n')
        }
        y += MARGIN
    }
    return """<svg xmlns="http://www.w3.org/2000/svg" width="$WIDTH" height="$y" viewBox="0 0 $WIDTH $y" role="img">
<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:14px}.axis{fill:#666;font-size:11px}.name{text-anchor:end}.ours{font-weight:bold}
.bar{fill:#9aa5b1}.bar.own{fill:#2b6cb0}.none{opacity:.4}line{stroke:#444;stroke-dasharray:3 2}</style>
<rect width="$WIDTH" height="$y" fill="#fff"/>
$body</svg>
"""
}

private fun bar(x: Int, y: Int, ratio: Ratio, name: String): String {
    val length = (ratio.value * UNIT).coerceAtMost(MOST * UNIT)
    val classes = listOfNotNull("bar", "own".takeIf { contenderOf(name).isOurs }, "none".takeUnless { ratio.isDifference })
    val label = "%.2f".format(Locale.ROOT, ratio.value) + if (ratio.value > MOST) " (cut)" else ""
    return """<rect class="${classes.joinToString(
        " ",
    )}" x="$x" y="${y + 3}" width="${"%.1f".format(Locale.ROOT, length)}" height="${LINE - 6}"/>""" +
        "\n" + text(x + length.toInt() + 4, y + LINE - 7, label, "axis")
}

private fun text(x: Int, y: Int, what: String, classes: String): String {
    val escaped = what.replace("&", "&amp;").replace("<", "&lt;")
    return """<text x="$x" y="$y" class="$classes">$escaped</text>""" + "\n"
}

private const val WIDTH = 960
private const val MARGIN = 20
private const val TITLE = 28
private const val LINE = 20
private const val NAME_X = 150
private const val RATE_X = 160
private const val CPU_X = 560

/** How long a bar of 1 is, and the longest that is drawn. */
private const val UNIT = 110
private const val MOST = 3.0
