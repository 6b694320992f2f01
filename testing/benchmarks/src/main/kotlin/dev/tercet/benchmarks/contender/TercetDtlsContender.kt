package dev.tercet.benchmarks.contender

import dev.tercet.OnHandlerError
import dev.tercet.ResourceException
import dev.tercet.TaskStatus
import dev.tercet.benchmarks.tls.BenchContexts
import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.DtlsEndpoint
import dev.tercet.coroutines.DtlsServerConfig
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.runOnLoop
import dev.tercet.loop.EventLoop
import dev.tercet.tls.TlsIdentity
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture

/** Tercet's DTLS with coroutines on the loop; the handshakes are computed on threads of its own. */
class TercetDtlsContender : Contender {
    override fun serve(work: Work): Int {
        val port = CompletableFuture<Int>()
        Threads.platform().newThread {
            try {
                runOnLoop(EventLoop.open("bench")) { serve(work, port) }
            } catch (e: Throwable) {
                port.completeExceptionally(e)
                throw e
            }
        }.start()
        return port.get()
    }

    private suspend fun serve(work: Work, port: CompletableFuture<Int>) {
        val config = DtlsServerConfig(TlsIdentity.of(BenchContexts.keyStore(), BenchContexts.password()))
        val serving = TaskStatus<DtlsEndpoint> { port.complete(Contender.portOf(it.socket.localAddress)) }
        val endpoint = DtlsEndpoint(UdpSocket.bind("127.0.0.1"), limits = TercetBlockingDtlsContender.LIMITS)
        endpoint.serve(config, onHandlerError = OnHandlerError.LOG, taskStatus = serving) { handle(it, work) }
    }
}

private suspend fun handle(channel: DtlsChannel, work: Work) {
    val buffer = ByteBuffer.allocate(work.bufferBytes())
    try {
        while (true) {
            channel.receive(buffer.clear())
            if (DatagramAnswers.wanted(work, buffer.flip())) channel.send(buffer)
        }
    } catch (_: ResourceException) {
        // The peer has gone.
    }
}
