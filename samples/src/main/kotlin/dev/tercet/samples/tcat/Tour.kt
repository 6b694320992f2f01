package dev.tercet.samples.tcat

import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * Shows what is seen, and counts what was not as promised. A promise is judged by what happens and in which order, never by how long it takes:
 * on a busy machine everything takes longer. The time is shown when it is long.
 */
internal class Tour(private val host: Host) {
    private var stops = 0
    private var wrong = 0

    suspend fun stop(title: String, visit: suspend () -> Unit) {
        host.print("${++stops}. $title\n")
        val start = TimeSource.Monotonic.markNow()
        visit()
        val took = start.elapsedNow()
        if (took > LONG) say("this took ${took.inWholeSeconds} s, on an idle machine no stop takes one: this machine is busy")
        host.print("\n")
    }

    suspend fun say(line: String) = host.print("   $line\n")

    suspend fun saw(line: String, asPromised: Boolean) {
        if (!asPromised) wrong++
        say(if (asPromised) line else "$line  <-- NOT AS PROMISED")
    }

    suspend inline fun <reified E : Exception> saw(whose: String, provoke: () -> Unit) {
        val thrown =
            try {
                provoke()
                null
            } catch (e: Exception) {
                e
            }
        saw("$whose: ${thrown?.javaClass?.simpleName}: ${thrown?.message}", thrown is E)
    }

    suspend fun end(): ExitCode {
        host.print((if (wrong == 0) "All as promised. Next: ./tcat --help" else "$wrong of what was seen is not as promised.") + "\n")
        return if (wrong == 0) ExitCode.CLEAN else ExitCode.FAILED
    }
}

private val LONG = 2.seconds
