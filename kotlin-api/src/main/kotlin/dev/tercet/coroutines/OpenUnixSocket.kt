package dev.tercet.coroutines

import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.net.NonBlockingSocket
import dev.tercet.internal.nio.ConnectErrors
import dev.tercet.internal.nio.UnixConnect
import dev.tercet.internal.nio.UnixSocketFile
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import java.io.IOException
import java.net.ConnectException
import java.net.UnixDomainSocketAddress
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import kotlin.time.Duration.Companion.nanoseconds

/**
 * Connects to a Unix socket.
 *
 * While the listener's queue is full, which Linux reports instead of waiting, this retries for half a minute (spec IO-U3).
 *
 * *Errors:* [NoSuchFileException] when the path is missing; `java.nio.file.AccessDeniedException` without permission; [ConnectException]
 * when nothing listens, or it is no socket; [IllegalArgumentException] for a path that is empty or too long for a socket;
 * [UnsupportedOperationException] where the system has no Unix sockets.
 *
 * *Cancellation:* no connection is left.
 *
 * *Thread-safety:* any coroutine.
 *
 * @param path of the socket file
 * @return the connection; the caller closes it
 */
public suspend fun openUnixSocket(path: Path): SocketStream {
    val address = UnixDomainSocketAddress.of(UnixSocketFile.requireValid(path))
    val network = currentNetwork()
    val retries = UnixConnect()
    while (true) {
        val socket = StreamSocket(openUnix(network, address))
        try {
            return socket.closeIfThrows {
                socket.connect(address)
                SocketStream(socket)
            }
        } catch (e: IOException) {
            delay(retries.pauseNanosAfter(e).nanoseconds)
        }
    }
}

private fun openUnix(network: NetworkProvider, target: UnixDomainSocketAddress): NonBlockingSocket = try {
    network.openStream(UnixConnect.FAMILY)
} catch (e: IOException) {
    throw ConnectErrors.withAddress(e, target)
}

/**
 * Runs [body], and if it throws, closes this resource and waits for the close, whatever else happens: until then a connect that was given up
 * would still be sending.
 */
private suspend inline fun <T> AsyncResource.closeIfThrows(body: () -> T): T = try {
    body()
} catch (failure: Throwable) {
    withContext(NonCancellable) { close() }
    throw failure
}
