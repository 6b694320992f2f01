package dev.tercet.samples.tcat

import dev.tercet.coroutines.adapt.asSuspending
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.shielded
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.seconds
import dev.tercet.blocking.ReceiveStream as BlockingReceiveStream
import dev.tercet.blocking.SendStream as BlockingSendStream

/**
 * Starts a process whose stdin and stdout are the connection; its stderr goes where the host says. Ends are handed on: the peer's by closing stdin, the
 * process's by ending what we send. When the connection fails or is cancelled, the process is killed.
 *
 * A process that does not read to the end is in its right: `date` reads nothing. What it leaves is received and thrown away, because a
 * connection that is closed with bytes unread is reset, and the answer might be lost with it.
 */
suspend fun talkToProcess(command: List<String>, connection: Named<Connection>, host: Host) {
    var process: Process? = null
    try {
        withContext(host.blocking) {
            process = ProcessBuilder(command).redirectError(host.childErrors).start()
        }
        process?.let { relay(connection, it, host) }
    } catch (e: IOException) {
        throw if (process == null) FailedAtException("exec ${command.first()}", e) else e
    } finally {
        process?.let { kill(it) }
    }
}

private suspend fun relay(connection: Named<Connection>, process: Process, host: Host) = nursery {
    val input = BlockingSendStream.from(process.outputStream).asSuspending(host.blocking)
    val output = BlockingReceiveStream.from(process.inputStream).asSuspending(host.blocking)
    val feeding =
        startSoon {
            try {
                pump(connection, Named(input, PROCESS))
                at(PROCESS) { input.close() }
            } catch (e: FailedAtException) {
                if (e.where != PROCESS) throw e
                discard(connection)
            }
        }
    pumpAndEnd(Named(output, PROCESS), connection)
    process.onExit().await()
    // What cannot end by halves is told of the end by closing, so there is nothing to wait for.
    if (!connection.stream.endsByHalves || moveOnAfter(LINGER) { feeding.join() }) feeding.cancel()
}

private suspend fun discard(connection: Named<Connection>) {
    val buffer = ByteBuffer.allocate(CONNECTION_BUFFER_BYTES)
    while (at(connection.name) { connection.stream.receiveSome(buffer.clear()) } != -1) continue
}

/** Asks it and its children to end, and then makes them. Does nothing to a process that has ended. */
private suspend fun kill(process: Process) {
    if (!process.isAlive) return
    val all = process.descendants().toList() + process.toHandle()
    all.forEach { it.destroy() }
    shielded { moveOnAfter(1.seconds) { process.onExit().await() } }
    all.forEach { it.destroyForcibly() }
}

private const val PROCESS = "the process"

/** How long the peer may take to end after the process has. */
private val LINGER = 2.seconds
