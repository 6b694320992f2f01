@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.testing.simulation.VirtualTime
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.yield

/**
 * The time of a test scheduler, for a simulated network.
 *
 * That scheduler counts milliseconds. What is to happen in between happens at the next one, never too early, and keeps its order. The clock is
 * the scheduler's own, so that network and program never disagree about what time it is; a clock that showed the exact instant of an
 * event would have been in the future for everybody else.
 *
 * Each event is a coroutine in the background of the test: it does not keep the test going. It starts in place, so that events of one instant
 * happen in the order in which they were scheduled.
 */
internal class TestSchedulerTime(private val background: CoroutineScope, private val scheduler: TestCoroutineScheduler) : VirtualTime {
    override fun nanoTime(): Long = scheduler.currentTime * NANOS_PER_MILLI

    override fun schedule(atNanos: Long, event: Runnable) {
        background.launch(start = CoroutineStart.UNDISPATCHED) {
            val nanos = atNanos - nanoTime()
            if (nanos > 0) delay((nanos - 1) / NANOS_PER_MILLI + 1) else yield()
            event.run()
        }
    }

    private companion object {
        const val NANOS_PER_MILLI = 1_000_000L
    }
}
