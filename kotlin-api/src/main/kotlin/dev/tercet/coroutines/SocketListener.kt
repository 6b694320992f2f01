package dev.tercet.coroutines

import java.net.InetSocketAddress
import java.net.SocketAddress

/**
 * A listening socket, TCP or Unix, that yields [SocketStream]s.
 *
 * @property socket the socket below, which this listener owns
 * @throws IllegalArgumentException when the socket is not bound
 */
public class SocketListener(public val socket: ListenerSocket) : Listener<SocketStream> {
    init {
        requireNotNull(socket.localAddress) { "the socket is not bound" }
    }

    override suspend fun accept(): SocketStream = SocketStream(socket.accept())

    /** The address it listens on, also after the close. */
    public val localAddress: SocketAddress get() = checkNotNull(socket.localAddress)

    /** The port it listens on, 1 to 65535; [IllegalStateException] for a Unix socket. */
    public val port: Int
        get() = (localAddress as? InetSocketAddress)?.port ?: throw IllegalStateException("a Unix socket has no port: $this")

    override suspend fun close(): Unit = socket.close()

    override fun closeForcefully(): Unit = socket.closeForcefully()

    override fun toString(): String = "SocketListener(${socket.inner})"
}
