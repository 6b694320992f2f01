package dev.tercet.samples.tcat

import dev.tercet.coroutines.SendStream
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.getaddrinfo
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.use
import java.net.Inet4Address
import java.net.Inet6Address
import java.net.InetSocketAddress
import java.net.SocketException
import java.net.StandardProtocolFamily
import java.nio.ByteBuffer
import kotlin.time.Duration

/*
 * tcat with udp:, as `nc -u` does it. There is no connection and no end: a read of stdin is a datagram, a datagram is written to stdout, and
 * it is over when somebody says so, when nothing has moved for --timeout, or when nothing has come for -q after the end of stdin.
 */

/** `tcat connect udp:HOST:PORT` */
suspend fun connectDatagrams(command: Command.Connect, address: Address.Udp, host: Host) {
    Transcript.keeping(command.show, host) { transcript -> connectDatagrams(command, address, Traffic(transcript), host) }
}

private suspend fun connectDatagrams(command: Command.Connect, address: Address.Udp, traffic: Traffic, host: Host) {
    val trace = Trace(host, command.trace)
    val (socket, remote) = refusingBadAddresses(address) { at(address) { openToward(address, command.way.localAddress) } }
    socket.use {
        refusingBadAddresses(address) { at(address) { socket.connect(remote) } }
        val peer = checkNotNull(socket.remoteAddress)
        trace.say { "sending from ${Address.of(checkNotNull(socket.localAddress), "udp")} to ${Address.of(peer, "udp")}" }
        try {
            val quiet = command.quiet ?: Quiet.WHERE_STDIN_CANNOT_END
            traffic.untilQuiet(command.timeout) { exchange(socket, peer, address, traffic, host, quiet) }
        } finally {
            trace.say { "closed: $traffic" }
        }
    }
}

/** `tcat listen udp:HOST:PORT`. INT or TERM ends it: a datagram is never half done. */
suspend fun listenForDatagrams(command: Command.Listen, address: Address.Udp, host: Host) {
    Transcript.keeping(command.show, host) { transcript -> listenForDatagrams(command, address, Traffic(transcript), host) }
}

private suspend fun listenForDatagrams(command: Command.Listen, address: Address.Udp, traffic: Traffic, host: Host) {
    val trace = Trace(host, command.trace)
    val socket = refusingBadAddresses(address) { at(address) { UdpSocket.bind(address.host, address.port) } }
    host.signals.receiving { receive ->
        nursery {
            val serving = startSoon { socket.use { serve(it, command, address, traffic, trace, host) } }
            val stopping =
                startSoon {
                    receive()
                    serving.cancel()
                }
            serving.join()
            stopping.cancel()
        }
    }
    trace.say { "closed: $traffic" }
}

private suspend fun serve(socket: UdpSocket, command: Command.Listen, address: Address.Udp, traffic: Traffic, trace: Trace, host: Host) {
    host.stderr.println("listening ${Address.of(checkNotNull(socket.localAddress), "udp")}")
    val datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES)
    val first = at(address) { socket.receiveFrom(datagram) }
    traffic.received(datagram, Address.of(first, "udp"))
    trace.say { "first datagram from ${Address.of(first, "udp")}" }
    traffic.untilQuiet(command.timeout) {
        val service = command.service
        if (service is Service.Standard) {
            at(STDOUT) { host.stdout.sendAll(datagram.flip()) }
            exchange(socket, first, address, traffic, host, service.quiet)
        } else {
            echo(socket, datagram, first, command.once, traffic, host)
        }
    }
}

/** Answers the datagram in the buffer, and then those that come. That one answer cannot be sent is no reason to stop. */
private suspend fun echo(socket: UdpSocket, datagram: ByteBuffer, first: InetSocketAddress, once: Boolean, traffic: Traffic, host: Host) {
    var peer = first
    while (true) {
        try {
            socket.sendTo(datagram.flip(), peer)
            traffic.sent(datagram, Address.of(peer, "udp"))
        } catch (e: SocketException) {
            host.complain(describe(FailedAtException(Address.of(peer, "udp"), e)))
        }
        if (once) return
        peer = socket.receiveFrom(datagram.clear())
        traffic.received(datagram, Address.of(peer, "udp"))
    }
}

/** Stdin to the peer, the peer to stdout, and nobody else; until cancelled, or until nothing has come for [quiet] after the end of stdin. */
private suspend fun exchange(
    socket: UdpSocket,
    peer: InetSocketAddress,
    name: Address.Udp,
    traffic: Traffic,
    host: Host,
    quiet: Duration,
) = nursery {
    val lull = Quiet()
    val receiving = startSoon { receiveTo(host.stdout, socket, peer, name, traffic, lull) }
    val chunk = ByteBuffer.allocate(MAX_SENT_BYTES)
    while (at(STDIN) { host.stdin.receiveSome(chunk.clear()) } != -1) {
        at(name) { socket.sendTo(chunk.flip(), peer) }
        traffic.sent(chunk, name)
    }
    lull.await(quiet)
    receiving.cancel()
}

private suspend fun receiveTo(
    output: SendStream,
    socket: UdpSocket,
    peer: InetSocketAddress,
    name: Address.Udp,
    traffic: Traffic,
    lull: Quiet,
) {
    val datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES)
    while (true) {
        lull.whileWaiting {
            do {
                val from = at(name) { socket.receiveFrom(datagram.clear()) }
            } while (!isSame(from, peer))
        }
        traffic.received(datagram, name)
        at(STDOUT) { output.sendAll(datagram.flip()) }
    }
}

/** The JDK's comparison leaves out the zone: two links may have the same link-local address. */
private fun isSame(one: InetSocketAddress, other: InetSocketAddress) = one == other && zone(one) == zone(other)

private fun zone(address: InetSocketAddress) = (address.address as? Inet6Address)?.scopeId ?: 0

/** A socket for the system's first address of the host, or, with a local address, for the first of its family. */
internal suspend fun openToward(address: Address.Udp, localAddress: String?): Pair<UdpSocket, InetSocketAddress> {
    val remotes = getaddrinfo(address.host, address.port)
    if (localAddress == null) {
        val remote = remotes.first()
        return UdpSocket.open(if (remote.address is Inet4Address) StandardProtocolFamily.INET else StandardProtocolFamily.INET6) to remote
    }
    val socket = UdpSocket.bind(localAddress)
    val isIpv4 = checkNotNull(socket.localAddress).address is Inet4Address
    return socket to (remotes.firstOrNull { (it.address is Inet4Address) == isIpv4 } ?: remotes.first())
}

/** What the library refuses before anything is done is bad usage. */
internal inline fun <T> refusingBadAddresses(address: Address, open: () -> T): T = try {
    open()
} catch (e: IllegalArgumentException) {
    throw UsageException("$address: ${e.message}")
}

/** What is received is never longer. */
private const val MAX_DATAGRAM_BYTES = 65_535

/** What fits over IPv4. */
private const val MAX_SENT_BYTES = 65_507
