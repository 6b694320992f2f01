package dev.tercet.samples

import dev.tercet.coroutines.*
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** How long each answer took, sorted, and what went wrong. */
class LoadReport(val latencies: List<Duration>, val failures: List<IOException>, val elapsed: Duration) {
    fun percentile(percent: Int): Duration? = latencies.getOrNull((latencies.size - 1) * percent / 100)

    override fun toString() = "${latencies.size} answers in $elapsed, half within ${percentile(50)}, 99 % within ${percentile(99)}, " +
        "${failures.size} connections failed: ${failures.groupingBy { it.message }.eachCount()}"
}

/**
 * Sends lines to an echo server: on each connection the next one when the last one has come back. Runs on one thread, as `runOnLoop` does, so the
 * lists are plain.
 */
suspend fun generateLoad(host: String, port: Int, connections: Int, requests: Int): LoadReport {
    val latencies = mutableListOf<Duration>()
    val failures = mutableListOf<IOException>()
    val start = TimeSource.Monotonic.markNow()
    nursery {
        repeat(connections) { number ->
            startSoon {
                try {
                    BufferedStream(openTcpStream(host, port)).use { stream ->
                        repeat(requests) {
                            val sent = TimeSource.Monotonic.markNow()
                            failAfter(10.seconds) {
                                stream.sendLine("connection $number, request $it")
                                if (stream.receiveLine() != "connection $number, request $it") throw IOException("another answer")
                            }
                            latencies += sent.elapsedNow()
                        }
                    }
                } catch (e: IOException) {
                    failures += e
                }
            }
        }
    }
    return LoadReport(latencies.sorted(), failures, start.elapsedNow())
}

fun main(args: Array<String>) = runOnLoop { println(generateLoad(args[0], args[1].toInt(), connections = 100, requests = 1000)) }
