package dev.tercet.benchmarks.contender

import dev.tercet.ResourceException
import dev.tercet.TaskStatus
import dev.tercet.coroutines.loop.runOnLoop
import dev.tercet.coroutines.net.serveTcp
import dev.tercet.coroutines.socket.SocketListener
import dev.tercet.coroutines.socket.SocketStream
import dev.tercet.coroutines.stream.*
import dev.tercet.loop.EventLoop
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture

/** Tercet's coroutines, as the README has them: on the loop itself, or on another dispatcher, where each operation costs a hop. */
class TercetContender private constructor(private val run: (suspend () -> Unit) -> Unit) : Contender {
    override fun serve(work: Work): Int {
        val port = CompletableFuture<Int>()
        val listening = object : TaskStatus<List<SocketListener>> {
            override fun started(value: List<SocketListener>) {
                port.complete(value.single().port)
            }
        }
        Threads.platform().newThread {
            try {
                run { serveTcp(0, "127.0.0.1", Contender.BACKLOG, taskStatus = listening) { handle(it, work) } }
            } catch (e: Throwable) {
                port.completeExceptionally(e)
                throw e
            }
        }.start()
        return port.get()
    }

    companion object {
        fun onLoop() = TercetContender { program -> runOnLoop(EventLoop.open("bench")) { program() } }

        fun onDefault() = TercetContender { program -> runBlocking(Dispatchers.Default) { program() } }
    }
}

private suspend fun handle(stream: SocketStream, work: Work) {
    try {
        when (work) {
            Work.ECHO -> {
                val buffer = ByteBuffer.allocate(work.bufferBytes())
                while (stream.receiveSome(buffer.clear()) != -1) stream.sendAll(buffer.flip())
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
