package dev.tercet.coroutines

import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import kotlinx.coroutines.CoroutineScope
import kotlin.time.Duration

/**
 * Serves connections: accepts from each listener and runs [handler] for every connection, concurrently (spec IO-SV1). It runs until it
 * fails, is cancelled, or is stopped by [stop]; only then does it return. The listeners are always closed. Each connection is closed
 * forcefully when its handler ends; a handler closes gracefully with `stream.use { }`.
 *
 * Handlers run on the caller's dispatcher. On that of an event loop, so also in `runOnLoop { }`, this is one thread. Only if [runOnLoop]
 * got a loop of several threads, each handler runs on the thread of its connection, in parallel with others.
 *
 * *Errors:* the failure of a listener; lack of descriptors or memory is logged and retried after 100 ms (spec IO-SV6, IO-SV7). The failure
 * of a handler, depending on [onHandlerError]; by default not one that its peer or the network caused (spec IO-SV4).
 * [IllegalArgumentException] for no listeners, a repeated listener, and numbers out of range; [IllegalStateException] when [handlerNursery]
 * is closed.
 *
 * *Cancellation:* closes the listeners, and cancels the handlers, unless they run in a nursery of the caller; when it has thrown, the ports
 * are free.
 *
 * *Thread-safety:* any coroutine; this function owns the listeners from now on.
 *
 * @param listeners at least one, each once
 * @param handlerNursery the nursery of the handlers; null for the server's own, so that the failure of a handler ends the server
 * @param onHandlerError the reaction to a handler that throws: by default stop the server, unless the peer or the network broke the
 *   connection; [OnHandlerError.LOG] logs everything and continues, [OnHandlerError.PROPAGATE] always stops
 * @param maxConnections maximum number of concurrent handlers, 1 or more; at the limit, the kernel's queue holds new connections
 * @param stop ends the server gracefully: no new connections, and the handlers get [drain] before they are cancelled
 * @param drain the time for the running handlers, zero or more
 * @param taskStatus gets the listeners when they are being served
 * @param handler runs once per connection
 * @return the counts, when stopped
 */
public suspend fun <S : AsyncResource, L : Listener<S>> serveListeners(
    listeners: List<L>,
    handlerNursery: CoroutineScope? = null,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    maxConnections: Int = Int.MAX_VALUE,
    stop: StopSignal? = null,
    drain: Duration = Duration.ZERO,
    taskStatus: TaskStatus<in List<L>> = TaskStatus.ignored(),
    handler: suspend (S) -> Unit,
): ServeReport = Server(
    listeners,
    serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout = null),
    handler,
).serve { taskStatus.started(listeners) }
