package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.Datagram
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.internal.lookup
import dev.tercet.internal.names.AddressQuestion
import dev.tercet.internal.net.NonBlockingDatagram
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.nio.Datagrams
import dev.tercet.internal.nio.NioDatagram
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.PortUnreachableException
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.SocketException
import java.net.SocketOption
import java.net.UnknownHostException
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel

/**
 * A UDP socket: datagrams, each sent and received whole, or lost. Resolved addresses only, except in [UdpSocket.bind] with a host.
 *
 * ```
 * UdpSocket.bind("localhost", 7).use { socket ->
 *     val datagram = ByteBuffer.allocate(65_535)
 *     while (true) {
 *         val peer = socket.receiveFrom(datagram.clear())
 *         socket.sendTo(datagram.flip(), peer)
 *     }
 * }
 * ```
 *
 * An error concerns one call; the socket stays usable. A closed port of the peer is such an error, on a connected socket:
 * [PortUnreachableException], from the call after the one that sent (spec IO-K12).
 *
 * A socket that is bound to all addresses answers from the address that the system chooses. On a machine with several addresses it may
 * differ from the one that the client used; a connected client then receives nothing. NIO cannot choose it for each datagram. Bind one
 * socket to each address there.
 *
 * *Thread-safety:* one coroutine may send while another receives; a second one in the same direction gets [BusyResourceException]. Closing:
 * any thread.
 */
public class UdpSocket internal constructor(internal val inner: NonBlockingDatagram) : AsyncResource {
    private val sendBudget = Budget()
    private val receiveBudget = Budget()

    /**
     * Binds to a local address. If a socket sends without one, the system binds it, to any port. Does not suspend.
     *
     * *Errors:* [BindException] when it is in use, or not of this machine, and the socket is unchanged; [IllegalArgumentException] when it
     * is not resolved, or not of the family of the socket; [IllegalStateException] when it is bound already.
     *
     * @param address resolved; port 0 for any
     */
    public fun bind(address: SocketAddress): Unit = inner.bind(Datagrams.requireLocal(inner, address))

    /**
     * Looks up an address to [bind] to. The socket itself resolves nothing, and is not changed.
     *
     * The address has the socket's family: IPv4 for an IPv4 socket. An IPv6 socket is dual-stack: it gets IPv6 if there is one, else IPv4
     * (spec IO-K6). The resolver is that of the caller's network.
     *
     * *Errors:* `java.net.UnknownHostException` when the name has no such address; [IllegalArgumentException] for what is neither a name nor a
     * literal, for an IPv6 literal with an IPv4 socket, and for the port.
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
     * Looks up an address to [connect] or [sendTo]; otherwise as [resolveLocalAddress].
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
     * Sets the peer, permanently. Sends nothing and does not suspend. From now on [send] sends to it, only its datagrams are received, and
     * a closed port of the peer is reported. Datagrams that have arrived before are discarded.
     *
     * *Errors:* the system's error when there is no route to it, and the socket is unchanged; [IllegalArgumentException] when it is not
     * resolved, has port 0, or is not of the family of the socket; [IllegalStateException] when it is connected already.
     *
     * *Thread-safety:* excludes sending and receiving.
     *
     * @param address resolved
     */
    public fun connect(address: SocketAddress) {
        val peer = Datagrams.requireRemote(inner, address)
        inner.sending().enter()
        try {
            inner.receiving().enter()
            try {
                Datagrams.requireUnconnected(inner)
                inner.connect(peer)
            } finally {
                inner.receiving().exit()
            }
        } finally {
            inner.sending().exit()
        }
    }

    /**
     * Sends one datagram to the peer, suspending while the system has no room for it.
     *
     * *Errors:* the system's error, with the address: a datagram of more than 65,507 bytes over IPv4 is a [SocketException];
     * [PortUnreachableException] concerns an earlier datagram, and this one was not sent; [ClosedResourceException];
     * [BusyResourceException]; [IllegalStateException] when not connected; [UnsupportedOperationException] for no data, which NIO cannot
     * send to the peer of a connected socket. The socket stays usable after each of them except Closed.
     *
     * *Cancellation:* no effect: nothing was sent.
     *
     * *Thread-safety:* one sender at a time.
     *
     * @param data the datagram, from position to limit; the position moves to the limit when it was sent, and stays when it was not
     */
    public suspend fun send(data: ByteBuffer): Unit = sendDatagram(data, null)

