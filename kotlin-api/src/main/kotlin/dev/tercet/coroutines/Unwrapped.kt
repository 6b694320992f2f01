package dev.tercet.coroutines

/**
 * The result of leaving TLS: `val (transport, trailing) = tls.unwrap()`.
 *
 * The suspending twin of [dev.tercet.blocking.Unwrapped].
 *
 * @param T the type of the transport
 * @property transportStream the stream below, still open and now owned by the caller
 * @property trailingBytes the bytes behind the peer's close_notify: received from the transport, and so before its next bytes
 */
public class Unwrapped<out T : Stream>(public val transportStream: T, public val trailingBytes: ByteArray) {
    /** [transportStream], for destructuring. */
    public operator fun component1(): T = transportStream

    /** [trailingBytes], for destructuring. */
    public operator fun component2(): ByteArray = trailingBytes

    override fun toString(): String = "Unwrapped($transportStream, ${trailingBytes.size} trailing bytes)"
}
