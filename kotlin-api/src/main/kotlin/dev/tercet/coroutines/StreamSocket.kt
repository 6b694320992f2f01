package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.names.AddressQuestion
import dev.tercet.internal.net.NonBlockingSocket
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.nio.NioSocket
import dev.tercet.internal.nio.SocketPairs
import dev.tercet.internal.nio.UnixSocketFile
import java.net.InetSocketAddress
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketOption
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel

/**
 * A stream socket, low level: one system call per operation, the system's errors, and resolved addresses only. Most programs want a
 * [SocketStream], which wraps one.
 *
 * Modern defaults are on: `TCP_NODELAY`. A closed socket throws [ClosedResourceException] (spec IO-K4). Sockets are one-shot: a failed or
 * cancelled connect closes them (spec IO-K5).
 *
 * *Thread-safety:* one coroutine may send while another receives; a second one in the same direction gets [BusyResourceException]. Closing:
 * any thread.
 */
public class StreamSocket internal constructor(internal val inner: NonBlockingSocket) : AsyncResource {
    internal val sendBudget = Budget()
    internal val receiveBudget = Budget()

    /**
     * Binds to a local address before connecting. Does not suspend.
     *
     * *Errors:* an `IOException` when it is in use, or not of this machine; [IllegalArgumentException] when it is not resolved.
     *
     * @param address resolved; port 0 for any
     */
    public fun bind(address: SocketAddress): Unit = inner.bind(address)

    /**
     * Looks up an address to [bind] to. The socket itself resolves nothing, and is not changed.
     *
     * The address has the socket's family: IPv4 for an IPv4 socket. An IPv6 socket is dual-stack: it gets IPv6 if there is one, else IPv4
     * (spec IO-K6). The resolver is that of the caller's network.
     *
     * *Errors:* `java.net.UnknownHostException` when the name has no such address; [IllegalArgumentException] for what is neither a name nor a
     * literal, for an IPv6 literal with an IPv4 socket, and for the port; [UnsupportedOperationException] for a Unix socket.
     *
     * *Cancellation:* immediate; the answer is ignored.
     *
     * *Thread-safety:* any coroutine.
     *
     * @param host a name, an IP literal, or `<broadcast>` for 255.255.255.255; null or empty for all addresses of this machine
     * @param port 0 to 65535; 0 for any
     * @return the resolved address
     */
    public suspend fun resolveLocalAddress(host: String?, port: Int): InetSocketAddress =
        resolve(AddressQuestion.local(inner.family(), host, port))

    /**
     * Looks up an address to [connect] to; otherwise as [resolveLocalAddress].
     *
     * *Errors:* as [resolveLocalAddress].
     *
     * *Cancellation:* immediate; the answer is ignored.
     *
     * *Thread-safety:* any coroutine.
     *
     * @param host a name, an IP literal, or `<broadcast>` for 255.255.255.255; null or empty for this machine
     * @param port 0 to 65535
     * @return the resolved address
     */
    public suspend fun resolveRemoteAddress(host: String?, port: Int): InetSocketAddress =
        resolve(AddressQuestion.remote(inner.family(), host, port))

    /**
     * Connects.
     *
     * *Errors:* `java.net.ConnectException` when refused, with the address in its message; `java.nio.file.NoSuchFileException` for a Unix path
     * where nothing is; [IllegalArgumentException] for an unresolved address. The socket is then closed.
     *
     * *Cancellation:* closes the socket.
     *
     * *Thread-safety:* excludes sending.
     *
     * @param address resolved, of the family of the socket
     */
    public suspend fun connect(address: SocketAddress) {
        Addresses.requireResolved(address)
        if (address is UnixDomainSocketAddress) UnixSocketFile.requireValid(address.path)
        inner.sending().enter()
        // Connecting twice is the caller's bug, and does the first connection no harm.
        var connected = inner.isConnected
        try {
            sendBudget.spend()
            connected = inner.startConnect(address)
            while (!connected) {
                inner.writable().await()
                connected = inner.finishConnect(address)
            }
        } finally {
            inner.sending().exit()
            if (!connected) inner.close()
        }
    }

