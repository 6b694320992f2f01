package dev.tercet.coroutines

import dev.tercet.TaskStatus
import dev.tercet.coroutines.internal.Outcome
import dev.tercet.coroutines.internal.failsUnlessCancelled
import dev.tercet.coroutines.internal.launchSurely
import dev.tercet.coroutines.internal.original
import dev.tercet.coroutines.internal.taskName
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import java.util.Collections
import java.util.IdentityHashMap
import kotlin.contracts.ExperimentalContracts
import kotlin.contracts.InvocationKind
import kotlin.contracts.contract

/**
 * Where the tasks of a [nursery] live: none outlives its block. It is a `CoroutineScope`, so everything that takes one works with it.
 *
 * Prefer [startSoon] to `launch`: `launch` into a scope that is cancelled or has ended silently does nothing (spec NUR-X4).
 *
 * *Thread-safety:* every method may be called from any coroutine and any thread, as long as the nursery is open.
 */
public interface Nursery : CoroutineScope {
    /**
     * Starts a task that runs beside the caller, soon: not before the caller suspends, if they share one thread. It inherits the context of
     * the nursery, its cancellation and timeouts too, and not that of the caller (spec NUR-X3).
     *
     * The task always runs to its first checkpoint. In a cancelled nursery it ends there, inside its own `try` and `use`, so that it closes
     * what it owns.
     *
     * @param block the task; its failure cancels the nursery and is thrown by it. A [CancellationException] that it throws although nobody has
     *   cancelled it is a failure, too, an [IllegalStateException]: a `withTimeout` of kotlinx for instance
     * @return its job, for waiting or for cancelling this one task
     *
     * *Errors:* [IllegalStateException] when the nursery has ended: its block and all its tasks (spec NUR-X4).
     *
     * *Cancellation:* does not suspend; never throws it.
     *
     * *Thread-safety:* any thread.
     */
    public fun startSoon(block: suspend CoroutineScope.() -> Unit): Job

    /**
     * Starts a task and waits until it reports that it is ready: see the function of the same name for every [CoroutineScope].
     *
     * ```
     * val listeners = start { status -> serveTcp(port = 0, taskStatus = status) { echo(it) } }
     * ```
     *
     * @param block the task; it must call `status.started(value)` once
     * @return the value that the task gave
     *
     * *Errors:* what the task throws before it is ready; [IllegalStateException] when it ends without having been ready, when the nursery has
     * ended, or is cancelled first.
     *
     * *Cancellation:* cancels the task and waits for its end, unless it is ready already: then its value is returned.
     *
     * *Thread-safety:* any coroutine.
     */
    public suspend fun <T> start(block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit): T

    /**
     * Cancels all tasks that are running now. The block of the nursery goes on, and may start others.
     *
     * *Errors:* none.
     *
     * *Cancellation:* does not suspend.
     *
     * *Thread-safety:* any thread.
     */
    public fun cancelChildren()

    /**
     * Ends the nursery: cancels all tasks and the block. The nursery waits for them, and then returns normally: what Trio's
     * `nursery.cancel_scope.cancel()` does. Failures still come out.
     *
     * A block that has finished, or finishes all the same, keeps its result. **One that is cut short has none:** the nursery returns `Unit` then,
     * so call this only where nobody uses another result. Of a block that never returns, since it ends with `awaitCancellation()` for instance, the
     * compiler believes that the nursery never returns either: say `nursery<Unit> { }` there.
     *
     * ```
     * nursery {
     *     startSoon {
     *         stop.await()
     *         end()
     *     }
     *     converse(client)
     * }
     * ```
     *
     * *Errors:* none.
     *
     * *Cancellation:* does not suspend. A task that calls this is cancelled too, at its next checkpoint.
     *
     * *Thread-safety:* any thread, any number of times.
     */
    public fun end()
}

/**
 * Runs [block] with a nursery, and returns when the block *and all tasks* have ended (spec NUR-X1).
 *
 * ```
 * nursery {
 *     startSoon { pump(left, right) }
 *     startSoon { pump(right, left) }
 * }
 * ```
 *
 * The first failure, of a task or of the block, cancels all the others (spec NUR-X2). It is thrown when they have ended, as it is; later
 * failures are suppressed in it, and [allFailures] lists them (spec NUR-X5). Cancelled tasks are no failures.
 *
 * @param block runs in the caller's context, with the nursery as receiver. Do not make a resource its result: a cancellation that comes while
 *   the last tasks end would lose it. Store it in a variable outside.
 * @return the result of the block
 *
 * *Errors:* the first failure.
 *
 * *Cancellation:* cancels the block and all tasks, and is thrown when they have ended.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
@OptIn(ExperimentalContracts::class)
@Suppress("WRONG_INVOCATION_KIND", "LEAKED_IN_PLACE_LAMBDA") // the compiler does not see through the scope in between
public suspend fun <R> nursery(block: suspend Nursery.() -> R): R {
    contract { callsInPlace(block, InvocationKind.EXACTLY_ONCE) }
    val outcome = Outcome<R>()
    var nursery: TaskNursery? = null
    try {
        return coroutineScope {
            val tasks = TaskNursery(this).also { nursery = it }
            outcome.keep { tasks.block() }
            outcome.value()
        }
    } catch (cancellation: CancellationException) {
        if (nursery?.isEnded != true) throw cancellation
        currentCoroutineContext().ensureActive()
        @Suppress("UNCHECKED_CAST") // see end()
        return if (outcome.isFinished) outcome.value() else Unit as R
    } catch (failure: Throwable) {
        throw failure.original()
    }
}

/**
 * All failures of a nursery that threw this: this one first, then those that came later, of the nurseries inside it too. Cancellations are
 * left out (spec NUR-X5). What `use` suppressed when a close failed is among them: all that went wrong is here.
 *
 * *Errors:* none.
 *
 * *Cancellation:* does not suspend.
 *
 * *Thread-safety:* any thread.
 *
 * @return at least this exception; each only once
 */
public fun Throwable.allFailures(): List<Throwable> {
    val seen = Collections.newSetFromMap(IdentityHashMap<Throwable, Boolean>())
    val failures = mutableListOf<Throwable>()

    fun visit(failure: Throwable) {
        if (!seen.add(failure)) return
        failures += failure
        for (suppressed in failure.suppressed) if (suppressed !is CancellationException) visit(suppressed.original())
    }
    visit(original())
    return failures
}

private class TaskNursery(private val scope: CoroutineScope) :
    Nursery,
    CoroutineScope by scope {
    override fun startSoon(block: suspend CoroutineScope.() -> Unit): Job =
        scope.launchSurely(taskName(coroutineContext, block)) { failsUnlessCancelled { block() } } ?: throw nurseryIsClosed(null)

    override suspend fun <T> start(block: suspend CoroutineScope.(status: TaskStatus<T>) -> Unit): T = scope.start(block)

    override fun cancelChildren() = coroutineContext.cancelChildren()

    @Volatile
    var isEnded = false
        private set

    override fun end() {
        isEnded = true
        coroutineContext.job.cancel(CancellationException("the nursery was ended"))
    }

    override fun toString() = "Nursery(${coroutineContext[Job]})"
}
