package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.internal.dtls.EndpointCore
import dev.tercet.internal.dtls.EndpointLeak
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsEndpointStatistics
import dev.tercet.tls.DtlsLimits
import dev.tercet.tls.DtlsServerConfig
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.net.InetSocketAddress
import kotlin.time.Duration

/**
 * DTLS over one UDP socket: any number of associations, dialled and accepted, at the same time and on the same port.
 *
 * ```
 * DtlsEndpoint(UdpSocket.bind()).use { endpoint ->
 *     val channel = endpoint.connect(address, "server.example")
 *     failAfter(5.seconds) { channel.doHandshake() }
 *     channel.send("ping".encodeToByteArray())
 *     val pong = failAfter(1.seconds) { channel.receive() }
 * }
 * ```
 *
 * There is at most one association with an address. Connecting to the same address again replaces it. A client that comes back from the same
 * address replaces its old association after the new handshake completes. A channel that was replaced is Broken.
 *
 * An endpoint that is bound to all addresses of a machine with several may answer from another address than the client used. The client then
 * does not receive the answer (see [UdpSocket]): make an endpoint for each address.
 *
 * A server answers a client's first ClientHello with a stateless cookie; only a client that receives at its address gets more (RFC 6347,
 * section 4.2.1). A fragmented ClientHello gets no answer, since reassembly would cost memory before the cookie. Handshakes go on by
 * themselves once they have begun, and what gets lost is sent again, whether or not a coroutine waits for it.
 *
 * DTLS needs Bouncy Castle, an optional dependency: `org.bouncycastle:bctls-jdk18on`.
 *
 * The endpoint owns its socket: nobody else sends or receives on it. An endpoint that was never closed is closed when it is garbage-collected,
 * with a warning in the log.
 *
 * *Thread-safety:* any coroutine.
 *
 * *Errors:* of the constructor, which sends and receives nothing: [BusyResourceException] when somebody sends or receives on the socket,
 * another endpoint for instance; [IllegalArgumentException] for less than one packet; [IllegalStateException], which names what to add, when
 * Bouncy Castle is not among the dependencies.
 *
 * @property socket owned by the endpoint from now on; one that is to serve is bound
 */
public class DtlsEndpoint private constructor(public val socket: UdpSocket, private val core: EndpointCore) : AsyncResource {
    /**
     * Makes an endpoint of a socket.
     *
     * @param socket owned by the endpoint from now on
     * @param incomingPacketsBuffer how many received messages a channel buffers; null for the value of [limits], 10 by default
     * @param limits how many messages, handshakes and associations it holds
     */
    public constructor(
        socket: UdpSocket,
        incomingPacketsBuffer: Int? = null,
        limits: DtlsLimits = DtlsLimits.DEFAULT,
    ) : this(
        socket,
        EndpointCore.of(
            socket.inner,
            if (incomingPacketsBuffer ==
                null
            ) {
                limits
            } else {
                limits.withIncomingPacketsBuffer(incomingPacketsBuffer)
            },
        ),
    )

    init {
        EndpointLeak.watch(this, core)
    }

    /** How many received messages wait in a channel until somebody receives them. */
    public val incomingPacketsBuffer: Int get() = limits.incomingPacketsBuffer()

    /** How many messages, handshakes and associations it holds. */
    public val limits: DtlsLimits get() = core.limits()

    /**
     * Makes a channel to a server. Sends nothing and does not suspend. The handshake begins with [DtlsChannel.doHandshake], or with the first
     * send or receive, so that the MTU can be set before.
     *
     * An existing channel with that address, dialled or accepted, is replaced at once and Broken.
     *
     * *Errors:* [ClosedResourceException]. [IllegalArgumentException] for an address that is not resolved, has port 0, or cannot be reached
     * from the socket. The same for a malformed name, and for no name when [config] verifies it.
     *
     * @param peer the address of the server, resolved
     * @param serverHostname the name that the server's certificate must have, or an IP address; null only for configurations that do not check
     *   it
     * @param config how to speak
     * @return the channel; the caller closes it, or the endpoint's close does
     */
    public fun connect(peer: InetSocketAddress, serverHostname: String?, config: DtlsConfig = DtlsConfig.DEFAULT): DtlsChannel =
        DtlsChannel(this, core.connect(peer, serverHostname, config))

