package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import dev.tercet.internal.net.NonBlockingDatagram
import dev.tercet.internal.wait.Exclusive
import dev.tercet.internal.wait.Latch
import dev.tercet.internal.wait.WaitPlace
import dev.tercet.internal.wait.Waiter
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.SocketOption
import java.net.StandardProtocolFamily
import java.nio.ByteBuffer

/**
 * A datagram socket whose room to send the test decides on: the loopback interface always has some. Like the kernel's it answers an empty
 * datagram with success whether there is room or not, and drops it when there is none. For one thread.
 */
internal class FakeDatagram : NonBlockingDatagram {
    private val sending = Exclusive("another task is sending")
    private val receiving = Exclusive("another task is receiving")
    private val released = Latch()
    private val writable = Room()
    private val readable = Room()
    private var closed = false

    /** The length of each datagram that was sent. */
    val sent = mutableListOf<Int>()

    /** How often there was no room. */
    var refused = 0

    /** Makes room for one datagram. */
    fun makeRoom() = writable.add()

    override fun send(data: ByteBuffer, to: InetSocketAddress?): Boolean {
        ensureOpen()
        val hadRoom = writable.take()
        if (hadRoom) {
            sent += data.remaining()
            data.position(data.limit())
        } else {
            refused++
        }
        return hadRoom || !data.hasRemaining()
    }

    override fun receive(into: ByteBuffer): InetSocketAddress? {
        ensureOpen()
        return null
    }

    override fun close() {
        closed = true
        writable.add()
        readable.add()
        released.open()
    }

    /** Wakes at once while there is room. */
    private class Room : WaitPlace {
        private var room = 0
        private var waiter: Waiter? = null

        fun take(): Boolean = (room > 0).also { if (it) room-- }

        fun add() {
            room++
            waiter?.also { waiter = null }?.wake()
        }

        override fun install(newcomer: Waiter) = if (room == 0) waiter = newcomer else newcomer.wake()

        override fun uninstall(leaving: Waiter): Boolean = (waiter === leaving).also { if (it) waiter = null }
    }

    override fun family() = StandardProtocolFamily.INET

    override fun sending() = sending

    override fun receiving() = receiving

    override fun writable(): WaitPlace = writable

    override fun readable(): WaitPlace = readable

    override fun loop() = null

    override fun localAddress() = InetSocketAddress(InetAddress.getLoopbackAddress(), 1)

    override fun remoteAddress(): InetSocketAddress? = null

    override fun wasTruncated() = false

    override fun isClosed() = closed

    override fun ensureOpen() {
        if (closed) throw ClosedResourceException("this socket was closed")
    }

    override fun released() = released

    override fun isReadable() = false

    override fun bind(address: InetSocketAddress): Unit = throw UnsupportedOperationException()

    override fun connect(address: InetSocketAddress): Unit = throw UnsupportedOperationException()

    override fun joinGroup(group: InetAddress, on: NetworkInterface): Unit = throw UnsupportedOperationException()

    override fun leaveGroup(group: InetAddress, on: NetworkInterface): Unit = throw UnsupportedOperationException()

    override fun <T : Any> getOption(option: SocketOption<T>): T? = null

    override fun <T : Any> setOption(option: SocketOption<T>, value: T): Unit = throw UnsupportedOperationException()
}
