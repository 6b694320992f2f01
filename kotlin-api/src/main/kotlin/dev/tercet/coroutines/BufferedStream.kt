package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import java.nio.ByteBuffer

/**
 * A two-way stream that can also receive lines and an exact number of bytes: a [BufferedReceiveStream] and its stream as one stream (spec
 * IO-B6).
 *
 * ```
 * BufferedStream(openTcpStream("mail.example", 25)).use { mail ->
 *     println(mail.receiveLine())
 *     mail.sendLine("EHLO client.example")
 * }
 * ```
 *
 * It receives ahead. A TLS stream that wraps this one starts with the bytes received ahead, so nothing is lost when a protocol changes to
 * TLS. **Before that, a client must check that nothing is [buffered]:** bytes received before the handshake are not authentic. They must
 * not become a part of the encrypted conversation.
 *
 * Nothing is lost when an operation that receives ends early: see [BufferedReceiveStream].
 *
 * *Thread-safety:* one coroutine may send while another receives; a second one of a kind gets [BusyResourceException].
 *
 * The suspending twin of [dev.tercet.blocking.BufferedStream].
 *
 * @param T the type of the stream below
 * @property transportStream the stream below, owned by this one. Bytes that were received ahead are not in it any more
 */
public class BufferedStream<out T : Stream>(public val transportStream: T) :
    Stream,
    WaitsForReadiness {
    internal val receiving = BufferedReceiveStream(transportStream)

    /**
     * How many bytes have been received ahead: as [BufferedReceiveStream.buffered].
     *
     * *Errors:* [BusyResourceException] while another coroutine is receiving.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* excludes receiving.
     */
    public val buffered: Int get() = receiving.buffered

    /**
     * Receives an exact number of bytes: as [BufferedReceiveStream.receiveExactly].
     *
     * *Errors:* as there.
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param count how many bytes, 0 or more
     * @return that many bytes
     */
    public suspend fun receiveExactly(count: Int): ByteArray = receiving.receiveExactly(count)

    /**
     * Receives up to a delimiter: as [BufferedReceiveStream.receiveUntil].
     *
     * *Errors:* as there.
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param delimiter at least one byte; not retained
     * @param maxBytes how many bytes there may be before the delimiter, 0 or more
     * @return the bytes before the delimiter, maybe none
     */
    public suspend fun receiveUntil(delimiter: ByteArray, maxBytes: Int): ByteArray = receiving.receiveUntil(delimiter, maxBytes)

    /**
     * Receives a line of UTF-8 text: as [BufferedReceiveStream.receiveLine].
     *
     * *Errors:* as there.
     *
     * *Cancellation:* no effect: the bytes are kept, the next operation starts with them.
     *
     * *Thread-safety:* one receiver at a time.
     *
     * @param maxBytes how many bytes the line may have without its end, 0 or more
     * @return the line without its end, maybe empty; null at EOF
     */
    public suspend fun receiveLine(maxBytes: Int = DEFAULT_LINE_BYTES): String? = receiving.receiveLine(maxBytes)

    /**
     * Takes the bytes received ahead: as [BufferedReceiveStream.takeBuffered].
     *
     * *Errors:* [BusyResourceException] while another coroutine is receiving.
     *
     * *Cancellation:* not affected by it; does not suspend.
     *
     * *Thread-safety:* excludes receiving.
     *
     * @return the bytes, maybe none
     */
    public fun takeBuffered(): ByteArray = receiving.takeBuffered()

    override suspend fun sendAll(data: ByteBuffer): Unit = transportStream.sendAll(data)

    override suspend fun waitSendAllMightNotBlock(): Unit = transportStream.waitSendAllMightNotBlock()

    override suspend fun receiveSome(into: ByteBuffer): Int = receiving.receiveSome(into)

    override suspend fun receiveSome(maxBytes: Int): ByteArray = receiving.receiveSome(maxBytes)

    /** Closes the stream below; bytes received ahead are discarded (spec IO-R6). */
    override suspend fun close(): Unit = receiving.close()

    override fun closeForcefully(): Unit = receiving.closeForcefully()

    override fun toString(): String = "BufferedStream($transportStream)"
}
