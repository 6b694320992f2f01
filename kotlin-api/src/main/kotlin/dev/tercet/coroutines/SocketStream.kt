package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.net.FileSending
import dev.tercet.internal.net.StreamCore
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.SocketOption
import java.nio.ByteBuffer

/**
 * A connected socket, TCP or Unix, as a byte stream.
 *
 * It works from any dispatcher, and best on the event loop that its channel belongs to: there no thread switch is needed.
 *
 * [close] does not linger. The kernel still sends the bytes it has. If received bytes are left unread, it may reset the connection and
 * discard what is in flight (spec IO-SS7). To be sure that the peer has everything: [sendEof], then receive until EOF, then [close].
 *
 * *Thread-safety:* one coroutine may send while another receives; a second one in the same direction gets [dev.tercet.BusyResourceException].
 * Closing: any thread.
 *
 * @property socket the socket below, which this stream owns
 * @throws IllegalArgumentException when the socket is not connected
 */
public class SocketStream(public val socket: StreamSocket) :
    HalfCloseableStream,
    WaitsForReadiness {
    private val core = StreamCore(socket.inner)

    override suspend fun sendAll(data: ByteBuffer) {
        core.socket().sending().enter()
        try {
            do {
                socket.sendBudget.spend()
                if (core.send(data) == 0 && data.hasRemaining()) {
                    core.socket().writable().await()
                    socket.sendBudget.waited()
                }
            } while (data.hasRemaining())
        } finally {
            core.socket().sending().exit()
        }
    }

    /** [sendFile] by the system, without a copy. */
    internal suspend fun transfer(sending: FileSending) {
        core.socket().sending().enter()
        try {
            while (true) {
                socket.sendBudget.spend()
                when (blockingIo { sending.transferSome(core) }) {
                    FileSending.Next.DONE -> return

                    FileSending.Next.WAIT -> {
                        core.socket().writable().await()
                        socket.sendBudget.waited()
                    }

                    FileSending.Next.MORE -> continue
                }
            }
        } finally {
            core.socket().sending().exit()
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        core.socket().sending().enter()
        try {
            socket.sendBudget.spend()
            if (core.canWaitToSend()) {
                core.socket().writable().await()
                socket.sendBudget.waited()
                core.ensureCanSend()
            }
        } finally {
            core.socket().sending().exit()
        }
    }

    override suspend fun sendEof() {
        core.socket().sending().enter()
        try {
            socket.sendBudget.spend()
            core.sendEof()
        } finally {
            core.socket().sending().exit()
        }
    }

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        core.socket().receiving().enter()
        try {
            socket.receiveBudget.spend()
            while (true) {
                val n = core.receive(into)
                if (n != 0) return n
                core.socket().readable().await()
                socket.receiveBudget.waited()
            }
        } finally {
            core.socket().receiving().exit()
        }
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        core.socket().receiving().enter()
        try {
            socket.receiveBudget.spend()
            while (true) {
                val bytes = core.receive(maxBytes)
                if (bytes != null) return bytes
                core.socket().readable().await()
                socket.receiveBudget.waited()
            }
        } finally {
            core.socket().receiving().exit()
        }
    }

    /** The address of this side, also after the close. */
    public val localAddress: SocketAddress get() = checkNotNull(socket.localAddress)

    /** The address of the peer, also after the close. */
    public val remoteAddress: SocketAddress get() = checkNotNull(socket.remoteAddress)

    /** The address of the peer of a TCP connection, also after the close; [IllegalStateException] for a Unix socket. */
    public val peerAddress: InetSocketAddress
        get() = remoteAddress as? InetSocketAddress ?: throw IllegalStateException("a Unix socket has no address of a host: $this")

    /** How many bytes this stream has received; any thread may read it. */
    public val bytesReceived: Long get() = core.bytesReceived()

    /** How many bytes this stream has handed to the system for sending; any thread may read it. */
    public val bytesSent: Long get() = core.bytesSent()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = socket.getOption(option)

    /**
     * Sets a socket option.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = socket.setOption(option, value)

    override suspend fun close(): Unit = socket.close()

    override fun closeForcefully(): Unit = socket.closeForcefully()

    override fun toString(): String = "SocketStream($core)"
}
