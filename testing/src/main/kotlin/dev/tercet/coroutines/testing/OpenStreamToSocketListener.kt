package dev.tercet.coroutines.testing

import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openUnixSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.UnixDomainSocketAddress

/**
 * Connects to a listener of this machine (KIT-O1, spec IO-X4). It uses the address of a TCP listener, or the loopback address of the family for
 * a wildcard address, or the path of a Unix listener.
 *
 * *Errors:* as [openTcpStream] or [openUnixSocket].
 *
 * *Cancellation:* no connection is left.
 *
 * *Thread-safety:* any coroutine.
 *
 * @return the connection; the caller closes it
 */
public suspend fun openStreamToSocketListener(listener: SocketListener): SocketStream = when (val address = listener.localAddress) {
    is UnixDomainSocketAddress -> openUnixSocket(address.path)
    is InetSocketAddress -> openTcpStream(reachable(address.address).hostAddress, address.port)
    else -> throw IllegalArgumentException("not a TCP or Unix listener: $listener")
}

/** The loopback address for the one that means all addresses: 127.0.0.1 or ::1. */
private fun reachable(address: InetAddress): InetAddress {
    if (!address.isAnyLocalAddress) return address
    val loopback = ByteArray(address.address.size)
    if (loopback.size == 4) loopback[0] = 127
    loopback[loopback.size - 1] = 1
    return InetAddress.getByAddress(loopback)
}
