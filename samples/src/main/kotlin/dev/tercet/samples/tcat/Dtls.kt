package dev.tercet.samples.tcat

import dev.tercet.DtlsServerConfig
import dev.tercet.EndOfChannelException
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.coroutines.dtls.DtlsChannel
import dev.tercet.coroutines.dtls.DtlsEndpoint
import dev.tercet.coroutines.socket.UdpSocket
import dev.tercet.coroutines.task.failAfter
import dev.tercet.coroutines.task.nursery
import dev.tercet.coroutines.use
import java.nio.ByteBuffer
import kotlin.time.Duration

/*
 * tcat with dtls:. As with udp: a read of stdin is a message, and a message is written to stdout; some may be lost. But the peer is known, and
 * there is an end: its goodbye, or ours when we are stopped. That of stdin is none, since what comes back may still be on the way.
 */

/** `tcat connect dtls:HOST:PORT` */
suspend fun connectDtls(command: Command.Connect, address: Address.Dtls, host: Host) {
    val trace = Trace(host, command.trace)
    val config = command.tls.dtlsClientConfig()
    val (socket, peer) = refusingBadAddresses(address) { at(address) { openToward(address.below, command.race.localAddress) } }
    DtlsEndpoint(socket).use { endpoint ->
        val channel =
            refusingBadAddresses(address) { endpoint.connect(peer, command.tls.serverName ?: address.below.host, config) }
        channel.use {
            command.mtu?.let(channel::setCiphertextMtu)
            at(address) { failAfter(command.timeout ?: Duration.INFINITE) { handshake(channel, address, trace) } }
            talk(channel, address, command.timeout, trace) { traffic -> exchange(channel, address, traffic, host) }
        }
    }
}

/** `tcat listen dtls:HOST:PORT` */
suspend fun serveDtls(command: Command.Listen, config: DtlsServerConfig, stop: StopSignal, host: Host): ServeReport {
    val trace = Trace(host, command.trace)
    val address = command.address as Address.Dtls
    val socket = refusingBadAddresses(address) { at(address) { UdpSocket.bind(address.below.host, address.below.port) } }
    val status =
        TaskStatus<DtlsEndpoint> { host.stderr.println("listening ${Address.of(checkNotNull(it.socket.localAddress), "dtls")}") }
    return DtlsEndpoint(socket).use { endpoint ->
        endpoint.serve(
            config,
            onHandlerError = if (command.once) OnHandlerError.PROPAGATE else OnHandlerError { failure, _ -> host.report(failure) },
            maxConnections = if (command.once) 1 else command.maxConnections,
            stop = stop,
            drain = if (command.once) Duration.INFINITE else DRAIN,
            taskStatus = status,
        ) { channel ->
            if (command.once) stop.stop()
            channel.use { serve(it, command, trace, host) }
        }
    }
}

private suspend fun serve(channel: DtlsChannel, command: Command.Listen, trace: Trace, host: Host) {
    val peer = Address.of(channel.peerAddress, "dtls")
    trace.say("hello from $peer")
    command.mtu?.let(channel::setCiphertextMtu)
    at(peer) { handshake(channel, peer, trace) }
    talk(channel, peer, command.timeout, trace) { traffic ->
        if (command.service is Service.Echo) echo(channel, peer, traffic) else exchange(channel, peer, traffic, host)
    }
}

/** Runs [body] until it ends or nothing has moved for [timeout], and tells how it went. */
private suspend fun talk(channel: DtlsChannel, peer: Any, timeout: Duration?, trace: Trace, body: suspend (Traffic) -> Unit) {
    val traffic = Traffic()
    try {
        traffic.untilQuiet(timeout) { body(traffic) }
    } finally {
        val went = channel.statistics()
        trace.say("closed $peer: $traffic; ${went.incomingPacketsDropped} dropped, ${went.replayed} replayed, ${went.forged} forged")
    }
}

private suspend fun echo(channel: DtlsChannel, peer: Any, traffic: Traffic) = at(peer) {
    forEachMessage(channel) {
        traffic.received(it.size)
        channel.send(it)
        traffic.sent(it.size)
    }
}

/** Stdin to the peer, the peer to stdout, until the peer says goodbye. */
private suspend fun exchange(channel: DtlsChannel, peer: Any, traffic: Traffic, host: Host) = nursery {
    val sending =
        startSoon {
            val chunk = ByteBuffer.allocate(channel.getCleartextMtu())
            while (at(STDIN) { host.stdin.receiveSome(chunk.clear()) } != -1) {
                val bytes = chunk.flip().remaining()
                at(peer) { channel.send(chunk) }
                traffic.sent(bytes)
            }
        }
    at(peer) {
        forEachMessage(channel) {
            traffic.received(it.size)
            at(STDOUT) { host.stdout.sendAll(ByteBuffer.wrap(it)) }
        }
    }
    sending.cancel()
}

private suspend inline fun forEachMessage(channel: DtlsChannel, action: (ByteArray) -> Unit) {
    while (true) {
        val message =
            try {
                channel.receive()
            } catch (_: EndOfChannelException) {
                return
            }
        action(message)
    }
}
