package dev.tercet.samples.tcat

import dev.tercet.coroutines.socket.SocketStream
import dev.tercet.coroutines.task.failAfter
import dev.tercet.coroutines.use
import kotlin.time.Duration
import kotlin.time.TimeSource

/** `tcat connect` */
suspend fun connect(command: Command.Connect): ExitCode {
    val address = command.address
    if (address is Address.Udp) return connectDatagrams(command, address)
    val trace = Trace(command.trace)
    val stream: SocketStream =
        at(address) {
            failAfter(command.timeout ?: Duration.INFINITE) {
                address.open(command.localAddress, onReport = trace::say)
            }
        }
    val start = TimeSource.Monotonic.markNow()
    trace.say("connected from ${Address.of(stream.localAddress)} to ${Address.of(stream.remoteAddress)}")
    try {
        stream.use { converse(Named(it, address)) }
    } finally {
        trace.say("closed: ${progress(stream.bytesSent, stream.bytesReceived, start.elapsedNow())}")
    }
    return ExitCode.CLEAN
}
