package dev.tercet.coroutines

import dev.tercet.TooSlowException
import dev.tercet.coroutines.internal.InVirtualTime
import dev.tercet.coroutines.internal.Outcome
import dev.tercet.coroutines.internal.text
import dev.tercet.internal.text.ForeignError
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import kotlin.contracts.ExperimentalContracts
import kotlin.contracts.InvocationKind
import kotlin.contracts.contract
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.jvm.internal.CoroutineStackFrame
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/*
 * Timeouts are scopes around code, never arguments of calls (spec NUR-X19).
 *
 * Why not kotlinx's own. `withTimeout` throws a CancellationException, which ends a `launch` without a word when nobody catches it. And both
 * of its forms lose the body's result when the time runs out, or the caller is cancelled, just after the body has ended: a socket that was
 * opened in that moment stays open for ever.
 *
 * What ours promise:
 *  - A body that has finished wins, over its own expiry and over a cancellation from outside. See Outcome.
 *  - A body that was cut short from outside is a cancellation, even if its own time was over in the same moment: a nursery that is cancelled
 *    must not fail with TooSlowException instead.
 *  - Only the own expiry is swallowed or converted. Which of several nested timeouts it was is told by kotlinx, by the identity of its scope.
 *  - An exception of the body comes out as the object that it is.
 *
 * The body gets no CoroutineScope, so that nothing can be launched that the timeout would wait for: children go into a nursery.
 */

/**
 * Runs [block] for at most [limit] and returns whether the limit expired.
 *
 * ```
 * if (moveOnAfter(2.seconds) { stream.waitSendAllMightNotBlock() }) println("peer is slow")
 * ```
 *
 * When the limit expires, the block is cancelled: it ends at its next checkpoint, or at once if it is waiting. A finished block is never
 * reported as cancelled, not even when the limit expires at the same moment. Timeouts nest; each swallows only its own expiry (spec
 * NUR-X20). For a timeout that is an error, use [failAfter].
 *
 * @param limit the maximum time from now: zero runs the block until its first checkpoint, [Duration.INFINITE] is no limit. It is rounded up
 *   to whole milliseconds.
 * @param block the code to run; it should return resources through a variable outside
 * @return true if the limit expired and the block was cancelled, false if it finished
 *
 * *Errors:* `IllegalArgumentException` when [limit] is negative (spec NUR-X23); else what [block] throws.
 *
 * *Cancellation:* cancels the block; if it has finished already, this returns normally and the next checkpoint throws.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
@OptIn(ExperimentalContracts::class)
@Suppress("WRONG_INVOCATION_KIND", "LEAKED_IN_PLACE_LAMBDA") // the compiler does not see through the scope in between
public suspend fun moveOnAfter(limit: Duration, block: suspend () -> Unit): Boolean {
    contract { callsInPlace(block, InvocationKind.AT_MOST_ONCE) }
    return !finishesWithin(limit, Outcome(), block)
}

/**
 * Runs [block] for at most [limit] and throws if the limit expires.
 *
 * ```
 * val bytes = failAfter(3.seconds) { stream.receiveSome(100) }
 * ```
 *
 * A finished block returns its result, even if the limit expired or the caller was cancelled at that moment. A resource that was opened
 * inside is never lost. The exception is an `IOException` and not a cancellation, so it cannot be lost in a `launch` (spec NUR-X21).
 * Timeouts nest; each converts only its own expiry (spec NUR-X20).
 *
 * @param limit the maximum time from now: zero runs the block until its first checkpoint, [Duration.INFINITE] is no limit. It is rounded up
 *   to whole milliseconds.
 * @param block the code to run
 * @return the result of the block
 *
 * *Errors:* [TooSlowException] when the limit expired; `IllegalArgumentException` when [limit] is negative (spec NUR-X23); else what
 * [block] throws.
 *
 * *Cancellation:* cancels the block; if it has finished already, its result is returned and the next checkpoint throws.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
@OptIn(ExperimentalContracts::class)
@Suppress("WRONG_INVOCATION_KIND", "LEAKED_IN_PLACE_LAMBDA") // the compiler does not see through the scope in between
public suspend fun <R> failAfter(limit: Duration, block: suspend () -> R): R {
    contract { callsInPlace(block, InvocationKind.EXACTLY_ONCE) }
    val outcome = Outcome<R>()
    if (!finishesWithin(limit, outcome, block)) throw tooSlow(limit)
    return outcome.value()
}

/**
 * Runs [block] protected from outside cancellation: for clean-up that has to wait (spec NUR-X24). Timeouts inside it work, and it should
 * have one. The first checkpoint after it throws a cancellation that came meanwhile.
 *
 * @param block the code to run; what it launches is shielded too, and this waits for it
 * @return the result of the block
 *
 * *Errors:* what [block] throws.
 *
 * *Cancellation:* does not affect the block, which runs even when the caller is cancelled already.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
@OptIn(ExperimentalContracts::class)
@Suppress("WRONG_INVOCATION_KIND", "LEAKED_IN_PLACE_LAMBDA") // the compiler does not see through the scope in between
public suspend fun <R> shielded(block: suspend CoroutineScope.() -> R): R {
    contract { callsInPlace(block, InvocationKind.EXACTLY_ONCE) }
    val outcome = Outcome<R>()
    try {
        // The inner scope gives the block a job of its own. NonCancellable must never be anybody's parent: what is launched into it is lost.
        withContext(NonCancellable) { coroutineScope { outcome.keep { block() } } }
    } catch (thrown: Throwable) {
        outcome.finishedOrThrow(thrown)
    }
    return outcome.value()
}

/**
 * Checks for cancellation and lets other coroutines of the dispatcher run: throws if the caller is cancelled. Every waiting function of the
 * library does so itself; long computations should call this regularly.
 *
 * *Errors:* none of its own.
 *
 * *Cancellation:* thrown here.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
public suspend fun checkpoint(): Unit = yield()

/** With the trace of who waits for [failAfter]: the thread that the expiry has resumed knows nothing of it. */
private suspend fun tooSlow(limit: Duration): TooSlowException {
    val interceptor = currentCoroutineContext()[ContinuationInterceptor]
    val time = limit.toJavaDuration()
    val failure = if (isVirtual(interceptor)) TooSlowException.inVirtualTime(time) else TooSlowException(time)
    val callers = suspendCoroutineUninterceptedOrReturn<List<StackTraceElement>> { callers(it) }
    if (callers.isNotEmpty()) failure.stackTrace = callers.toTypedArray()
    return failure
}

