package dev.tercet.coroutines.socket

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.AsyncResource
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.loop.currentNetwork
import dev.tercet.internal.nio.LoopNetwork
import dev.tercet.internal.nio.NioListener
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketOption
import java.net.UnixDomainSocketAddress

/**
 * A listening socket, low level: resolved addresses only. Most programs want a [SocketListener], which is made of one.
 *
 * Modern defaults are on: `SO_REUSEADDR`, except on Windows. Connections are spread over the loops of the listener's event loop.
 *
 * *Thread-safety:* one acceptor at a time; closing: any thread.
 */
public class ListenerSocket internal constructor(internal val nio: NioListener) : AsyncResource {
    private val budget = Budget()

    /**
     * Binds and listens. A Unix path is bound atomically over a socket file that may be there, and removed at the close if it is still ours
     * (spec IO-U5). Does not suspend.
     *
     * *Errors:* an `IOException` when the address is taken or not ours; [IllegalArgumentException] when it is not resolved, or the backlog is
     * below 1.
     *
     * @param address resolved; port 0 for any
     * @param backlog how many connections the kernel may hold for us, 1 or more; it clips to its own limit
     */
    public fun bind(address: SocketAddress, backlog: Int) {
        if (address is UnixDomainSocketAddress) {
            nio.bindFile(address.path, backlog)
        } else {
            nio.bind(address, backlog)
        }
    }

    /**
     * Waits for the next connection. The caller owns it.
     *
     * *Errors:* what the system says, and the socket is still good (spec IO-SL3); [ClosedResourceException]; [BusyResourceException];
     * [IllegalStateException] when not bound.
     *
     * *Cancellation:* no effect: a connection that has arrived stays in the queue.
     *
     * *Thread-safety:* one acceptor at a time.
     */
    public suspend fun accept(): StreamSocket {
        nio.accepting.enter()
        try {
            budget.spend()
            while (true) {
                val connection = nio.accept()
                if (connection != null) return StreamSocket(connection)
                nio.readiness().readable().await()
                budget.waited()
            }
        } finally {
            nio.accepting.exit()
        }
    }

    /** Where it listens, also after the close; null when not bound. */
    public val localAddress: SocketAddress? get() = nio.localAddress()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = nio.getOption(option)

    /**
     * Sets a socket option, before binding for most.
     *
     * *Errors:* what the system says; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = nio.setOption(option, value)

    override suspend fun close(): Unit = nio.readiness().closeAndAwait(nio::close)

    override fun closeForcefully(): Unit = nio.close()

    override fun toString(): String = "ListenerSocket($nio)"

    /** Where listening sockets come from. */
    public companion object {
        /**
         * Opens a socket that is not bound, on the network of this coroutine. Does not wait; suspending only because it looks at the coroutine's
         * context.
         *
         * *Errors:* an `IOException` when the system cannot, for want of descriptors for instance; [UnsupportedOperationException] when it does
         * not have the family.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param family INET, INET6 or UNIX
         */
        public suspend fun open(family: ProtocolFamily): ListenerSocket =
            ListenerSocket(NioListener.open(LoopNetwork.from(currentNetwork()).group(), family))
    }
}
