package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.internal.tls.TlsClose
import dev.tercet.internal.tls.TlsDoHandshake
import dev.tercet.internal.tls.TlsOperation
import dev.tercet.internal.tls.TlsSendEof
import dev.tercet.internal.tls.TlsSession
import dev.tercet.internal.tls.TlsUnwrap
import dev.tercet.internal.tls.TlsWritable
import dev.tercet.tls.ClientHello
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsInfo
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsServerConfig
import java.nio.ByteBuffer

/**
 * TLS over any stream: sent bytes are encrypted, received bytes are authentic, and EOF is authenticated: nobody on the path can forge it.
 *
 * Making one sends and receives nothing. [doHandshake] performs the handshake, or the first operation that needs it.
 *
 * [close] sends close_notify and does not wait for an answer. A peer that gets no close_notify, for example after a forceful close, gets
 * [BrokenResourceException] with a [dev.tercet.tls.TlsTruncatedException] as its cause. So does this side when the peer sends none.
 *
 * On the thread of an event loop the handshake's computations run on `Dispatchers.Default`, so they do not block the loop; elsewhere they
 * run in place. All streams and all racing handshakes together use all of its threads except one, so a flood of handshakes leaves one for
 * other tasks.
 *
 * **How it works.** The protocol is in [TlsSession] and the machine below it. Each call is an operation of the core that reports its needs;
 * the driver meets them.
 *
 * The suspending twin of [dev.tercet.blocking.TlsStream].
 *
 * *Thread-safety:* one task may send while another receives, as on every stream; any number may call [doHandshake].
 *
 * @param T the type of the stream below
 */
