package dev.tercet.samples.tcat

import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.sendAll
import java.io.IOException
import java.nio.ByteBuffer

/**
 * What is said before TLS begins on a connection that begins without: the client asks, the server agrees, TLS follows. A machine without I/O: bytes
 * of the server go in, what to do comes out. There is one for each protocol.
 *
 * **Injection.** Nobody vouches for what comes before TLS, so nothing of it may be taken for what comes after. Who sits on the path can
 * append plaintext to the server's consent; a client that keeps it in its buffer takes it later for the first words under TLS (CVE-2011-0411
 * and many since; CVE-2021-23222 for PostgreSQL). The server must be silent between its consent and our ClientHello, and between each of its replies
 * and our next word, because nothing here is pipelined. So bytes behind a reply are an error, never kept. Plaintext that arrives later
 * meets the TLS engine, which takes it for no record.
 *
 * Each reply is bounded. Texts of the server are shown printable, cut, and in quotation marks.
 */
internal abstract class StartTls {
    /** What to do next. */
    sealed interface Step {
        /** Receive: the reply is not complete. */
        data object Receive : Step

        class Send(val bytes: ByteArray) : Step {
            constructor(text: String) : this(text.encodeToByteArray())
        }

        /** TLS begins. */
        data object Begin : Step
    }

    /** What the client says first; empty when the server begins. */
    open val opening: ByteArray get() = ByteArray(0)

    private var replyBytes = 0

    /** Takes what was received. Throws [IOException] when the server refuses, does not speak the protocol, or says more than its reply. */
    fun receivedUntrusted(received: ByteBuffer): Step {
        while (received.hasRemaining()) {
            if (++replyBytes > MAX_REPLY_BYTES) throw IOException("a reply before TLS is longer than $MAX_REPLY_BYTES bytes")
            val step = byteUntrusted(received.get())
            if (step is Step.Receive) continue
            replyBytes = 0
            if (step is Step.Send) skipFiller(received)
            if (received.hasRemaining()) throw IOException(injected(received.remaining()))
            return step
        }
        return Step.Receive
    }

    /** Takes one byte, and returns another step than [Step.Receive] when it was the last one of a reply. */
    protected abstract fun byteUntrusted(byte: Byte): Step

    /** Whether a byte means nothing between two replies. Never before TLS. */
    protected open fun isFiller(byte: Byte) = false

    private fun skipFiller(received: ByteBuffer) {
        while (received.hasRemaining() && isFiller(received.get(received.position()))) received.get()
    }

    private fun injected(count: Int) =
        "the server sent $count bytes more than its reply, before TLS: that may be an attack, and none of it is used"

    companion object {
        /** Far more than any server says, and little enough to hold. */
        const val MAX_REPLY_BYTES = 64 * 1024

        /** What a server said, for a message. */
        fun quoted(text: String): String {
            val shown = printable(text.trim())
            return "\"${if (shown.length > MAX_SHOWN_CHARACTERS) shown.take(MAX_SHOWN_CHARACTERS) + "..." else shown}\""
        }

        private const val MAX_SHOWN_CHARACTERS = 120
    }
}

/** Asks a server to begin with TLS, and returns when it has agreed. No byte that comes after that was taken. */
internal suspend fun startTls(stream: Stream, dialogue: StartTls) {
    if (dialogue.opening.isNotEmpty()) stream.sendAll(dialogue.opening)
    val received = ByteBuffer.allocate(RECEIVE_BYTES)
    while (true) {
        if (stream.receiveSome(received.clear()) == -1) throw IOException("the server ended the connection before TLS")
        when (val step = dialogue.receivedUntrusted(received.flip())) {
            is StartTls.Step.Receive -> continue
            is StartTls.Step.Send -> stream.sendAll(step.bytes)
            is StartTls.Step.Begin -> return
        }
    }
}

private const val RECEIVE_BYTES = 4096
