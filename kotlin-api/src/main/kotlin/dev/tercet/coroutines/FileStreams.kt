package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.internal.wait.Exclusive
import java.io.IOException
import java.nio.ByteBuffer

/** A file that is read from its beginning to its end. */
internal class FileReceiveStream(private val file: AsyncFile, private val name: String) : ReceiveStream {
    private val receiving = Exclusive("another task is receiving")
    private val budget = Budget()

    /** These two belong to who is in [receiving]. A terminal would wait for more if it were asked again. */
    private var ended = false
    private var broken: IOException? = null

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        receiving.enter()
        try {
            budget.spend()
            if (!file.isOpen) throw closedByUs()
            broken?.let { throw cannotBeRead(it) }
            if (ended) return -1
            val n = file.read(into)
            ended = n < 0
            return n
        } catch (e: IOException) {
            throw when (e) {
                is ClosedResourceException -> closedByUs()

                is BrokenResourceException -> e

                else -> {
                    broken = e
                    cannotBeRead(e)
                }
            }
        } finally {
            receiving.exit()
        }
    }

    override suspend fun close(): Unit = file.close()

    override fun closeForcefully(): Unit = file.closeForcefully()

    override fun toString(): String = "ReceiveStream($name)"

    private fun cannotBeRead(e: IOException) = BrokenResourceException("$name cannot be read: ${e.message}", e)

    private fun closedByUs() = ClosedResourceException("the stream of $name was closed")
}

/** A file that is written. */
internal class FileSendStream(private val file: AsyncFile, private val name: String) : SendStream {
    private val sending = Exclusive("another task is sending")
    private val budget = Budget()

    /** Belongs to who is in [sending]. */
    private var broken: IOException? = null

    override suspend fun sendAll(data: ByteBuffer) = exclusively {
        while (data.hasRemaining()) {
            val end = data.limit()
            data.limit(minOf(end, data.position() + BYTES_PER_CALL))
            try {
                file.write(data)
            } finally {
                data.limit(end)
            }
            if (data.hasRemaining()) budget.spend()
        }
    }

    /** May always return at once: there is no way to know (spec IO-S7). */
    override suspend fun waitSendAllMightNotBlock() = exclusively { }

    override suspend fun close(): Unit = file.close()

    override fun closeForcefully(): Unit = file.closeForcefully()

    override fun toString(): String = "SendStream($name)"

    private suspend inline fun exclusively(operation: () -> Unit) {
        sending.enter()
        try {
            budget.spend()
            if (!file.isOpen) throw closedByUs()
            broken?.let { throw cannotBeWritten(it) }
            operation()
        } catch (e: IOException) {
            throw when (e) {
                is ClosedResourceException -> closedByUs()

                is BrokenResourceException -> e

                else -> {
                    broken = e
                    cannotBeWritten(e)
                }
            }
        } finally {
            sending.exit()
        }
    }

    private fun cannotBeWritten(e: IOException) = BrokenResourceException("$name cannot be written: ${e.message}", e)

    private fun closedByUs() = ClosedResourceException("the stream of $name was closed")

    private companion object {
        /** A cancel is noticed after so many bytes. */
        const val BYTES_PER_CALL = 4 shl 20
    }
}
