@file:OptIn(InternalCoroutinesApi::class)

package dev.tercet.coroutines.testing

import dev.tercet.coroutines.internal.InVirtualTime
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.test.TestDispatcher
import java.util.concurrent.Executors
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.coroutines.CoroutineContext

/**
 * A test dispatcher that runs what can run in parallel, in virtual time.
 *
 * The problem. A test in virtual time runs one coroutine at a time, so a program of several threads that forgot a lock passes every test.
 *
 * The strategy. What is dispatched runs on a pool of threads at once. The scheduler gets an event for it, at the instant of its dispatch,
 * that waits until nothing runs any more. So time stands still while anything runs, and goes on in jumps as ever.
 *
 * Something that runs may itself drive the scheduler, in `runCurrent`. It then waits for the others only, and not for itself.
 *
 * The seed does not decide the order here: the operating system does.
 */
internal class ParallelDispatcher(private val test: TestDispatcher, private val watch: DeadlockWatch) :
    CoroutineDispatcher(),
    Delay by test,
    InVirtualTime,
    AutoCloseable {
    private val pool = Executors.newFixedThreadPool(THREADS) { Thread(it, "runIoTest").apply { isDaemon = true } }
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()

    /** What was dispatched and has not ended. Guarded by lock, as is [driving]. */
    private var running = 0

    /** How many of these wait in an event of ours. */
    private var driving = 0

    private val isRunning = ThreadLocal.withInitial { false }

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        watch.dispatched(context, block)
        // Counted before there is an event that waits for it.
        lock.withLock { running++ }
        test.dispatch(context) { if (isRunning.get()) awaitOthers() else awaitAll() }
        pool.execute {
            isRunning.set(true)
            try {
                block.run()
            } finally {
                lock.withLock {
                    running--
                    changed.signalAll()
                }
            }
        }
    }

    private fun awaitAll() = lock.withLock { while (running > 0) changed.await() }

    private fun awaitOthers() = lock.withLock {
        driving++
        changed.signalAll()
        while (running > driving) changed.await()
        driving--
    }

    override fun close() {
        pool.shutdownNow()
    }

    override fun toString(): String = "Parallel($test)"

    private companion object {
        const val THREADS = 4
    }
}
