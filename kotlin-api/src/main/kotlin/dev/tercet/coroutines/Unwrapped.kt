package dev.tercet.coroutines

/**
 * What is left when a stream has left TLS: `val (transport, trailing) = tls.unwrap()`.
 *
 * The suspending twin of [dev.tercet.blocking.Unwrapped].
 *
 * @param T the type of the transport
 * @property transportStream the stream below, still open and now the caller's
 * @property trailingBytes what came behind the peer's close_notify: received from the transport already, and so before what it gives next
 */
public class Unwrapped<out T : Stream>(public val transportStream: T, public val trailingBytes: ByteArray) {
    /** [transportStream], for destructuring. */
    public operator fun component1(): T = transportStream

    /** [trailingBytes], for destructuring. */
    public operator fun component2(): ByteArray = trailingBytes

    override fun toString(): String = "Unwrapped($transportStream, ${trailingBytes.size} trailing bytes)"
}