    /**
     * Sends one datagram, suspending while the system has no room for it. It may be empty.
     *
     * *Errors:* the system's error, with the address: a datagram of more than 65,507 bytes over IPv4 is a [SocketException], a broadcast
     * without SO_BROADCAST a [BindException]; [ClosedResourceException]; [BusyResourceException]; [IllegalArgumentException] for an address
     * that is not resolved, has port 0, or is not of the family of the socket; [IllegalStateException] when connected to another. The
     * socket stays usable after each of them except Closed.
     *
     * *Cancellation:* no effect: nothing was sent.
     *
     * *Thread-safety:* one sender at a time.
     *
     * @param data the datagram, from position to limit; the position moves to the limit when it was sent, and stays when it was not
     * @param to the destination, resolved
     */
    public suspend fun sendTo(data: ByteBuffer, to: SocketAddress): Unit = sendDatagram(data, Datagrams.requireRemote(inner, to))

    private suspend fun sendDatagram(data: ByteBuffer, to: InetSocketAddress?) {
        inner.sending().enter()
        try {
            sendBudget.spend()
            Datagrams.requireSendable(inner, data, to)
            if (!data.hasRemaining()) {
                inner.writable().await()
                sendBudget.waited()
            }
            while (!inner.send(data, to)) {
                inner.writable().await()
                sendBudget.waited()
            }
        } finally {
            inner.sending().exit()
        }
    }

    /**
     * Receives one datagram, suspending until there is one. Bytes that do not fit into the buffer are lost, and [wasTruncated] is true;
     * 65,535 bytes are always enough.
     *
     * *Errors:* the system's error; [PortUnreachableException] on a connected socket when the peer's port is closed;
     * [ClosedResourceException]; [BusyResourceException]; [IllegalStateException] when not bound; [IllegalArgumentException] when the
     * buffer has no room or is read-only. The socket stays usable after each of them except Closed.
     *
     * *Cancellation:* no effect: no datagram is lost.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param into the buffer for the bytes; its position moves by as many as were received, none for an empty datagram
     * @return the address of the sender
     */
    public suspend fun receiveFrom(into: ByteBuffer): InetSocketAddress {
        Datagrams.requireRoom(into)
        inner.receiving().enter()
        try {
            receiveBudget.spend()
            Datagrams.requireBound(inner)
            while (true) {
                val from = inner.receive(into)
                if (from != null) return from
                inner.readable().await()
                receiveBudget.waited()
            }
        } finally {
            inner.receiving().exit()
        }
    }

    /**
     * Receives one datagram, whole, into a fresh array; otherwise as the other [receiveFrom]. Holds no buffer while it waits.
     *
     * *Errors:* as there.
     *
     * *Cancellation:* no effect: no datagram is lost.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @return the payload and the address of the sender
     */
    public suspend fun receiveFrom(): Datagram {
        inner.receiving().enter()
        try {
            receiveBudget.spend()
            Datagrams.requireBound(inner)
            while (true) {
                val datagram = Datagrams.receive(inner)
                if (datagram != null) return datagram
                inner.readable().await()
                receiveBudget.waited()
            }
        } finally {
            inner.receiving().exit()
        }
    }

    /**
     * Receives one datagram whose sender is known, as on a connected socket; otherwise as [receiveFrom].
     *
     * @param into the buffer for the bytes
     * @return how many bytes; 0 for an empty datagram
     */
    public suspend fun receive(into: ByteBuffer): Int {
        val before = into.position()
        receiveFrom(into)
        return into.position() - before
    }

