package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.OnHandlerError
import dev.tercet.StopSignal
import dev.tercet.coroutines.Listener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.openTlsOverTcpListeners
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveListeners
import dev.tercet.coroutines.use
import dev.tercet.testing.RecordedDay
import dev.tercet.tls.TlsConfig

/** The day of [RecordedDay], with coroutines. */
object KotlinDay {
    @JvmStatic
    fun main(args: Array<String>): Unit = RecordedDay.main(args) { runOnLoop { live() } }

    /** Whose first accept fails. */
    private class Unlucky(private val below: Listener<TlsStream<SocketStream>>) : Listener<TlsStream<SocketStream>> {
        private var hasFailed = false

        override suspend fun accept(): TlsStream<SocketStream> {
            if (!hasFailed) {
                hasFailed = true
                throw RecordedDay.noDescriptor()
            }
            return below.accept()
        }

        override suspend fun close() = below.close()

        override fun closeForcefully() = below.closeForcefully()

        override fun toString() = "unlucky listener"
    }

    private suspend fun handle(stream: TlsStream<SocketStream>) {
        var received = stream.receiveSome(100)
        stream.sendAll(received)
        if (received.decodeToString() == "bug") throw RecordedDay.Unprintable()
        while (received.isNotEmpty()) received = stream.receiveSome(100)
    }

    private suspend fun dial(port: Int, config: TlsConfig, said: String): TlsStream<SocketStream> {
        val stream = openTlsOverTcpStream("127.0.0.1", port, config)
        try {
            stream.sendAll(said.encodeToByteArray())
            stream.receiveSome(100)
            return stream
        } catch (e: Throwable) {
            stream.closeForcefully()
            throw e
        }
    }

    private suspend fun live() {
        val listener = openTlsOverTcpListeners(0, RecordedDay.SERVER, host = "127.0.0.1").single()
        val stop = StopSignal()
        nursery {
            start<Any> { status ->
                serveListeners(listOf(Unlucky(listener)), onHandlerError = OnHandlerError.LOG, stop = stop, taskStatus = status) {
                    handle(it)
                }
            }
            dial(listener.port, RecordedDay.CLIENT, "hello").close()
            openTcpStream("127.0.0.1", listener.port).close()
            try {
                dial(listener.port, RecordedDay.STRANGER, "hello")
            } catch (untrusted: BrokenResourceException) {
                // As expected.
            }
            dial(listener.port, RecordedDay.CLIENT, "hello").closeForcefully()
            end(dial(listener.port, RecordedDay.CLIENT, "bug"))
            val last = dial(listener.port, RecordedDay.CLIENT, "stay")
            stop.stop()
            end(last)
        }
    }

    private suspend fun end(stream: TlsStream<SocketStream>) = stream.use {
        try {
            it.receiveSome(100)
            throw AssertionError("the end was clean")
        } catch (truncated: BrokenResourceException) {
            // As expected.
        }
    }
}