public class TlsStream<out T : Stream> internal constructor(
    private val transport: T,
    private val session: TlsSession,
    chooser: (suspend (ClientHello) -> TlsServerConfig?)? = null,
) : Stream,
    WaitsForReadiness {
    private val sendBudget = Budget()
    private val receiveBudget = Budget()
    private val driver = Driver(transport) {
        val hello = session.hello()
        session.chosen(hello, chooser?.invoke(hello))
    }

    init {
        session.over(
            when (transport) {
                is SocketStream -> transport.remoteAddress
                is TlsStream<*> -> transport.session.peer()
                else -> null
            },
        )
    }

    /**
     * The stream below: the object that was wrapped.
     *
     * @throws IllegalStateException after [unwrap], which returns it to the caller
     */
    public val transportStream: T
        get() {
            check(!session.lifecycle.isUnwrapped) { "unwrap has returned the transport" }
            return transport
        }

    /** The side of this stream. */
    public val role: TlsRole get() = session.role()

    /**
     * The name of the server. On a client, the name that the certificate must match, as given; null when it does not verify the name.
     *
     * On a server that chooses by the ClientHello, the name that the client has sent (SNI), in lower case, so that one handler can serve
     * several names (spec TLS-N2). Null before the choice, when the client has sent no name, and when there is no choice.
     */
    public val serverHostname: String? get() = session.serverHostname()

    /** Whether close_notify may be missing; false until the configuration is chosen. */
    public val httpsCompatible: Boolean get() = session.httpsCompatible()

    /**
     * The properties of the session, as of the end of the handshake.
     *
     * @throws NeedHandshakeException before the handshake is complete
     */
    public val info: TlsInfo get() = session.info("the information about the session")

    /**
     * A value that both ends compute alike, to bind an inner authentication to this connection (RFC 5929, spec TLS-J6). It is the hash of
     * the server's certificate, and so the same in all sessions with that certificate.
     *
     * *Errors:* [NeedHandshakeException] before the handshake is complete; [UnsupportedOperationException] for other types, and for a
     * certificate whose signature has no hash.
     *
     * @param type `tls-server-end-point`
     */
    public fun channelBinding(type: String): ByteArray = session.channelBinding(type)

    /**
     * Performs the handshake, or waits for the task that performs it (spec TLS-B4). Does nothing when it is complete.
     *
     * In TLS 1.3 a client's handshake completes before the server has verified the client's certificate. If the server rejects it, a later
     * operation fails (spec TLS-B15).
     *
     * *Errors:* [BrokenResourceException] when the peer's certificate is untrusted or has another name, and when the peer does not use TLS
     * or has rejected this side. The stream is broken then. An exception of the transport, unchanged. [ClosedResourceException] when this
     * side was closed.
     *
     * *Cancellation:* during the handshake, it breaks the stream. Before the start, and while another task performs the handshake, it has
     * no effect.
     *
     * *Thread-safety:* any number of tasks.
     */
    public suspend fun doHandshake() {
        run(TlsDoHandshake(session), Budget())
    }

    override suspend fun sendAll(data: ByteBuffer) {
        val send = session.send()
        send.begin(data)
        run(send, sendBudget)
    }

    override suspend fun waitSendAllMightNotBlock() {
        val writable = TlsWritable(session)
        writable.begin()
        run(writable, sendBudget)
    }

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        val start = into.position()
        val receive = session.receive()
        receive.begin(into)
        run(receive, receiveBudget)
        return if (into.position() == start) -1 else into.position() - start
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        val receive = session.receive()
        receive.begin(maxBytes)
        try {
            receiveBudget.spend()
            driver.run(receive)
            return receive.bytes()
        } finally {
            receive.end()
        }
    }

    /**
     * Sends close_notify, and continues to receive: the half-close of TLS 1.3 (spec TLS-S1). The peer must support it too; many peers close
     * at once.
     *
     * *Errors:* [UnsupportedOperationException] when the session has an older version than TLS 1.3; nothing has been sent then. The same
     * when the engine does not support it; then the stream is usable only for closing. Else as [sendAll].
     *
     * *Cancellation:* while sending, it breaks the stream.
     *
     * *Thread-safety:* excludes sending; a second call has no effect.
     */
    public suspend fun sendEof() {
        val sendEof = TlsSendEof(session)
        sendEof.begin()
        run(sendEof, sendBudget)
    }

    /**
     * Leaves TLS: sends close_notify, waits for the peer's, and returns the transport (spec TLS-I1). All data of the peer must have been
     * received before.
     *
     * *Errors:* [BrokenResourceException] when the transport ends before the peer's close_notify, or when the peer sends data before it. It
     * is also thrown when the engine cannot receive it after its own; else as [sendAll].
     *
     * *Cancellation:* after the first bytes of close_notify, it breaks the stream.
     *
     * *Thread-safety:* excludes sending and receiving.
     *
     * @return the transport, and the bytes received from it beyond TLS; this stream is closed
     */
    public suspend fun unwrap(): Unwrapped<T> {
        val unwrap = TlsUnwrap(session)
        unwrap.begin()
        run(unwrap, sendBudget)
        return Unwrapped(transport, unwrap.trailing())
    }

    /**
     * Sends close_notify and closes the transport, without waiting for the peer's close_notify (spec TLS-H1). It only closes the transport
     * before the end of the handshake, on a broken stream, with `httpsCompatible`, and while another task is sending. A client that wants
     * to end cleanly without data calls [doHandshake] first.
     *
     * *Errors:* the exception of closing the transport, which is closed nevertheless.
     *
     * *Cancellation:* closes forcefully instead, then the cancellation is thrown.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        if (!session.lifecycle.close()) {
            Budget().spend()
            return
        }
        try {
            Budget().spend()
            driver.run(TlsClose(session))
        } catch (e: Throwable) {
            abandon()
            throw e
        }
        session.release()
        transport.close()
    }

    override fun closeForcefully() {
        if (!session.lifecycle.isUnwrapped) abandon()
    }

    private fun abandon() {
        session.release()
        transport.closeForcefully()
    }

    override fun toString(): String = "TlsStream($session, $transport)"

    private suspend fun run(operation: TlsOperation, budget: Budget) {
        try {
            budget.spend()
            driver.run(operation)
        } finally {
            operation.end()
        }
    }

    /** Factories of TLS streams. */
    public companion object {
        /**
         * Wraps a stream as a client.
         *
         * *Errors:* [IllegalArgumentException] when the name is missing, or is no name.
         *
         * @param transport the stream below, owned by the result
         * @param serverHostname the host name of the server: a DNS name, also an international one, or an IP address. A name is sent as SNI. The
         * server's certificate must match it. Null only if the configuration does not check it
         * @param config the TLS configuration
         * @param initialBytes bytes received from the transport before; copied
         * @return a stream that has sent nothing yet
         */
        public fun <T : Stream> wrapClient(
            transport: T,
            serverHostname: String?,
            config: TlsConfig = TlsConfig.DEFAULT,
            initialBytes: ByteArray = ByteArray(0),
        ): TlsStream<T> = TlsStream(transport, TlsSession.client(serverHostname, config, initialBytes))

        /**
         * Wraps a stream as a server.
         *
         * @param transport the stream below, owned by the result
         * @param config the TLS configuration
         * @param initialBytes bytes received from the transport before; copied
         * @return a stream that has sent nothing yet
         */
        public fun <T : Stream> wrapServer(transport: T, config: TlsServerConfig, initialBytes: ByteArray = ByteArray(0)): TlsStream<T> =
            TlsStream(transport, TlsSession.server(config, initialBytes))

        /**
         * Wraps a stream as a server that chooses its configuration by the ClientHello (spec TLS-N2). An example is another certificate for
         * each name, which may have to be fetched.
         *
         * The ClientHello must arrive within 10 seconds and 64 KiB (spec TLS-R4). The choice may suspend: its time does not count against
         * the client, and only that connection waits. After it the limit of the configuration applies. Until the choice the stream is
         * strict: [httpsCompatible] is false.
         *
         * If [chooser] returns null, the client gets the alert `unrecognized_name`, and the stream is broken. If it throws, the operation
         * that needed the handshake throws the same exception. The client gets the alert `internal_error`, and the stream is broken.
         *
         * @param transport the stream below, owned by the result
         * @param initialBytes bytes received from the transport before; copied
         * @param chooser called once, in the handshake. Sessions are resumed within one configuration only, so return the same one for the
         * same name, until its certificate is renewed
         * @return a stream that has received nothing yet
         */
        public fun <T : Stream> wrapChoosing(
            transport: T,
            initialBytes: ByteArray = ByteArray(0),
            chooser: suspend (ClientHello) -> TlsServerConfig?,
        ): TlsStream<T> = TlsStream(transport, TlsSession.choosing(initialBytes), chooser)
    }
}