    /**
     * Whether the last datagram received was longer than the buffer, so that its rest is lost; for the receiving coroutine (spec IO-K12).
     */
    public val wasTruncated: Boolean get() = inner.wasTruncated()

    /**
     * Whether [receiveFrom] would find something without waiting: a datagram or an error. Does not affect waiting coroutines, does not
     * suspend. It opens a selector for each call, which takes about 10 µs: do not call it in a loop (spec IO-K13).
     *
     * *Errors:* [ClosedResourceException]; an `IOException` when the system has no free descriptors.
     */
    public fun isReadable(): Boolean = inner.isReadable

    /**
     * Joins a multicast group: datagrams to the group and the port of this socket are received. Sending to a group needs no membership, but
     * often the options `IP_MULTICAST_IF` and `IP_MULTICAST_TTL`. A second join has no effect.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [IllegalArgumentException] when it is no multicast address, or not of the
     * family of the socket.
     *
     * @param on the interface that receives the group's datagrams
     */
    public fun joinGroup(group: InetAddress, on: NetworkInterface) {
        Datagrams.requireGroup(inner, group)
        inner.joinGroup(group, on)
    }

    /**
     * Leaves a multicast group. The close leaves all.
     *
     * *Errors:* [ClosedResourceException]; [IllegalStateException] when it is no member.
     */
    public fun leaveGroup(group: InetAddress, on: NetworkInterface): Unit = inner.leaveGroup(group, on)

    /** The address of this side, also after the close; null when it is not bound, by `bind`, by [connect], or by sending. */
    public val localAddress: InetSocketAddress? get() = inner.localAddress()

    /** The address of the peer, also after the close; null when not connected. */
    public val remoteAddress: InetSocketAddress? get() = inner.remoteAddress()

    /**
     * Reads a socket option.
     *
     * *Errors:* [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> getOption(option: SocketOption<T>): T? = inner.getOption(option)

    /**
     * Sets a socket option, `SO_BROADCAST` for example, which is off.
     *
     * *Errors:* the system's error; [ClosedResourceException]; [UnsupportedOperationException] when this kind of socket does not have it.
     */
    public fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = inner.setOption(option, value)

    override suspend fun close(): Unit = inner.closeAndAwait()

    override fun closeForcefully(): Unit = inner.close()

    override fun toString(): String = "UdpSocket($inner)"

    /** Factories of UDP sockets. */
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
         * @param family INET, or INET6, which reaches IPv4 too
         * @return the socket; the caller closes it
         */
        public suspend fun open(family: ProtocolFamily): UdpSocket = UdpSocket(currentNetwork().openDatagram(family))

        /**
         * Opens a socket that is bound to a host of this machine, on the network of this coroutine.
         *
         * *Errors:* [BindException] when the address is in use, or not of this machine; [UnknownHostException] for a host without
         * addresses; [IllegalArgumentException] for a port outside 0..65535 or an empty host, before any I/O.
         *
         * *Cancellation:* nothing is left open.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param host a name or an IP literal, whose first address is used; null for all addresses of this machine, IPv6 and IPv4
         * @param port 0 to 65535; 0 for any
         * @return the socket; the caller closes it
         */
        public suspend fun bind(host: String? = null, port: Int = 0): UdpSocket {
            Addresses.requireLocalPort(port)
            currentCoroutineContext().ensureActive()
            val network = currentNetwork()
            return UdpSocket(Datagrams.openBound(network, host?.let { lookup(network, it) }, port))
        }

        /**
         * Takes over a channel, which becomes non-blocking and belongs to the socket from now on (spec IO-K1). Does not wait.
         *
         * *Errors:* an `IOException` when the channel cannot be configured; [IllegalArgumentException] when it is closed or registered with a
         * selector.
         *
         * *Cancellation:* not affected by it.
         *
         * *Thread-safety:* any coroutine.
         *
         * @param channel open, bound and connected or not, registered with no selector
         * @return the socket; the caller closes it
         */
        public suspend fun fromChannel(channel: DatagramChannel): UdpSocket = UdpSocket(NioDatagram.of(channel, currentLoopGroup()))
    }
}
