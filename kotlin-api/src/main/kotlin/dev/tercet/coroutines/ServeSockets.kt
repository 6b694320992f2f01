package dev.tercet.coroutines

import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.internal.serve.ServeTerms
import kotlinx.coroutines.CoroutineScope
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/**
 * Listens on a TCP port and serves the connections: [openTcpListeners], then [serveListeners] (spec IO-TL9).
 *
 * ```
 * val listeners = start { status -> serveTcp(port = 0, taskStatus = status) { echo(it) } }
 * ```
 *
 * Without an `idleTimeout`, the default, a connection is kept while its handler runs. A silent peer, or one that has vanished without a
 * reset, keeps its place forever. A public server should set one.
 *
 * *Errors:* as [openTcpListeners], then as [serveListeners].
 *
 * *Cancellation:* as [serveListeners].
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any
 * @param host a name or an IP literal; null for all addresses
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @param handlerNursery the nursery of the handlers; null for the server's own
 * @param onHandlerError the reaction to a handler that throws: by default stop the server, unless the peer or the network broke the
 *   connection
 * @param maxConnections maximum number of concurrent handlers, 1 or more
 * @param stop ends the server gracefully
 * @param drain the time for the running handlers then, zero or more
 * @param idleTimeout positive: after this time without a byte, or up to a quarter later, the handler of a connection is cancelled; null for
 *   never
 * @param taskStatus gets the listeners when they are being served
 * @param handler runs once per connection
 * @return the counts, when stopped
 */
public suspend fun serveTcp(
    port: Int,
    host: String? = null,
    backlog: Int? = null,
    handlerNursery: CoroutineScope? = null,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    maxConnections: Int = Int.MAX_VALUE,
    stop: StopSignal? = null,
    drain: Duration = Duration.ZERO,
    idleTimeout: Duration? = null,
    taskStatus: TaskStatus<in List<SocketListener>> = TaskStatus.ignored(),
    handler: suspend (SocketStream) -> Unit,
): ServeReport = serve(serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout), taskStatus, handler) {
    openTcpListeners(port, host, backlog)
}

/**
 * Listens on a Unix socket and serves the connections: [openUnixListener], then [serveListeners].
 *
 * Without an `idleTimeout`, the default, a connection is kept while its handler runs. A silent peer, or one that has vanished without a
 * reset, keeps its place forever. A public server should set one.
 *
 * *Errors:* as [openUnixListener], then as [serveListeners].
 *
 * *Cancellation:* as [serveListeners].
 *
 * *Thread-safety:* any coroutine.
 *
 * @param path of the socket file
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @param handlerNursery the nursery of the handlers; null for the server's own
 * @param onHandlerError the reaction to a handler that throws: by default stop the server, unless the peer or the network broke the
 *   connection
 * @param maxConnections maximum number of concurrent handlers, 1 or more
 * @param stop ends the server gracefully
 * @param drain the time for the running handlers then, zero or more
 * @param idleTimeout positive: after this time without a byte, or up to a quarter later, the handler of a connection is cancelled; null for
 *   never
 * @param taskStatus gets the listeners, one, when it is being served
 * @param handler runs once per connection
 * @return the counts, when stopped
 */
public suspend fun serveUnix(
    path: Path,
    backlog: Int? = null,
    handlerNursery: CoroutineScope? = null,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    maxConnections: Int = Int.MAX_VALUE,
    stop: StopSignal? = null,
    drain: Duration = Duration.ZERO,
    idleTimeout: Duration? = null,
    taskStatus: TaskStatus<in List<SocketListener>> = TaskStatus.ignored(),
    handler: suspend (SocketStream) -> Unit,
): ServeReport = serve(serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout), taskStatus, handler) {
    listOf(openUnixListener(path, backlog))
}

/** The parameters of a `serve…` function. */
internal fun serveTerms(
    handlerNursery: CoroutineScope?,
    onHandlerError: OnHandlerError,
    maxConnections: Int,
    stop: StopSignal?,
    drain: Duration,
    idleTimeout: Duration?,
): ServeTerms<CoroutineScope> =
    ServeTerms(handlerNursery, onHandlerError, maxConnections, stop, drain.toJavaDuration(), idleTimeout?.toJavaDuration())

/** Checks the numbers before anything is opened. */
internal suspend inline fun <S : AsyncResource, L : Listener<S>> serve(
    terms: ServeTerms<CoroutineScope>,
    taskStatus: TaskStatus<in List<L>>,
    noinline handler: suspend (S) -> Unit,
    open: () -> List<L>,
): ServeReport {
    terms.check()
    val listeners = open()
    return Server(listeners, terms, handler).serve { taskStatus.started(listeners) }
}
