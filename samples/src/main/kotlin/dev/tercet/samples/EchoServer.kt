package dev.tercet.samples

import dev.tercet.coroutines.*
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Sends back what it receives, until the peer has sent its end. */
suspend fun echo(stream: Stream) {
    val buffer = ByteBuffer.allocate(8192)
    while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
}

/** An echo server that survives its peers and stops gracefully on Ctrl-C. The twin in Java is `EchoServer.java`. */
fun main(args: Array<String>) = runOnLoop {
    val port = args.firstOrNull()?.toInt() ?: 7000
    val report =
        stopOnSignals { stop ->
            // After INT or TERM no new connections; handlers get 10 s, then are cancelled.
            serveTcp(
                port,
                stop = stop,
                drain = 10.seconds,
                idleTimeout = 5.minutes,
                taskStatus = { println("listening on port ${it.first().port}") },
            ) { echo(it) }
        }
    println(report)
}
