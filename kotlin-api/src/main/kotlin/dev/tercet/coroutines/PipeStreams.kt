package dev.tercet.coroutines

import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.process.PipeSink
import dev.tercet.internal.process.PipeSource
import java.nio.ByteBuffer

/** What a child process writes, as a stream. The twin of Java's class of this name. */
internal class PipeReceiveStream(private val pipe: PipeSource) :
    ReceiveStream,
    WaitsForReadiness {
    private val budget = Budget()

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        pipe.turn().enter()
        try {
            budget.spend()
            while (true) {
                val n = pipe.receive(into)
                if (n != 0) return n
                pipe.place().await()
                budget.waited()
            }
        } finally {
            pipe.exit()
        }
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        pipe.turn().enter()
        try {
            budget.spend()
            while (true) {
                val bytes = pipe.receive(maxBytes)
                if (bytes != null) return bytes
                pipe.place().await()
                budget.waited()
            }
        } finally {
            pipe.exit()
        }
    }

    override suspend fun close() = pipe.closeAndAwait()

    override fun closeForcefully() = pipe.close()

    override fun toString() = "ReceiveStream($pipe)"
}

/** What a child process reads, as a stream. Closing it is the end that the child finds. The twin of Java's class of this name. */
internal class PipeSendStream(private val pipe: PipeSink) : SendStream {
    private val budget = Budget()

    override suspend fun sendAll(data: ByteBuffer) {
        pipe.turn().enter()
        try {
            do {
                budget.spend()
                if (pipe.send(data) == 0 && data.hasRemaining()) {
                    pipe.place().await()
                    budget.waited()
                }
            } while (data.hasRemaining())
        } finally {
            pipe.exit()
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        pipe.turn().enter()
        try {
            budget.spend()
            pipe.ensureCanSend()
            pipe.place().await()
            budget.waited()
            pipe.ensureCanSend()
        } finally {
            pipe.exit()
        }
    }

    override suspend fun close() = pipe.closeAndAwait()

    override fun closeForcefully() = pipe.close()

    override fun toString() = "SendStream($pipe)"
}