/** Empty when the compiler has left no debug data. */
private fun callers(continuation: Continuation<*>): List<StackTraceElement> = generateSequence(continuation as? CoroutineStackFrame) {
    it.callerFrame
}.take(MAX_FRAMES).mapNotNull { it.getStackTraceElement() }.toList()

/** Whether timeouts of this dispatcher take no real time. Those of kotlinx are known by name: this module does without kotlinx-coroutines-test. */
private fun isVirtual(dispatcher: ContinuationInterceptor?): Boolean =
    dispatcher is InVirtualTime || dispatcher?.javaClass?.name?.startsWith("kotlinx.coroutines.test.") == true

/** A recursion may be deep. */
private const val MAX_FRAMES = 100

/** Returns whether the body finished; false is an expiry of this very limit, and of nothing around it. */
private suspend fun <R> finishesWithin(limit: Duration, outcome: Outcome<R>, body: suspend () -> R): Boolean {
    require(!limit.isNegative()) { "the limit must not be negative: ${limit.text()}" }
    if (limit.isInfinite()) {
        outcome.keep(body)
        return true
    }
    try {
        if (limit == Duration.ZERO) runExpired(outcome, body) else withTimeoutOrNull(limit) { outcome.keep(body) }
    } catch (thrown: Throwable) {
        outcome.finishedOrThrow(thrown)
    }
    if (outcome.isFinished) return true
    currentCoroutineContext().ensureActive()
    return false
}

/** `withTimeout(0)` would not begin the body: but one that meets no checkpoint has time to finish. Returns normally when it was cut short. */
private suspend fun <R> runExpired(outcome: Outcome<R>, body: suspend () -> R) {
    val expiry = CancellationException("no time was given")
    // The scope throws its own expiry whatever the body has thrown, so that is kept here.
    var ownCancellation: CancellationException? = null
    try {
        coroutineScope {
            cancel(expiry)
            try {
                outcome.keep(body)
            } catch (thrown: CancellationException) {
                // With assertions on it may be a copy, whose cause it is; and a child's cancellation is caused by its parent's.
                if (generateSequence<Throwable>(thrown) { ForeignError.cause(it) }.none { it === expiry }) ownCancellation = thrown
                throw thrown
            }
        }
    } catch (thrown: CancellationException) {
        ownCancellation?.let { throw it }
        // The caller's own cancellation: from outside, and so it goes first.
        if (thrown !== expiry && ForeignError.cause(thrown) !== expiry) throw thrown
    }
}
