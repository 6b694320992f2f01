package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.net.NonBlockingListener
import dev.tercet.internal.nio.AcceptErrors
import dev.tercet.internal.nio.AcceptPause
import dev.tercet.internal.nio.NioListener
import java.io.IOException
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketOption
import java.nio.channels.ServerSocketChannel

/**
 * A listening socket, low level: resolved addresses only. Most programs want a [SocketListener], which wraps one.
 *
 * Modern defaults are on: `SO_REUSEADDR`, except on Windows. Connections are spread over the loops of the listener's event loop.
 *
 * *Thread-safety:* one acceptor at a time; closing: any thread.
 */
public class ListenerSocket internal constructor(internal val inner: NonBlockingListener) : AsyncResource {
    private val budget = Budget()

    /**
     * Binds and listens. A Unix path atomically replaces an existing socket file. The close removes it if it still belongs to this listener
     * (spec IO-U5). Does not suspend.
     *
     * *Errors:* an `IOException` when the address is in use, or not of this machine; [IllegalArgumentException] when it is not resolved, or
     * the backlog is below 1.
     *
     * @param address resolved; port 0 for any
     * @param backlog how many connections the kernel may queue, 1 or more; it applies its own limit
     */
    public fun bind(address: SocketAddress, backlog: Int) {
        inner.bind(address, backlog)
    }

    /**
     * Waits for the next connection. The caller owns it.
     *
     * *Errors:* the system's error, and the socket stays usable (spec IO-SL3); [ClosedResourceException]; [BusyResourceException];
     * [IllegalStateException] when not bound.
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     *
     * @return the connection
     */
    public suspend fun accept(): StreamSocket {
        inner.accepting().enter()
        try {
            budget.spend()
            val errors = AcceptErrors()
            while (true) {
                val connection =
                    try {
                        inner.accept()
                    } catch (e: IOException) {
                        Driver().run(AcceptPause(this, e, errors.pauseNanosAfter(e)))
                        continue
                    }
                if (connection != null) return StreamSocket(connection)
                errors.succeeded()
                inner.readable().await()
                budget.waited()
            }
        } finally {
            inner.accepting().exit()
        }
    }

    /** The address it listens on, also after the close; null when not bound. */
    public val localAddress: SocketAddress? get() = inner.localAddress()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = inner.getOption(option)

    /**
     * Sets a socket option, before binding for most.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = inner.setOption(option, value)

    override suspend fun close(): Unit = inner.closeAndAwait()

    override fun closeForcefully(): Unit = inner.close()

    override fun toString(): String = "ListenerSocket($inner)"

    /** Factories of listening sockets. */
    public companion object {
        /**
         * Opens a socket that is not bound, on the network of this coroutine. Does not wait; suspending only because it reads the
         * coroutine's context.
         *
         * *Errors:* an `IOException` when the system cannot, for lack of descriptors for example; [UnsupportedOperationException] when it
         * does not have the family.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param family INET, INET6 or UNIX
         * @return the socket; the caller closes it
         */
        public suspend fun open(family: ProtocolFamily): ListenerSocket = ListenerSocket(currentNetwork().openListener(family))

        /**
         * Takes over a channel, which becomes non-blocking and belongs to the listener from now on: `System.inheritedChannel()` for
         * instance, for a program that is started by the first connection (spec IO-K1). No option is changed. Does not wait.
         *
         * *Errors:* an `IOException` when the channel cannot be configured; [IllegalArgumentException] when it is closed or registered with a
         * selector.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param channel open, bound or not, registered with no selector
         * @return the listener; the caller closes it
         */
        public suspend fun fromChannel(channel: ServerSocketChannel): ListenerSocket =
            ListenerSocket(NioListener.of(channel, currentLoopGroup()))
    }
}
