package dev.tercet.coroutines

/**
 * Makes two streams that the kernel connects: a Unix socket pair, or a loopback TCP connection on systems without Unix sockets (spec
 * IO-K15). Waits for nothing but the kernel.
 *
 * *Errors:* an `IOException` when the system cannot, for lack of descriptors for example.
 *
 * *Cancellation:* not affected by it.
 *
 * *Thread-safety:* any coroutine.
 *
 * @return both ends; the caller closes them
 */
public suspend fun socketStreamPair(): Pair<SocketStream, SocketStream> {
    val (left, right) = StreamSocket.openPair()
    return SocketStream(left) to SocketStream(right)
}
