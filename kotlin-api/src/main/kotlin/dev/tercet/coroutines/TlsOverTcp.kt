package dev.tercet.coroutines

import dev.tercet.ConnectReport
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.internal.connect.Connect
import dev.tercet.internal.connect.DialPlan
import dev.tercet.internal.tls.TlsSession
import dev.tercet.tls.ClientHello
import dev.tercet.tls.RaceThrough
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/*
 * TLS over TCP. What can be wrong without a network is found before it is used: a client's session is made before there is a connection, so
 * that behind the connect there is nothing left that could fail (spec TLS-Q5), and a server makes one session to see whether it could.
 */

/**
 * Connects to a host, as [openTcpStream] does, and wraps the connection in TLS as a client. The server must prove that it is [host],
 * independent of its address (spec TLS-Q3).
 *
 * The handshake is not performed yet (spec TLS-Q1). The first operation on the stream performs it, or [TlsStream.doHandshake], and verifies
 * the server. With [RaceThrough.HANDSHAKE] as [raceThrough] (spec IO-HV12), the handshake is complete. An address whose handshake or
 * verification fails then counts as unreachable. The next address starts after the delay, whether this one is connected by then or not. The
 * configured time limit of the handshake applies to each attempt.
 *
 * *Errors:* as [openTcpStream]'s; [IllegalArgumentException] also for a host that cannot be a server's name, and for a configuration that
 * no engine supports, before any I/O.
 *
 * *Cancellation:* as [openTcpStream]'s: no connection is left.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param host a name or an IP literal, IPv6 without brackets; also the name that the server must prove
 * @param port 1 to 65535
 * @param config the TLS configuration
 * @param happyEyeballsDelay 0 or more, 0 for all at once; null, or infinite, for one attempt at a time
 * @param localAddress a name or literal to connect from; addresses of the other family are then unreachable
 * @param onReport gets the report of all attempts at the end of the race; must not block
 * @param raceThrough the step that an attempt must reach to win
 * @return the stream; the caller closes it
 */
public suspend fun openTlsOverTcpStream(
    host: String,
    port: Int,
    config: TlsConfig = TlsConfig.DEFAULT,
    happyEyeballsDelay: Duration? = 250.milliseconds,
    localAddress: String? = null,
    onReport: ((ConnectReport) -> Unit)? = null,
    raceThrough: RaceThrough = RaceThrough.CONNECT,
): TlsStream<SocketStream> = when (raceThrough) {
    RaceThrough.CONNECT -> openThroughConnect(host, config) { openTcpStream(host, port, happyEyeballsDelay, localAddress, onReport) }
    RaceThrough.HANDSHAKE -> openThroughHandshake(host, config, onReport) { dialPlan(host, port, happyEyeballsDelay, localAddress) }
}

private suspend inline fun openThroughConnect(host: String, config: TlsConfig, connect: () -> SocketStream): TlsStream<SocketStream> {
    val session = TlsSession.client(host, config, NOTHING)
    try {
        return TlsStream(connect(), session)
    } catch (failure: Throwable) {
        session.release()
        throw failure
    }
}

private suspend inline fun openThroughHandshake(
    host: String,
    config: TlsConfig,
    noinline onReport: ((ConnectReport) -> Unit)?,
    plan: () -> DialPlan,
): TlsStream<SocketStream> {
    // Only to see whether it can be made. The attempts have each their own.
    TlsSession.client(host, config, NOTHING).release()
    val planned = plan()
    val network = currentNetwork()
    currentCoroutineContext().ensureActive()
    return run(
        Connect.tls(network, planned, host, config, OffLoop, onReport) {
            TlsStream(SocketStream(StreamSocket(it.socket())), it.session())
        },
    )
}

/**
 * Listens on a TCP port for TLS clients: as [openTcpListeners], with each listener wrapped (spec TLS-Q6). For a configuration that changes
 * while the server runs, use [TlsListener] instead.
 *
 * *Errors:* as [openTcpListeners]'; the exception of an engine that does not support the configuration. An engine is made before any port
 * is opened, to check this.
 *
 * *Cancellation:* nothing is left open.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any, which then differs from listener to listener
 * @param config the TLS configuration
 * @param host a name or an IP literal; null for all addresses
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @return at least one listener; the caller closes them
 */
public suspend fun openTlsOverTcpListeners(
    port: Int,
    config: TlsServerConfig,
    host: String? = null,
    backlog: Int? = null,
): List<TlsListener<SocketStream>> {
    // The engine of a connection is made in accept, where its failure would stop the server.
    TlsSession.server(config, NOTHING).release()
    return openTcpListeners(port, host, backlog).map { TlsListener(it, config) }
}

