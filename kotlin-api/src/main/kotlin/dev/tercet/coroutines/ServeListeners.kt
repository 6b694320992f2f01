package dev.tercet.coroutines

import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import kotlinx.coroutines.CoroutineScope
import kotlin.time.Duration

/**
 * Serves connections: accepts from each listener and runs [handler] for every connection, all at the same time. Goes on until it fails, is
 * cancelled, or is stopped by [stop]; only then does it return. The listeners are always closed. Each connection is closed forcefully when its
 * handler ends; a handler closes gracefully with `stream.use { }`.
 *
 * Handlers run on the caller's dispatcher: on an event loop's, so also in `runOnLoop { }`, that is one thread. Only in a program that [runOnLoop]
 * was given a loop of several threads for, each handler runs on the thread of its connection, in parallel with others.
 *
 * *Errors:* what a listener throws; lack of descriptors or memory is logged and tried again after 100 ms (spec IO-SV6, IO-SV7). What a handler
 * throws, depending on [onHandlerError]; by default not what its peer or the network broke (spec IO-SV4). [IllegalArgumentException] for no
 * listeners, one listener given twice, and numbers out of range; [IllegalStateException] when [handlerNursery] is closed.
 *
 * *Cancellation:* closes the listeners, and cancels the handlers, unless they run in a nursery of the caller's; when it has thrown, the ports
 * are free.
 *
 * *Thread-safety:* any coroutine; the listeners are this function's from now on.
 *
 * @param listeners at least one, each once
 * @param handlerNursery where the handlers run; null for here, so that the failure of one ends the server
 * @param onHandlerError what to do when a handler throws: by default stop the server, unless the peer or the network broke the connection;
 *   [OnHandlerError.LOG] logs everything and goes on, [OnHandlerError.PROPAGATE] always stops
 * @param maxConnections how many handlers at a time; when there are so many, the kernel's queue holds what comes
 * @param stop ends the server gracefully: no new connections, and the handlers get [drain] before they are cancelled
 * @param drain how long the handlers get; zero for not at all
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
    ServeTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout = null),
    handler,
).serve { taskStatus.started(listeners) }
