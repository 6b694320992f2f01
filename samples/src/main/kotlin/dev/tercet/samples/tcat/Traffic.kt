package dev.tercet.samples.tcat

import dev.tercet.coroutines.nursery
import kotlinx.coroutines.delay
import kotlin.time.Duration
import kotlin.time.TimeSource

/** What has moved, and when last. */
internal class Traffic {
    private var sentDatagrams = 0L
    private var sentBytes = 0L
    private var receivedDatagrams = 0L
    private var receivedBytes = 0L
    private var last = TimeSource.Monotonic.markNow()

    fun sent(bytes: Int) {
        sentDatagrams++
        sentBytes += bytes
        last = TimeSource.Monotonic.markNow()
    }

    fun received(bytes: Int) {
        receivedDatagrams++
        receivedBytes += bytes
        last = TimeSource.Monotonic.markNow()
    }

    /** Runs until it ends, or until nothing has moved for [timeout]. */
    suspend fun untilQuiet(timeout: Duration?, body: suspend () -> Unit) = nursery {
        val working = startSoon { body() }
        if (timeout == null) return@nursery
        last = TimeSource.Monotonic.markNow()
        val watching =
            startSoon {
                while (true) {
                    val left = timeout - last.elapsedNow()
                    if (left <= Duration.ZERO) break
                    delay(left)
                }
                working.cancel()
            }
        working.join()
        watching.cancel()
    }

    override fun toString() = "sent $sentDatagrams datagrams of $sentBytes bytes, received $receivedDatagrams of $receivedBytes"
}