/**
 * Listens on a TCP port for TLS clients, and chooses the configuration for each by its ClientHello. It is [openTcpListeners] with each
 * listener wrapped by [TlsListener.wrapChoosing] (spec TLS-N2).
 *
 * *Errors:* as [openTcpListeners]'. A configuration that no engine supports is detected only in the handshake for which it is chosen.
 *
 * *Cancellation:* nothing is left open.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any, which then differs from listener to listener
 * @param chooser called in the handshake of each connection
 * @param host a name or an IP literal; null for all addresses
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @return at least one listener; the caller closes them
 */
public suspend fun openTlsOverTcpListeners(
    port: Int,
    chooser: suspend (ClientHello) -> TlsServerConfig?,
    host: String? = null,
    backlog: Int? = null,
): List<TlsListener<SocketStream>> = openTcpListeners(port, host, backlog).map { TlsListener.wrapChoosing(it, chooser) }

/**
 * Listens on a TCP port and serves TLS clients: [openTlsOverTcpListeners], then [serveListeners].
 *
 * The handler gets a stream before the handshake, and its first operation performs it. So a client that is slow, or does not use TLS,
 * affects its own handler only. It ends that connection and not the server, unless [onHandlerError] is set (spec TLS-Q9).
 *
 * **When the handler ends, the connection is closed forcefully, without close_notify**, and a peer that requires it sees a truncation. A
 * handler that ends the conversation closes the stream itself (spec TLS-Q8):
 *
 * ```
 * serveTlsOverTcp(7443, config) { stream -> stream.use { echo(it) } }
 * ```
 *
 * Without an `idleTimeout`, the default, a connection is kept while its handler runs. A silent peer, or one that has vanished without a
 * reset, keeps its place forever. A public server should set one.
 *
 * *Errors:* as [openTlsOverTcpListeners], then as [serveListeners].
 *
 * *Cancellation:* as [serveListeners].
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any
 * @param config the TLS configuration
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
public suspend fun serveTlsOverTcp(
    port: Int,
    config: TlsServerConfig,
    host: String? = null,
    backlog: Int? = null,
    handlerNursery: CoroutineScope? = null,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    maxConnections: Int = Int.MAX_VALUE,
    stop: StopSignal? = null,
    drain: Duration = Duration.ZERO,
    idleTimeout: Duration? = null,
    taskStatus: TaskStatus<in List<TlsListener<SocketStream>>> = TaskStatus.ignored(),
    handler: suspend (TlsStream<SocketStream>) -> Unit,
): ServeReport = serve(serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout), taskStatus, handler) {
    openTlsOverTcpListeners(port, config, host, backlog)
}

/**
 * Listens on a TCP port and serves TLS clients, each with the configuration chosen by its ClientHello (spec TLS-N2). Otherwise it is the
 * other [serveTlsOverTcp].
 *
 * The choice is made in the handshake, and so in the handler's task. A client without a configuration is a failure of its handler.
 *
 * ```
 * serveTlsOverTcp(7443, { hello -> configs[hello.serverName] }) { stream -> stream.use { echo(it) } }
 * ```
 *
 * Without an `idleTimeout`, the default, a connection is kept while its handler runs. A silent peer, or one that has vanished without a
 * reset, keeps its place forever. A public server should set one.
 *
 * *Errors:* as [openTlsOverTcpListeners], then as [serveListeners].
 *
 * *Cancellation:* as [serveListeners].
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any
 * @param chooser called in the handshake of each connection
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
public suspend fun serveTlsOverTcp(
    port: Int,
    chooser: suspend (ClientHello) -> TlsServerConfig?,
    host: String? = null,
    backlog: Int? = null,
    handlerNursery: CoroutineScope? = null,
    onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
    maxConnections: Int = Int.MAX_VALUE,
    stop: StopSignal? = null,
    drain: Duration = Duration.ZERO,
    idleTimeout: Duration? = null,
    taskStatus: TaskStatus<in List<TlsListener<SocketStream>>> = TaskStatus.ignored(),
    handler: suspend (TlsStream<SocketStream>) -> Unit,
): ServeReport = serve(serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout), taskStatus, handler) {
    openTlsOverTcpListeners(port, chooser, host, backlog)
}

/** The socket at the bottom of a connection that nobody has used yet; null when there is none. */
internal fun socketOf(connection: AsyncResource): SocketStream? {
    var below = connection
    while (below is TlsStream<*>) below = below.transportStream
    return below as? SocketStream
}

private val NOTHING = ByteArray(0)
