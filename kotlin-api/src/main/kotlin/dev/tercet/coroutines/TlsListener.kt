package dev.tercet.coroutines

import dev.tercet.tls.ClientHello
import dev.tercet.tls.TlsServerConfig
import kotlinx.coroutines.CancellationException

/**
 * A listener whose connections use TLS.
 *
 * The suspending twin of [dev.tercet.blocking.TlsListener].
 *
 * @param T the type of the streams below
 * @property transportListener the listener below, owned by this one
 */
public class TlsListener<out T : Stream> private constructor(public val transportListener: Listener<T>, private val wrapper: Wrapper) :
    Listener<TlsStream<T>> {
    /**
     * With a configuration that may change, when a certificate is renewed for example.
     *
     * @param transportListener the listener below, owned by this one
     * @param config called for each connection; must not wait. Existing connections keep theirs (spec TLS-N8). The handshake of that
     * connection throws its exception; [accept] does not
     */
    public constructor(transportListener: Listener<T>, config: () -> TlsServerConfig) : this(transportListener, Fixed(config))

    /**
     * With a configuration that does not change.
     *
     * @param transportListener the listener below, owned by this one
     * @param config the TLS configuration
     */
    public constructor(transportListener: Listener<T>, config: TlsServerConfig) : this(transportListener, { config })

    /**
     * Waits for the next connection. The caller owns it. It does no TLS. The first operation on the connection performs the handshake, so a
     * silent client delays no other connection (spec TLS-P1).
     *
     * *Errors:* those of the listener below.
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     *
     * @return the connection, before its handshake
     */
    override suspend fun accept(): TlsStream<T> {
        val stream = transportListener.accept()
        try {
            return wrapper.wrap(stream)
        } catch (e: Throwable) {
            stream.closeForcefully()
            throw e
        }
    }

    /** The port of the TCP listener at the bottom, 1 to 65535; [IllegalStateException] when there is none. */
    public val port: Int
        get() = when (val below = transportListener) {
            is SocketListener -> below.port
            is TlsListener<*> -> below.port
            else -> throw IllegalStateException("only a TCP listener has a port: $this")
        }

    override suspend fun close(): Unit = transportListener.close()

    override fun closeForcefully(): Unit = transportListener.closeForcefully()

    override fun toString(): String = "TlsListener($transportListener)"

    /** Factories of listeners. */
    public companion object {
        /**
         * Wraps a listener whose configuration is chosen for each connection by the ClientHello: by the [name of the
         * server][ClientHello.serverName] that it requests (spec TLS-N2). The choice and its wait are part of the handshake: it delays no
         * other connection. See [TlsStream.wrapChoosing].
         *
         * @param transportListener the listener below, owned by the result
         * @param chooser called in the handshake of each connection
         */
        public fun <T : Stream> wrapChoosing(
            transportListener: Listener<T>,
            chooser: suspend (ClientHello) -> TlsServerConfig?,
        ): TlsListener<T> = TlsListener(transportListener, Choosing(chooser))
    }
}

private sealed interface Wrapper {
    fun <T : Stream> wrap(stream: T): TlsStream<T>
}

private class Fixed(private val config: () -> TlsServerConfig) : Wrapper {
    /**
     * A failure concerns this connection only: a file that is half written just now, for instance. So the user of the connection gets it, and
     * the client gets an alert.
     */
    override fun <T : Stream> wrap(stream: T): TlsStream<T> = try {
        TlsStream.wrapServer(stream, config())
    } catch (e: Throwable) {
        TlsStream.wrapChoosing(stream) { throw asFailure(e) }
    }

    /** Nobody was cancelled here, whatever the exception says. */
    private fun asFailure(e: Throwable): Throwable =
        if (e is CancellationException) IllegalStateException("no configuration for this connection", e) else e
}

private class Choosing(private val chooser: suspend (ClientHello) -> TlsServerConfig?) : Wrapper {
    override fun <T : Stream> wrap(stream: T) = TlsStream.wrapChoosing(stream, chooser = chooser)
}
