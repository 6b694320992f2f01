package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** A chat for `nc`. It runs on one thread, as `runOnLoop` does, so its members are a plain map. */
class ChatServer(private val stop: StopSignal) {
    private val members = mutableMapOf<String, MemorySendChannel<String>>()

    /** What goes wrong with one guest, a line that is too long for instance, is logged and ends his visit only. */
    suspend fun serve(port: Int, taskStatus: TaskStatus<in List<SocketListener>>): ServeReport = serveTcp(
        port,
        onHandlerError = OnHandlerError.LOG,
        maxConnections = 1000,
        stop = stop,
        drain = 5.seconds,
        idleTimeout = 30.minutes,
        taskStatus = taskStatus,
    ) { visit(BufferedStream(it)) }

    /** The first line is a name. Each one after it goes to everybody, until EOF. */
    private suspend fun visit(stream: BufferedStream<*>) = stream.use { guest ->
        guest.sendLine("Your name?")
        val name = guest.lineWithoutControls()
        if (name.isNullOrBlank() || name in members) return@use guest.sendLine("Not this one.")
        val (lines, inbox) = openMemoryChannel<String>(100)
        nursery {
            startSoon {
                inbox.messages().collect { failAfter(10.seconds) { guest.sendLine(it) } }
                guest.sendLine("Goodbye.")
                end()
            }
            startSoon {
                stop.await()
                leave(name)
            }
            try {
                members[name] = lines
                tellAll("$name has come")
                while (true) tellAll("$name: ${guest.lineWithoutControls() ?: break}")
            } finally {
                leave(name)
            }
        }
    }

    private fun leave(name: String) {
        members.remove(name)?.closeForcefully() ?: return
        tellAll("$name has gone")
    }

    /** Nobody waits for a slow guest: who is 100 lines behind misses some. */
    private fun tellAll(line: String) = members.values.filter { it.statistics.buffered < 100 }.forEach { it.sendNow(line) }

    private suspend fun BufferedStream<*>.lineWithoutControls() = receiveLine(maxBytes = 500)?.filterNot { it.isISOControl() }
}

fun main(args: Array<String>) = runOnLoop { println(stopOnSignals { ChatServer(it).serve(args.first().toInt(), TaskStatus.ignored()) }) }
