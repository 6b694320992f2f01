package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.internal.tls.TlsOperation
import dev.tercet.internal.tls.TlsSession
import dev.tercet.tls.ClientHello
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsInfo
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsServerConfig
import java.nio.ByteBuffer

/**
 * TLS over any stream: what is sent is encrypted, what is received is authentic, and EOF is authenticated: nobody on the path can forge it.
 *
 * Making one sends and receives nothing. The handshake is done by [doHandshake], or by the first operation that needs it. One task may
 * send while another receives, as on every stream, and any number may ask for the handshake.
 *
 * [close] sends close_notify and does not wait for an answer. A peer that gets no close_notify, for instance after a forceful close, gets
 * [BrokenResourceException] with a [dev.tercet.tls.TlsTruncatedException] as its cause; and so does this side.
 *
 * On the thread of an event loop the handshake's computations run on `Dispatchers.Default`, so that they hold up nobody; anywhere else they
 * run in place. All streams and all racing handshakes together take all of its threads but one, so that a flood of handshakes leaves
 * something for the rest.
 *
 * **How it works.** The protocol is in [TlsSession] and the machine below it. Each call is an operation of the core that says what it needs
 * before it can go on; the driver meets that.
 *
 * The suspending twin of [dev.tercet.blocking.TlsStream].
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

    /**
     * The stream below: the very object that was wrapped.
     *
     * @throws IllegalStateException after [unwrap], which has given it away
     */
    public val transportStream: T
        get() {
            check(!session.lifecycle.isUnwrapped) { "unwrap has returned the transport" }
            return transport
        }

    /** Which side this is. */
    public val role: TlsRole get() = session.role()

    /** The name that the server has to have, as it was given; null for a server, and for a client that does not check. */
    public val serverHostname: String? get() = session.serverHostname()

    /** Whether close_notify may be missing; false while the configuration is not chosen yet. */
    public val httpsCompatible: Boolean get() = session.httpsCompatible()

    /**
     * The facts of the session, as they were when the handshake ended.
     *
     * @throws NeedHandshakeException before the handshake has ended well
     */
    public val info: TlsInfo get() = session.info("the information about the session")

    /**
     * A value that is the same at both ends of this session and of no other, to bind an authentication inside to it (RFC 5929).
     *
     * *Errors:* [NeedHandshakeException] before the handshake has ended well; [UnsupportedOperationException] for other types.
     *
     * @param type `tls-server-end-point`
     */
    public fun channelBinding(type: String): ByteArray = session.channelBinding(type)

    /**
     * Does the handshake, or waits for the task that is doing it. Does nothing when it is done.
     *
     * In TLS 1.3 a client's handshake ends before the server has looked at the client's certificate. If the server refuses it, a later operation
     * fails (spec TLS-B15).
     *
     * *Errors:* [BrokenResourceException] when the peer's certificate is not trusted or has another name, when the peer does not speak TLS, or
     * when it has refused this side. The stream is broken then. What the transport throws, as it is. [ClosedResourceException] when this side
     * was closed.
     *
     * *Cancellation:* in the middle, the stream is broken. Before it has begun, and while another task does the handshake, no effect.
     *
     * *Thread-safety:* any number of tasks.
     */
    public suspend fun doHandshake() {
        run(session.doHandshake(), Budget())
    }

    override suspend fun sendAll(data: ByteBuffer) {
        val send = session.send()
        send.begin(data)
        run(send, sendBudget)
    }

    override suspend fun waitSendAllMightNotBlock() {
        val writable = session.writable()
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
     * Sends close_notify, and goes on receiving: the half-close of TLS 1.3. The peer must support it too; many peers close at once.
     *
     * *Errors:* [UnsupportedOperationException] when the session has an older version than TLS 1.3; nothing has been sent then. The same when
     * the engine cannot, and then the stream is fit only for closing. Else as [sendAll].
     *
     * *Cancellation:* while sending, the stream is broken.
     *
     * *Thread-safety:* excludes sending; a second time does nothing.
     */
    public suspend fun sendEof() {
        val sendEof = session.sendEof()
        sendEof.begin()
        run(sendEof, sendBudget)
    }

    /**
     * Leaves TLS: sends close_notify, waits for the peer's, and gives the transport back. All data of the peer must have been received before.
     *
     * *Errors:* [BrokenResourceException] when the transport ends before the peer's close_notify, when the peer sends data before it, or when
     * the engine cannot receive it after its own; else as [sendAll].
     *
     * *Cancellation:* after close_notify is on its way, the stream is broken.
     *
     * *Thread-safety:* excludes sending and receiving.
     *
     * @return the transport, and what was received from it already; this stream is closed
     */
    public suspend fun unwrap(): Unwrapped<T> {
        val unwrap = session.unwrap()
        unwrap.begin()
        run(unwrap, sendBudget)
        return Unwrapped(transport, unwrap.trailing())
    }

    /**
     * Sends close_notify and closes the transport, without waiting for the peer's close_notify. Before the handshake is done, on a broken
     * stream, with
     * `httpsCompatible`, and when another task is stuck in sending, the transport is closed only. A client that wants to end cleanly without
     * data calls [doHandshake] first.
     *
     * *Errors:* what closing the transport throws. It is closed all the same.
     *
     * *Cancellation:* closes forcefully instead, and is thrown after it.
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
            driver.run(session.close())
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

    /** How to make one. */
    public companion object {
        /**
         * Wraps a stream as a client.
         *
         * *Errors:* [IllegalArgumentException] when the name is missing, or is no name.
         *
         * @param transport the stream below, owned by the result
         * @param serverHostname the host name of the server: a DNS name, also an international one, or an IP address. A name is sent as SNI. The
         * server's certificate must match it. Null only if the configuration does not check it
         * @param config how to speak
         * @param initialBytes what was received from the transport already; copied
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
         * @param config how to speak
         * @param initialBytes what was received from the transport already; copied
         * @return a stream that has sent nothing yet
         */
        public fun <T : Stream> wrapServer(transport: T, config: TlsServerConfig, initialBytes: ByteArray = ByteArray(0)): TlsStream<T> =
            TlsStream(transport, TlsSession.server(config, initialBytes))

        /**
         * Wraps a stream as a server that chooses its configuration by the ClientHello (spec TLS-N2):
         * another certificate for each name, for instance, which may have to be fetched.
         *
         * The ClientHello must arrive within 10 seconds and 64 KiB (spec TLS-R4). Choosing may take its time: it does not count against the
         * client, and only that connection waits. Then the configuration counts, with its own limit. Until it is chosen the stream is strict:
         * [httpsCompatible] is false.
         *
         * If [chooser] gives null, the client gets the alert `unrecognized_name`, and the stream is broken. What it throws comes out of the
         * operation that needed the handshake, as it is; the client gets the alert `internal_error`, and the stream is broken.
         *
         * @param transport the stream below, owned by the result
         * @param initialBytes what was received from the transport already; copied
         * @param chooser called once, in the handshake. Sessions are resumed within one configuration only, so answer the same name with the
         * same one, until its certificate is renewed
         * @return a stream that has received nothing yet
         */
        public fun <T : Stream> wrapChoosing(
            transport: T,
            initialBytes: ByteArray = ByteArray(0),
            chooser: suspend (ClientHello) -> TlsServerConfig?,
        ): TlsStream<T> = TlsStream(transport, TlsSession.choosing(initialBytes), chooser)
    }
}
