package dev.tercet.benchmarks.contender

import dev.tercet.OnHandlerError
import dev.tercet.ResourceException
import dev.tercet.TaskStatus
import dev.tercet.benchmarks.tls.BenchContexts
import dev.tercet.coroutines.*
import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.SocketStream
import dev.tercet.coroutines.TlsListener
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.use
import dev.tercet.loop.EventLoop
import dev.tercet.tls.TlsServerConfig
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import javax.net.ssl.SSLContext

/**
 * Tercet's coroutines, as the README has them: on the loop itself, or on another dispatcher, where each operation costs a hop; and TLS on
 * the loop, whose handshakes are computed elsewhere.
 */
class TercetContender private constructor(
    private val run: (suspend () -> Unit) -> Unit,
    private val program: suspend (Work, CompletableFuture<Int>) -> Unit,
) : Contender {
    override fun serve(work: Work): Int {
        val port = CompletableFuture<Int>()
        Threads.platform().newThread {
            try {
                run { program(work, port) }
            } catch (e: Throwable) {
                port.completeExceptionally(e)
                throw e
            }
        }.start()
        return port.get()
    }

    companion object {
        fun onLoop() = TercetContender(::onOneLoop, ::plain)

        fun onTwoLoops() = TercetContender({ program -> runOnLoop(EventLoop.open("bench", 2)) { program() } }, ::plain)

        fun onDefault() = TercetContender({ program -> runBlocking(Dispatchers.Default) { program() } }, ::plain)

        fun tls() = TercetContender(::onOneLoop) { work, port -> secured(BenchContexts.server(), work, port) }

        fun conscrypt() = TercetContender(::onOneLoop) { work, port -> secured(BenchContexts.conscryptServer(), work, port) }
    }
}

private fun onOneLoop(program: suspend () -> Unit) = runOnLoop(EventLoop.open("bench")) { program() }

private suspend fun plain(work: Work, port: CompletableFuture<Int>) {
    val listening = TaskStatus<List<SocketListener>> { port.complete(it.single().port) }
    serveTcp(0, "127.0.0.1", Contender.BACKLOG, taskStatus = listening) { handle(it, work) }
}

private suspend fun secured(context: SSLContext, work: Work, port: CompletableFuture<Int>) {
    val listening = TaskStatus<List<TlsListener<SocketStream>>> { port.complete((it.single().transportListener as SocketListener).port) }
    val config = TlsServerConfig.of(context)
    serveTlsOverTcp(0, config, "127.0.0.1", Contender.BACKLOG, onHandlerError = OnHandlerError.LOG, taskStatus = listening) {
        it.use { stream -> handle(stream, work) }
    }
}

private suspend fun handle(stream: Stream, work: Work) {
    try {
        when (work) {
            Work.ECHO -> {
                val buffer = ByteBuffer.allocateDirect(work.bufferBytes())
                while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
            }

            Work.IDLE -> while (true) {
                val bytes = stream.receiveSome(work.bufferBytes())
                if (bytes.isEmpty()) break
                stream.sendAll(bytes)
            }

            Work.SINK -> {
                val buffer = ByteBuffer.allocateDirect(work.bufferBytes())
                while (stream.receiveSome(buffer.clear()) != -1) { }
            }

            Work.SOURCE -> {
                val buffer = ByteBuffer.allocateDirect(work.bufferBytes())
                while (true) stream.sendAll(buffer.clear())
            }
        }
    } catch (_: ResourceException) {
        // The peer has gone.
    }
}
