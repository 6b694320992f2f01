package dev.tercet.coroutines

import dev.tercet.coroutines.internal.lookup
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.net.NonBlockingListener
import dev.tercet.internal.nio.Addresses
import dev.tercet.internal.nio.ConnectErrors
import dev.tercet.internal.nio.ListenPlan
import dev.tercet.internal.nio.UnixConnect
import dev.tercet.internal.nio.UnixSocketFile
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.io.IOException
import java.net.ProtocolFamily
import java.net.SocketAddress
import java.net.UnixDomainSocketAddress
import java.net.UnknownHostException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Path

/**
 * Listens on a TCP port. When this returns, the kernel already accepts connections.
 *
 * Without a [host] there is one listener for all addresses of this machine, IPv6 and IPv4; IPv4 peers appear with IPv4 addresses. With one
 * there is a listener per address. The result is always a list (spec IO-TL3).
 *
 * *Errors:* `java.net.SocketException` when the port is in use, or the address is not of this machine; [UnknownHostException] for a host
 * without addresses; [IllegalArgumentException] for a port outside 0..65535, an empty host or a backlog below 1. If one address fails, none
 * is left open.
 *
 * *Cancellation:* nothing is left open.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param port 0 to 65535; 0 for any, which then differs from listener to listener
 * @param host a name or an IP literal; null for all addresses
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @return at least one listener; the caller closes them
 */
public suspend fun openTcpListeners(port: Int, host: String? = null, backlog: Int? = null): List<SocketListener> {
    Addresses.requireLocalPort(port)
    host?.let(Addresses::requireHost)
    val atMost = NonBlockingListener.requireBacklog(backlog ?: NonBlockingListener.DEFAULT_BACKLOG)
    currentCoroutineContext().ensureActive()
    val network = currentNetwork()
    val addresses = host?.let { lookup(network, it) }
    return ListenPlan.open(
        addresses,
        port,
        { family, local ->
            listen(network, family, local, atMost)
        },
        SocketListener::closeForcefully,
    )
}

private fun listen(network: NetworkProvider, family: ProtocolFamily, local: SocketAddress, backlog: Int): SocketListener {
    val listener = network.openListener(family)
    try {
        listener.bind(local, backlog)
        return SocketListener(ListenerSocket(listener))
    } catch (failure: Throwable) {
        listener.close()
        throw failure
    }
}

/**
 * Listens on a Unix socket. An existing socket file at the path is replaced atomically, even if a server still uses it. A client always
 * finds the old one or the new one. On close the file is removed if it still belongs to this listener (spec IO-U5).
 *
 * *Errors:* [FileAlreadyExistsException] when the path is a file that is no socket, a `java.nio.file.FileSystemException` when it is a
 * directory or cannot be written; [IllegalArgumentException] for a path that is empty or too long for a socket, and for a backlog below 1;
 * [UnsupportedOperationException] where the system has no Unix sockets.
 *
 * *Cancellation:* nothing is left open.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param path of the socket file
 * @param backlog how many connections the kernel may queue; null for the kernel's limit
 * @return the listener; the caller closes it
 */
public suspend fun openUnixListener(path: Path, backlog: Int? = null): SocketListener {
    UnixSocketFile.requireValid(path)
    val atMost = NonBlockingListener.requireBacklog(backlog ?: NonBlockingListener.DEFAULT_BACKLOG)
    currentCoroutineContext().ensureActive()
    val address = UnixDomainSocketAddress.of(path)
    try {
        return listen(currentNetwork(), UnixConnect.FAMILY, address, atMost)
    } catch (e: IOException) {
        throw ConnectErrors.cannot("listen on", address, e)
    }
}