    /**
     * Sends some bytes with one system call, suspending until there is room for at least one.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [BusyResourceException]; [IllegalStateException] when not connected.
     *
     * *Cancellation:* no effect: nothing was sent.
     *
     * *Thread-safety:* one sender at a time.
     *
     * @param data what to send, gathered in this order; positions are advanced by what was sent
     * @return how many bytes; 0 only for no data
     */
    public suspend fun send(vararg data: ByteBuffer): Int {
        inner.sending().enter()
        try {
            sendBudget.spend()
            inner.ensureOpen()
            if (data.none { it.hasRemaining() }) return 0
            while (true) {
                val n = inner.write(data)
                if (n > 0) return n.toInt()
                inner.writable().await()
                sendBudget.waited()
            }
        } finally {
            inner.sending().exit()
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
     * @param into the buffers for the bytes, scattered in this order; at least one byte of room
     * @return how many bytes, or -1 at EOF
     */
    public suspend fun receive(vararg into: ByteBuffer): Int {
        require(into.any { it.hasRemaining() }) { "there is no room to receive into" }
        inner.receiving().enter()
        try {
            receiveBudget.spend()
            while (true) {
                val n = inner.read(into)
                if (n != 0L) return n.toInt()
                inner.readable().await()
                receiveBudget.waited()
            }
        } finally {
            inner.receiving().exit()
        }
    }

    /**
     * Whether [receive] would find something without waiting: bytes, EOF, or an error. Does not affect waiting coroutines, does not
     * suspend. It opens a selector for each call, which takes about 10 µs: do not call it in a loop (spec IO-K13).
     *
     * *Errors:* [ClosedResourceException]; an `IOException` when the system has no free descriptors.
     */
    public fun isReadable(): Boolean = inner.isReadable

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
        inner.sending().enter()
        try {
            sendBudget.spend()
            inner.ensureOpen()
            inner.writable().await()
            inner.ensureOpen()
        } finally {
            inner.sending().exit()
        }
    }

    /**
     * Shuts down one direction or both. Does not suspend.
     *
     * *Errors:* [ClosedResourceException]; [IllegalStateException] when not connected.
     */
    public fun shutdown(how: How): Unit = inner.shutdown(how != How.WRITE, how != How.READ)

    /** Whether the sending direction was shut down successfully (spec IO-K3). */
    public val didShutdownWrite: Boolean get() = inner.isWriteShutDown

    /** The address of this side, also after the close; null when neither bound nor connected. */
    public val localAddress: SocketAddress? get() = inner.localAddress()

    /** The address of the peer, also after the close; null when never connected. */
    public val remoteAddress: SocketAddress? get() = inner.remoteAddress()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = inner.getOption(option)

    /**
     * Sets a socket option.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = inner.setOption(option, value)

    override suspend fun close(): Unit = inner.closeAndAwait()

    override fun closeForcefully(): Unit = inner.close()

    override fun toString(): String = "StreamSocket($inner)"

    /** Factories of stream sockets. */
    public companion object {
        /**
         * Opens a socket that is neither bound nor connected, on the network of this coroutine. Does not wait; suspending only because it
         * reads the coroutine's context.
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
        public suspend fun open(family: ProtocolFamily): StreamSocket = StreamSocket(currentNetwork().openStream(family))

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
         * @return the socket; the caller closes it
         */
        public suspend fun fromChannel(channel: SocketChannel): StreamSocket = StreamSocket(NioSocket.of(channel, currentLoopGroup()))

        /**
         * Makes two connected sockets: a Unix socket pair, or a loopback TCP connection on systems without Unix sockets (spec IO-K15).
         * Waits for nothing but the kernel.
         *
         * *Errors:* an `IOException` when the system cannot.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @return both; the caller closes them
         */
        public suspend fun openPair(): Pair<StreamSocket, StreamSocket> {
            val pair = SocketPairs.open(currentLoopGroup())
            return StreamSocket(pair.left()) to StreamSocket(pair.right())
        }
    }
}
