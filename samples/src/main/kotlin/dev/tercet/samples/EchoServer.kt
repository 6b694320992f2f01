package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Sends back what it receives, until the peer has sent its end. */
suspend fun echo(stream: Stream) {
    val buffer = ByteBuffer.allocate(8192)
    while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
}

/** An echo server that logs and survives errors of its handlers, and stops gracefully on Ctrl-C. The twin in Java is `EchoServer.java`. */
fun main(args: Array<String>) = runOnLoop {
    // on the loop thread: no hop per operation
    val port = args.firstOrNull()?.toInt() ?: 7000
    val stop = StopSignal()
    nursery {
        val listeners =
            start { status ->
                serveTcp(
                    port,
                    onHandlerError = OnHandlerError.LOG,
                    stop = stop,
                    drain = 10.seconds,
                    idleTimeout = 5.minutes,
                    taskStatus = status,
                ) { echo(it) }
            }
        withSignals(PosixSignal.INT, PosixSignal.TERM) {
            println("listening on ${listeners.first().localAddress}")
            it.receive()
        }
        stop.stop() // no new connections; handlers get 10 s, then are cancelled
    }
}
