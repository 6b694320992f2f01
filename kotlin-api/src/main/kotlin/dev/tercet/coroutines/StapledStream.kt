package dev.tercet.coroutines

import java.nio.ByteBuffer

/**
 * Two one-way streams as one two-way stream, such as the input and the output of a process (spec IO-H7). Each operation is that of the
 * stream below. The suspending twin of [dev.tercet.blocking.StapledStream].
 *
 * @param S the type of the sending stream, kept for access to its own members (spec IO-H10)
 * @param R the type of the receiving stream
 * @property sendStream the target of [sendAll]; owned by this stream
 * @property receiveStream the source of [receiveSome]; owned by this stream
 */
public class StapledStream<out S : SendStream, out R : ReceiveStream>(public val sendStream: S, public val receiveStream: R) :
    HalfCloseableStream,
    WaitsForReadiness {
    override suspend fun sendAll(data: ByteBuffer): Unit = sendStream.sendAll(data)

    override suspend fun waitSendAllMightNotBlock(): Unit = sendStream.waitSendAllMightNotBlock()

    /**
     * Ends the sending stream: with its own `sendEof` if it has one, else by closing it (spec IO-H8).
     *
     * *Errors:* those of the sending stream.
     *
     * *Cancellation:* as the sending stream's `sendEof` or `close`.
     *
     * *Thread-safety:* as the sending stream's.
     */
    override suspend fun sendEof() {
        val below: SendStream = sendStream
        if (below is HalfCloseableStream) below.sendEof() else below.close()
    }

    override suspend fun receiveSome(into: ByteBuffer): Int = receiveStream.receiveSome(into)

    override suspend fun receiveSome(maxBytes: Int): ByteArray = receiveStream.receiveSome(maxBytes)

    /**
     * Closes the sending stream, then the receiving one, also when the first fails (spec IO-H9).
     *
     * *Errors:* that of the sending stream, with that of the receiving one suppressed in it; or the only one.
     *
     * *Cancellation:* both are closed, then the cancellation is thrown.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        try {
            sendStream.close()
        } catch (first: Throwable) {
            try {
                receiveStream.close()
            } catch (second: Throwable) {
                if (second !== first) first.addSuppressed(second)
            }
            throw first
        }
        receiveStream.close()
    }

    override fun closeForcefully() {
        sendStream.closeForcefully()
        receiveStream.closeForcefully()
    }

    override fun toString(): String = "StapledStream($sendStream, $receiveStream)"
}
