package dev.tercet.coroutines.socket

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.AsyncResource
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.loop.currentNetwork
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.nio.LoopNetwork
import dev.tercet.internal.nio.NioSocket
import dev.tercet.internal.nio.SocketPairs
import dev.tercet.internal.nio.UnixSocketFile
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketOption
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/**
 * A stream socket, low level: one system call per operation, errors as the system gives them, and resolved addresses only. Most programs want
 * a [SocketStream], which is made of one.
 *
 * Modern defaults are on: `TCP_NODELAY`. A closed socket says [ClosedResourceException] (spec IO-K4). Sockets are one-shot: a failed or
 * cancelled connect closes them (spec IO-K5).
 *
 * *Thread-safety:* one coroutine may send while another receives; a second one in the same direction gets [BusyResourceException]. Closing:
 * any thread.
 */
public class StreamSocket internal constructor(internal val nio: NioSocket) : AsyncResource {
    private val sendBudget = Budget()
    private val receiveBudget = Budget()

    /**
     * Binds to a local address before connecting. Does not suspend.
     *
     * *Errors:* an `IOException` when it is taken or not ours; [IllegalArgumentException] when it is not resolved.
     */
    public fun bind(address: SocketAddress): Unit = nio.bind(address)

    /**
     * Connects.
     *
     * *Errors:* `java.net.ConnectException` when refused, with the address in its message; `java.nio.file.NoSuchFileException` for a Unix path
     * where nothing is; [IllegalArgumentException] for an unresolved address. The socket is then closed.
     *
     * *Cancellation:* closes the socket.
     *
     * *Thread-safety:* excludes sending.
     */
    public suspend fun connect(address: SocketAddress) {
        Addresses.requireResolved(address)
        if (address is UnixDomainSocketAddress) UnixSocketFile.requireValid(address.path)
        nio.sending.enter()
        // Connecting twice is the caller's bug, and does the first connection no harm.
        var connected = nio.isConnected
        try {
            sendBudget.spend()
            connected = nio.startConnect(address)
            while (!connected) {
                nio.readiness().writable().await()
                connected = nio.finishConnect(address)
            }
        } finally {
            nio.sending.exit()
            if (!connected) nio.close()
        }
    }

    /**
     * Sends some bytes with one system call, suspending until there is room for at least one.
     *
     * *Errors:* what the system says; [ClosedResourceException]; [BusyResourceException]; [IllegalStateException] when not connected.
     *
     * *Cancellation:* no effect: nothing was sent.
     *
     * *Thread-safety:* one sender at a time.
     *
     * @param data what to send, gathered in this order; positions are advanced by what was sent
     * @return how many bytes; 0 only for no data
     */
    public suspend fun send(vararg data: ByteBuffer): Int {
        nio.sending.enter()
        try {
            sendBudget.spend()
            nio.ensureOpen()
            if (data.none { it.hasRemaining() }) return 0
            while (true) {
                val n = nio.write(data)
                if (n > 0) return n.toInt()
                nio.readiness().writable().await()
                sendBudget.waited()
            }
        } finally {
            nio.sending.exit()
        }
    }

    /**
     * Receives some bytes with one system call, suspending until there is at least one.
     *
     * *Errors:* as [send]; [IllegalArgumentException] when there is no room.
     *
     * *Cancellation:* no effect: no byte is lost.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param into where the bytes go, scattered in this order; at least one byte of room
     * @return how many bytes, or -1 at the end
     */
    public suspend fun receive(vararg into: ByteBuffer): Int {
        require(into.any { it.hasRemaining() }) { "there is no room to receive into" }
        nio.receiving.enter()
        try {
            receiveBudget.spend()
            while (true) {
                val n = nio.read(into)
                if (n != 0L) return n.toInt()
                nio.readiness().readable().await()
                receiveBudget.waited()
            }
        } finally {
            nio.receiving.exit()
        }
    }

    /**
     * Waits until [send] would find room.
     *
     * *Errors:* as [send].
     *
     * *Cancellation:* no effect.
     *
     * *Thread-safety:* excludes sending.
     */
    public suspend fun waitWritable() {
        nio.sending.enter()
        try {
            sendBudget.spend()
            nio.ensureOpen()
            nio.readiness().writable().await()
            nio.ensureOpen()
        } finally {
            nio.sending.exit()
        }
    }

    /**
     * Shuts down one direction or both. Does not suspend.
     *
     * *Errors:* [ClosedResourceException]; [IllegalStateException] when not connected.
     */
    public fun shutdown(how: How): Unit = nio.shutdown(how != How.WRITE, how != How.READ)

    /** Whether the sending direction was shut down successfully (spec IO-K3). */
    public val didShutdownWrite: Boolean get() = nio.isWriteShutDown

    /** The address of this side, also after the close; null when neither bound nor connected. */
    public val localAddress: SocketAddress? get() = nio.localAddress()

    /** The address of the peer, also after the close; null when never connected. */
    public val remoteAddress: SocketAddress? get() = nio.remoteAddress()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = nio.getOption(option)

    /**
     * Sets a socket option.
     *
     * *Errors:* what the system says; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = nio.setOption(option, value)

    override suspend fun close(): Unit = nio.readiness().closeAndAwait(nio::close)

    override fun closeForcefully(): Unit = nio.close()

    override fun toString(): String = "StreamSocket($nio)"

    /** Where stream sockets come from. */
    public companion object {
        /**
         * Opens a socket that is neither bound nor connected, on the network of this coroutine. Does not wait; suspending only because it looks
         * at the coroutine's context.
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
        public suspend fun open(family: ProtocolFamily): StreamSocket =
            StreamSocket(NioSocket.open(LoopNetwork.from(currentNetwork()).group(), family))

        /**
         * Takes over a channel, which becomes non-blocking and belongs to the socket from now on (spec IO-SS1). Does not wait.
         *
         * *Errors:* an `IOException` when the channel cannot be configured; [IllegalArgumentException] when it is closed or registered with a
         * selector.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param channel open, connected or not, registered with no selector
         */
        public suspend fun fromChannel(channel: SocketChannel): StreamSocket =
            StreamSocket(NioSocket.of(channel, LoopNetwork.from(currentNetwork()).group().currentOrNext()))

        /**
         * Makes two sockets that are connected with each other: a Unix socket pair, or a TCP connection on the loopback interface where there
         * are no Unix sockets (spec IO-K15). Does not wait for anybody but the kernel.
         *
         * *Errors:* an `IOException` when the system cannot.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         */
        public suspend fun openPair(): Pair<StreamSocket, StreamSocket> {
            val pair = SocketPairs.open(LoopNetwork.from(currentNetwork()).group())
            return StreamSocket(pair.left()) to StreamSocket(pair.right())
        }
    }
}