    /**
     * Serves the peers that dial this endpoint, until it is stopped, cancelled, or the endpoint is closed and the last handler has ended.
     *
     * The handler gets a channel whose peer has returned its cookie, before the handshake. The channel's first operation does the handshake,
     * so a peer that fails it concerns its own handler only. It ends that channel and not the server, unless [onHandlerError] is set
     * (spec IO-SV4). When a handler ends, the channel is closed forcefully, without close_notify.
     *
     * Clients are answered only while somebody serves. When it ends, channels that were accepted and have no handler yet are dropped; the
     * endpoint stays open.
     *
     * *Errors:* [ClosedResourceException] when the endpoint is closed already; [BusyResourceException] when another coroutine serves it;
     * [IllegalStateException] when the socket is not bound; what a handler throws, depending on [onHandlerError]; [IllegalArgumentException] for
     * numbers out of range; [IllegalStateException] when [handlerNursery] is closed.
     *
     * *Cancellation:* cancels the handlers, unless they run in a nursery of the caller's, and waits for them.
     *
     * *Thread-safety:* one coroutine at a time.
     *
     * @param config how to speak
     * @param handlerNursery where the handlers run; null for here, so that the failure of one ends the server
     * @param onHandlerError what to do when a handler throws: by default stop the server, unless the peer or the network broke the channel;
     *   [OnHandlerError.LOG] logs everything and goes on, [OnHandlerError.PROPAGATE] always stops
     * @param maxConnections how many handlers at a time; when there are so many, new peers wait, and are dropped after a minute
     * @param stop ends the server gracefully: no new peers, and the handlers get [drain] before they are cancelled
     * @param drain how long the handlers get; zero for not at all
     * @param idleTimeout a handler is cancelled when nothing authentic has come from its peer for so long, or up to a quarter longer; null for
     *   never. What is sent to the peer does not count
     * @param taskStatus gets this endpoint when it is being served
     * @param handler runs once per association
     * @return the counts, when stopped or closed
     */
    public suspend fun serve(
        config: DtlsServerConfig,
        handlerNursery: CoroutineScope? = null,
        onHandlerError: OnHandlerError = OnHandlerError.PROPAGATE_OWN,
        maxConnections: Int = Int.MAX_VALUE,
        stop: StopSignal? = null,
        drain: Duration = Duration.ZERO,
        idleTimeout: Duration? = null,
        taskStatus: TaskStatus<in DtlsEndpoint> = TaskStatus.ignored(),
        handler: suspend (DtlsChannel) -> Unit,
    ): ServeReport {
        val terms = serveTerms(handlerNursery, onHandlerError, maxConnections, stop, drain, idleTimeout)
        core.serving().enter()
        try {
            currentCoroutineContext().ensureActive()
            core.startServing(config)
            try {
                val server = Server(listOf(AcceptedChannels(this, core)), terms, handler, { it.peerAddress }, { it.heard })
                return server.serve { taskStatus.started(this) }
            } finally {
                core.stopServing()
            }
        } finally {
            core.serving().exit()
        }
    }

    /** What has happened so far, and what there is now: a snapshot. */
    public fun statistics(): DtlsEndpointStatistics = core.statistics()

    /**
     * Closes the endpoint, all its channels and its socket, and waits until the port is free, one turn of the event loop. Waiting callers get
     * [ClosedResourceException]; [serve] returns when its handlers have ended. Nothing is sent: peers notice nothing.
     *
     * *Errors:* none.
     *
     * *Cancellation:* everything is closed, then the cancellation is thrown.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        core.close()
        socket.close()
    }

    override fun closeForcefully(): Unit = core.close()

    override fun toString(): String = "DtlsEndpoint($core)"
}
