package dev.tercet.coroutines.tls

import dev.tercet.TlsServerConfig
import dev.tercet.coroutines.stream.Listener
import dev.tercet.coroutines.stream.Stream

/**
 * A listener whose connections speak TLS.
 *
 * The suspending twin of [dev.tercet.tls.TlsListener].
 *
 * @param T the type of the streams below
 * @property transportListener the listener below, owned by this one
 * @param config asked for each connection, so that a renewed certificate counts from then on; must not wait. Connections that there are keep
 * what they have (spec TLS-N8)
 */
public class TlsListener<out T : Stream>(public val transportListener: Listener<T>, private val config: () -> TlsServerConfig) :
    Listener<TlsStream<T>> {
    /**
     * With a configuration that does not change.
     *
     * @param transportListener the listener below, owned by this one
     * @param config how to speak
     */
    public constructor(transportListener: Listener<T>, config: TlsServerConfig) : this(transportListener, { config })

    /**
     * Waits for the next connection. The caller owns it. Nothing of TLS happens here: the handshake is for the one who uses the connection, so
     * that a client that says nothing holds up nobody else (spec TLS-P1).
     *
     * *Errors:* those of the listener below.
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     */
    override suspend fun accept(): TlsStream<T> {
        val stream = transportListener.accept()
        try {
            return TlsStream.wrapServer(stream, config())
        } catch (e: Throwable) {
            stream.closeForcefully()
            throw e
        }
    }

    override suspend fun close(): Unit = transportListener.close()

    override fun closeForcefully(): Unit = transportListener.closeForcefully()

    override fun toString(): String = "TlsListener($transportListener)"
}
