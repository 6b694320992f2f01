package dev.tercet.samples.tcat

import dev.tercet.EndOfChannelException
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.TaskStatus
import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.DtlsEndpoint
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.use
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsServerConfig
import java.nio.ByteBuffer
import kotlin.time.Duration

/*
 * tcat with dtls:. As with udp: a read of stdin is a message, and a message is written to stdout; some may be lost. But the peer is known, and
 * there is an EOF: its close_notify, or ours. That of stdin is not passed on at once, since what comes back may still be on the way: ours is sent when
 * nothing has come for -q.
 */

/** `tcat connect dtls:HOST:PORT` */
suspend fun connectDtls(command: Command.Connect, address: Address.Dtls, host: Host) {
    val trace = Trace(host, command.trace)
    val config = command.way.tls.dtlsClientConfig()
    Transcript.keeping(command.show, host) { transcript ->
        withDtls(address, command.way, config) { channel ->
            command.mtu?.let(channel::setCiphertextMtu)
            at(address) { failAfter(command.timeout ?: Duration.INFINITE) { handshake(channel, address, trace) } }
            talk(channel, address, command.timeout, Traffic(transcript), trace) { traffic ->
                exchange(channel, address, traffic, host, command.quiet ?: Quiet.WHERE_STDIN_CANNOT_END)
            }
        }
    }
}

/** A client's channel, before its handshake. */
internal suspend fun <R> withDtls(address: Address.Dtls, way: Way, config: DtlsConfig, body: suspend (DtlsChannel) -> R): R {
    val (socket, peer) = refusingBadAddresses(address) { at(address) { openToward(address.below, way.localAddress) } }
    return DtlsEndpoint(socket).use { endpoint ->
        refusingBadAddresses(address) { endpoint.connect(peer, way.tls.serverName ?: address.below.host, config) }.use { body(it) }
    }
}

/** `tcat listen dtls:HOST:PORT` */
internal suspend fun serveDtls(
    command: Command.Listen,
    config: DtlsServerConfig,
    transcript: Transcript?,
    stop: StopSignal,
    host: Host,
): ServeReport {
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
            channel.use { serve(it, command, Traffic(transcript), trace, host) }
        }
    }
}

private suspend fun serve(channel: DtlsChannel, command: Command.Listen, traffic: Traffic, trace: Trace, host: Host) {
    val peer = Address.of(channel.peerAddress, "dtls")
    trace.say { "hello from $peer" }
    command.mtu?.let(channel::setCiphertextMtu)
    at(peer) { handshake(channel, peer, trace) }
    talk(channel, peer, command.timeout, traffic, trace) {
        val service = command.service
        if (service is Service.Standard) exchange(channel, peer, traffic, host, service.quiet) else echo(channel, peer, traffic)
    }
}

/** Runs [body] until it ends or nothing has moved for [timeout], and tells how it went. */
private suspend fun talk(
    channel: DtlsChannel,
    peer: Any,
    timeout: Duration?,
    traffic: Traffic,
    trace: Trace,
    body: suspend (Traffic) -> Unit,
) {
    try {
        traffic.untilQuiet(timeout) { body(traffic) }
    } finally {
        val went = channel.statistics()
        trace.say { "closed $peer: $traffic; ${went.incomingPacketsDropped} dropped, ${went.replayed} replayed, ${went.forged} forged" }
    }
}

private suspend fun echo(channel: DtlsChannel, peer: Any, traffic: Traffic) = at(peer) {
    forEachMessage({ channel.receive() }) {
        val message = ByteBuffer.wrap(it).position(it.size)
        traffic.received(message, peer)
        channel.send(it)
        traffic.sent(message, peer)
    }
}

/** Stdin to the peer, the peer to stdout, until the peer's close_notify, or until nothing has come for [quiet] after the end of stdin. */
private suspend fun exchange(channel: DtlsChannel, peer: Any, traffic: Traffic, host: Host, quiet: Duration) = nursery {
    val lull = Quiet()
    val receiving = startSoon {
        at(peer) {
            forEachMessage({ lull.whileWaiting { channel.receive() } }) {
                traffic.received(ByteBuffer.wrap(it).position(it.size), peer)
                at(STDOUT) { host.stdout.sendAll(ByteBuffer.wrap(it)) }
            }
        }
    }
    val sending =
        startSoon {
            val chunk = ByteBuffer.allocate(channel.getCleartextMtu())
            while (at(STDIN) { host.stdin.receiveSome(chunk.clear()) } != -1) {
                at(peer) { channel.send(chunk.flip()) }
                traffic.sent(chunk, peer)
            }
            lull.await(quiet)
            receiving.cancel()
        }
    receiving.join()
    sending.cancel()
}

/** Until the peer's close_notify. */
private suspend inline fun forEachMessage(receive: suspend () -> ByteArray, action: (ByteArray) -> Unit) {
    while (true) {
        val message =
            try {
                receive()
            } catch (_: EndOfChannelException) {
                return
            }
        action(message)
    }
}
