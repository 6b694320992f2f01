package dev.tercet.benchmarks

import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** What a command line asks for. */
data class Settings(
    val words: List<String> = WORDS.keys.toList(),
    /** Peers to run against; null for all. */
    val against: Set<String>? = null,
    val rounds: Int = 21,
    val measure: Duration = 250.milliseconds,
    val warmUp: Duration = 3.seconds,
    /** Replaces what a part says; null for that. */
    val connections: Int? = null,
    val json: Path? = null,
    val svg: Path? = null,
) {
    /** The parts to be run, with the contenders that were asked for. */
    fun parts(): List<Part> = words.flatMap { WORDS.getValue(it) }.map { part ->
        part.copy(
            title =
            part.title +
                if (connections != null &&
                    part.load.withConnections(connections) != part.load
                ) {
                    ", but $connections connections"
                } else {
                    ""
                },
            contenders = part.contenders.filter {
                it == part.baseline || CONTENDERS.getValue(it).isOurs || against == null || it in against
            },
            load = if (connections == null) part.load else part.load.withConnections(connections),
        )
    }
}
