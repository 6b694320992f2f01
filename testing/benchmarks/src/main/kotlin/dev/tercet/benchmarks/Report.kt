package dev.tercet.benchmarks

import java.util.Locale

/** The tables of a part, for people. */
fun report(result: PartResult): String = buildString {
    append("\n## ${result.part.title}\n\n")
    when {
        result.idle.isNotEmpty() -> append(idleTable(result))

        result.hasBaseline() -> {
            append(noiseLine(result)).append("\n\n")
            append(rateTable(result))
            append(againstPeers(result))
        }

        else -> append("The baseline could not be measured, so there is nothing to compare with.\n")
    }
    for ((name, reason) in result.leftOut) append("\nLeft out: $name, $reason.\n")
    for ((name, message) in result.failures) append("\nFailed: $name, $message\n")
}

private fun noiseLine(result: PartResult): String {
    val rounds = result.samples.getValue(result.part.baseline).size
    val load = result.loadAverage?.let { " Load average at the start: $it." }.orEmpty()
    val self = result.self
    val cpuSelf = result.cpuSelf
    val itself = if (self == null || cpuSelf == null) {
        ""
    } else {
        "${result.part.baseline} against itself in another process: ${value(self)} in rate, ${value(cpuSelf)} in CPU. "
    }
    val worth = if (rounds < Ratio.FEWEST_ROUNDS) {
        "Fewer than ${Ratio.FEWEST_ROUNDS} rounds: there is no telling how noisy the machine was, so no difference counts."
    } else {
        "A ratio is a difference if its interval, of 95 %, is further from 1 than that; if not, it is marked `=`."
    }
    return "Rounds: $rounds. $itself$worth$load"
}

private fun rateTable(result: PartResult): String {
    val part = result.part
    val operation = part.operation
    val hasLatency = operation != Operation.BYTE
    val base = "x ${part.baseline}"
    val rateColumns = listOf("${operation.rateUnit} median", "best", base, "95 %")
    val cpuColumns = listOf("CPU ${operation.cpuUnit}", base, "95 %", "server busy", "load busy")
    val header = listOf("server") + rateColumns + cpuColumns + if (hasLatency) listOf("p50 us", "p99 us") else emptyList()
    val rows = result.samples.map { (name, samples) ->
        val rates = result.rates(name)
        val rate = result.rateRatio(name, part.baseline)
        val cpu = result.cpuRatio(name, part.baseline)
        listOf(
            name,
            number(median(rates) * operation.rateScale),
            number(rates.max() * operation.rateScale),
            marked(rate, name == part.baseline),
            interval(rate),
            number(median(result.cpus(name)) * operation.cpuScale),
            marked(cpu, name == part.baseline),
            interval(cpu),
            percent(median(samples.map { it.cpuSeconds / it.seconds })),
            percent(median(samples.map { it.loadSeconds / it.seconds })),
        ) +
            if (hasLatency) {
                listOf({ it: Sample ->
                    it.p50Micros
                }, { it.p99Micros }).map { number(median(samples.map(it))) }
            } else {
                emptyList()
            }
    }
    return table(header, rows)
}

/** Our forms in rows, peers in columns: how much faster, and with how much of their CPU. */
private fun againstPeers(result: PartResult): String {
    val (ours, peers) = result.samples.keys.partition { contenderOf(it).isOurs }
    val others = peers - result.part.baseline - result.part.twin
    if (ours.isEmpty() || others.isEmpty()) return ""
    val rows = ours.map { name ->
        listOf(name) + others.map { "${marked(result.rateRatio(name, it))} / ${marked(result.cpuRatio(name, it))}" }
    }
    return "\nRate and CPU per operation against each peer:\n\n" + table(listOf("server") + others, rows)
}

private fun marked(ratio: Ratio, isItself: Boolean = false): String {
    val value = value(ratio)
    return if (isItself || ratio.isDifference) value else "$value ="
}

private fun value(ratio: Ratio) = "%.2f".format(Locale.ROOT, ratio.value)

private fun interval(ratio: Ratio) = if (ratio.high.isInfinite()) "-" else "%.2f-%.2f".format(Locale.ROOT, ratio.low, ratio.high)

private fun idleTable(result: PartResult): String {
    val base = result.idle[result.part.baseline]
    return table(
        listOf("server", "connections", "heap B each", "x ${result.part.baseline}", "resident B each"),
        result.idle.map { (name, idle) ->
            listOf(
                name,
                "%,d".format(Locale.ROOT, idle.connections),
                number(idle.heapBytes),
                if (base == null) "-" else "%.2f".format(Locale.ROOT, idle.heapBytes / base.heapBytes),
                number(idle.residentBytes),
            )
        },
    ) + "\nAfter a collection. Heap is exact; what is resident grows in steps, and has the kernel's share in neither.\n"
}

/** All figures of a part, for machines. */
fun jsonOf(result: PartResult): Map<String, Any?> = linkedMapOf(
    "name" to result.part.name,
    "title" to result.part.title,
    "baseline" to result.part.baseline,
    "loadAverage" to result.loadAverage,
    "selfRatio" to if (result.hasBaseline()) result.self?.value else null,
    "cpuSelfRatio" to if (result.hasBaseline()) result.cpuSelf?.value else null,
    "servers" to result.samples.keys.map { name ->
        linkedMapOf(
            "name" to name,
            "jdk" to contenderOf(name).jdk()?.version,
            "rateMedian" to median(result.rates(name)),
            "rateBest" to result.rates(name).max(),
            "rateSpread" to spread(result.rates(name)),
            "cpuSecondsPerOperationMedian" to median(result.cpus(name)),
            "rateRatio" to if (result.hasBaseline()) result.rateRatio(name, result.part.baseline).value else null,
            "cpuRatio" to if (result.hasBaseline()) result.cpuRatio(name, result.part.baseline).value else null,
            "rounds" to result.samples.getValue(name).map {
                linkedMapOf(
                    "operations" to it.operations,
                    "seconds" to it.seconds,
                    "cpuSeconds" to it.cpuSeconds,
                    "loadSeconds" to it.loadSeconds,
                    "p50Micros" to it.p50Micros,
                    "p99Micros" to it.p99Micros,
                )
            },
        )
    },
    "idle" to result.idle.map { (name, idle) ->
        linkedMapOf("name" to name, "connections" to idle.connections, "heapBytes" to idle.heapBytes, "residentBytes" to idle.residentBytes)
    },
    "leftOut" to result.leftOut,
    "failures" to result.failures,
)
