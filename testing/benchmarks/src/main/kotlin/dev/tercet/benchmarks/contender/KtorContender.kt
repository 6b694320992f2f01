package dev.tercet.benchmarks.contender

import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException

/** Ktor's network sockets, as its documentation writes an echo server. */
class KtorContender : Contender {
    override fun serve(work: Work): Int = runBlocking {
        val listener = aSocket(SelectorManager(Dispatchers.IO)).tcp().bind("127.0.0.1", 0) { backlogSize = Contender.BACKLOG }
        CoroutineScope(Dispatchers.IO).launch {
            while (true) {
                val socket = listener.accept()
                launch { socket.use { handle(it, work) } }
            }
        }
        (listener.localAddress as InetSocketAddress).port
    }
}

private suspend fun handle(socket: Socket, work: Work) {
    try {
        val input = socket.openReadChannel()
        val output = socket.openWriteChannel(autoFlush = false)
        val buffer = ByteArray(work.bufferBytes())
        when (work) {
            Work.ECHO, Work.IDLE -> while (true) {
                val n = input.readAvailable(buffer)
                if (n == -1) return
                output.writeFully(buffer, 0, n)
                output.flush()
            }

            Work.SINK -> while (input.readAvailable(buffer) != -1) { }

            Work.SOURCE -> while (true) {
                output.writeFully(buffer)
                output.flush()
            }
        }
    } catch (_: IOException) {
        // The peer has gone.
    }
}
