package dev.tercet.samples.tcat

import dev.tercet.BrokenResourceException
import dev.tercet.EndOfChannelException
import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.DtlsEndpoint
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.use
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsServerConfig
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

/** A server, a client, and between them a relay that loses three datagrams of ten. */
internal suspend fun Tour.dtls() = nursery {
    val authority = TestCa.create()
    val server = DtlsEndpoint(UdpSocket.bind("127.0.0.1"))
    val client = DtlsEndpoint(UdpSocket.bind("127.0.0.1"), incomingPacketsBuffer = MESSAGES)
    server.use {
        client.use {
            start<DtlsEndpoint> { status ->
                server.serve(DtlsServerConfig.of(authority.issue("server.demo")), onHandlerError = { _, _ ->
                }, taskStatus = status) { channel ->
                    channel.doHandshake(SOON)
                    try {
                        while (true) channel.send(channel.receive())
                    } catch (_: EndOfChannelException) {
                        // The client has sent close_notify.
                    }
                }
            }
            val relay = LossyRelay(UdpSocket.bind("127.0.0.1"), checkNotNull(server.socket.localAddress))
            relay.socket.use {
                startSoon { relay.run() }
                talk(client, checkNotNull(relay.socket.localAddress), relay, authority)
                cancelChildren()
            }
        }
    }
}

private suspend fun Tour.talk(client: DtlsEndpoint, relay: InetSocketAddress, loss: LossyRelay, authority: TestCa) {
    val believing = DtlsConfig.DEFAULT.withTrust(authority.trust())
    val channel = client.connect(relay, "server.demo", believing)
    channel.doHandshake(SOON)
    val went = channel.statistics()
    say("${facts(channel.info)}: ${loss.dropped} of ${loss.seen} datagrams lost, the client said ${went.retransmits} flights again")
    repeat(MESSAGES) { channel.send("message $it".encodeToByteArray()) }
    val answers = receiveToMarker(channel)
    val sent = List(MESSAGES) { "message $it" }
    saw(
        "of $MESSAGES messages ${answers.size} came back, each once and as it was sent: DTLS loses, but never doubles or forges",
        answers.isNotEmpty() && answers.size < MESSAGES && answers.all { it in sent } && answers.distinct() == answers,
    )
    channel.close()
    client.connect(relay, "elsewhere.demo", believing).use {
        saw<BrokenResourceException>("a certificate for another name") { it.doHandshake(SOON) }
    }
}

/**
 * The answers to what was sent. They arrive in order, as far as they arrive at all, so those before the answer to a marker are all there are. A
 * marker is sent again when its answer is not there after a while: it may be lost, or late.
 */
private suspend fun receiveToMarker(channel: DtlsChannel): List<String> {
    val answers = mutableListOf<String>()
    var isEnd = false
    while (!isEnd) {
        channel.send(MARKER.encodeToByteArray())
        moveOnAfter(SOON) {
            while (!isEnd) {
                val answer = channel.receive().decodeToString()
                if (answer == MARKER) isEnd = true else answers += answer
            }
        }
    }
    return answers
}

/**
 * Hands on datagrams between a server and who else sends to it, and loses the third, the sixth and the ninth of ten. Never two in a row: each
 * retransmission waits twice as long as the one before, and an unlucky flight would take a minute.
 */
private class LossyRelay(val socket: UdpSocket, private val server: InetSocketAddress) {
    private var client: InetSocketAddress? = null
    var seen = 0
        private set
    var dropped = 0
        private set

    suspend fun run() {
        val datagram = ByteBuffer.allocate(65_535)
        while (true) {
            val from = socket.receiveFrom(datagram.clear())
            if (from != server) client = from
            seen++
            if (seen % 10 in LOST) {
                dropped++
            } else {
                socket.sendTo(datagram.flip(), if (from == server) checkNotNull(client) else server)
            }
        }
    }
}

private const val MESSAGES = 40
private const val MARKER = "that was all"
private val LOST = setOf(3, 6, 9)

/** What is lost on loopback is known to be lost much sooner than after a second. */
private val SOON = 40.milliseconds
