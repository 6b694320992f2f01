package dev.tercet.coroutines.testing

import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import java.util.Collections
import java.util.WeakHashMap
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Notices that a test waits for ever, and where.
 *
 * The problem. When all coroutines of a test wait for each other, the test scheduler has nothing to do and waits for somebody to dispatch to
 * it, for as long as the test may take in real time. It does not tell when it has nothing to do.
 *
 * The strategy. A thread looks at the thread of the test ten times a second. When that one is parked in the event loop of `runBlocking`, and
 * not in anything that it runs, the scheduler has nothing to do. When that is so for a second, and nothing was dispatched meanwhile, nobody of
 * this test will ever go on, unless somebody outside wakes it: a coroutine on another dispatcher, which is seen among the jobs, or a thread that
 * calls back, which is not seen, and does not belong into virtual time (KIT-J4).
 *
 * Where a coroutine is: each dispatch shows its continuation, and with it the frames of the functions that wait for each other. The ones
 * near the root stay there for as long as the coroutine lives, and say at which line it is now. That needs no agent.
 */
internal class DeadlockWatch {
    private val places = Collections.synchronizedMap(WeakHashMap<Job, CoroutineStackFrame>())
    private val testThread = Thread.currentThread()

    @Volatile
    private var dispatches = 0L

    @Volatile
    private var isOver = false

    /** By the dispatcher of the test. */
    fun dispatched(context: CoroutineContext, block: Runnable) {
        // Lost counts do no harm: it is only looked at for whether it changes.
        @Suppress("INCREMENT_ON_VOLATILE")
        dispatches++
        val job = context[Job]
        if (job != null && block is CoroutineStackFrame) places[job] = block
    }

    /** Looks from now on, and calls [onDeadlock] on a thread of its own, once. */
    fun start(test: Job, dispatcher: ContinuationInterceptor, onDeadlock: (whereEachIs: List<String>) -> Unit) {
        val look = Thread({ look(test, dispatcher, onDeadlock) }, "runIoTest watch")
        look.isDaemon = true
        look.start()
    }

    fun stop() {
        isOver = true
    }

    private fun look(test: Job, dispatcher: ContinuationInterceptor, onDeadlock: (List<String>) -> Unit) {
        var quiet = 0
        var seen = -1L
        while (!isOver && test.isActive) {
            Thread.sleep(MILLIS_BETWEEN_LOOKS)
            val now = dispatches
            quiet = if (now == seen && isIdle() && !waitsElsewhere(test, dispatcher)) quiet + 1 else 0
            seen = now
            if (quiet == LOOKS) {
                if (!isOver) onDeadlock(everybody(test).map { describe(it) })
                return
            }
        }
    }

    /** Whether the thread of the test waits for something to do. */
    private fun isIdle(): Boolean {
        val innermost = testThread.stackTrace.firstOrNull { !it.className.startsWith("java.") && !it.className.startsWith("jdk.") }
        return innermost?.className == "kotlinx.coroutines.BlockingCoroutine"
    }

    private fun waitsElsewhere(test: Job, dispatcher: ContinuationInterceptor) = everybody(test).any { interceptor(it) !== dispatcher }

    /** Those that wait for something else than for their children. */
    private fun everybody(job: Job): List<Job> {
        val children = job.children.filter { it.isActive }.toList()
        return if (children.isEmpty()) {
            listOf(job)
        } else {
            children.flatMap { everybody(it) } +
                listOfNotNull(job.takeIf { it.isBodyRunning() })
        }
    }

    private fun describe(job: Job): String {
        val name = (job as? CoroutineScope)?.coroutineContext?.get(CoroutineName)?.name ?: "a coroutine"
        val frames = generateSequence(places[job]) { it.callerFrame }.take(MAX_FRAMES).mapNotNull { it.getStackTraceElement() }.toList()
        return (listOf("$name waits") + frames.takeLast(SHOWN_FRAMES).map { "  at $it" }).joinToString("\n")
    }
}

private fun interceptor(job: Job) = (job as? CoroutineScope)?.coroutineContext?.get(ContinuationInterceptor)

/** Of one that has children its own body may wait too; its text says "Completing" when only the children are left. */
private fun Job.isBodyRunning() = "Active" in toString()

private const val MILLIS_BETWEEN_LOOKS = 100L

/** A second: a callback from a thread outside has that long. */
private const val LOOKS = 10
private const val MAX_FRAMES = 100

/** What is further inside may have returned since the last dispatch. */
private const val SHOWN_FRAMES = 3
