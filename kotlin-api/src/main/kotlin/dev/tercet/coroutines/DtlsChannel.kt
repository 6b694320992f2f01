package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.EndOfChannelException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.dtls.ChannelCore
import dev.tercet.tls.DtlsChannelStatistics
import dev.tercet.tls.DtlsInfo
import dev.tercet.tls.NeedHandshakeException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/**
 * One association of a [DtlsEndpoint]: messages, each encrypted and in a separate datagram (spec DTLS-G1). Received messages are authentic
 * and whole, and no message arrives twice. Messages may be lost or overtake each other, as datagrams do.
 *
 * Nothing is sent before [doHandshake], or the first message that is sent or waited for. A handshake that has started continues until its
 * time limit, which the configuration sets. So a cancellation, or a timeout, ends the wait and nothing else.
 *
 * A peer that sends close_notify ends the channel: [EndOfChannelException] for receivers, [BrokenResourceException] for senders. A peer
 * that vanishes sends nothing; only a time limit detects it.
 *
 * *Thread-safety:* any number of coroutines in all of its functions; each message goes to exactly one receiver.
 *
 * @property endpoint the endpoint of this channel
 */
public class DtlsChannel internal constructor(public val endpoint: DtlsEndpoint, private val core: ChannelCore) :
    MessageChannel<ByteArray> {
    private val sendBudget = Budget()
    private val receiveBudget = Budget()

    /** For the idle limit of a server. */
    internal val heard: Long get() = core.heard()

    /** The address of the peer, resolved. */
    public val peerAddress: InetSocketAddress get() = core.peerAddress()

    /**
     * Performs the handshake, waits for the one in progress, or returns at once when it is complete (spec DTLS-D4, DTLS-D5).
     *
     * An unanswered flight is retransmitted after [initialRetransmitTimeout], then after twice that, and so on up to a minute. The caller
     * that starts the handshake sets this time; others only wait.
     *
     * *Errors:* [BrokenResourceException] when the peer fails verification, rejects this side, or does not answer within the configured
     * limit, and when this channel was replaced; [ClosedResourceException] when it or the endpoint was closed before or during the call;
     * [IllegalArgumentException] for a time that is not positive.
     *
     * *Cancellation:* no effect: the handshake continues, and a later call can wait for it.
     *
     * *Thread-safety:* any number of coroutines.
     *
     * @param initialRetransmitTimeout until the first retransmission, positive
     */
    public suspend fun doHandshake(initialRetransmitTimeout: Duration = 1.seconds) {
        val nanos = ChannelCore.requireInitialTimeout(initialRetransmitTimeout.toJavaDuration())
        currentCoroutineContext().ensureActive()
        while (true) {
            val news = core.news()
            if (core.tryHandshake(nanos)) return
            news.await()
        }
    }

    /**
     * Sends one message, in one datagram, after a handshake if needed. It may be lost. One that is longer than [getCleartextMtu] is sent
     * too, and may not arrive.
     *
     * *Errors:* as [doHandshake]; [BrokenResourceException] when the peer has sent close_notify; [IllegalArgumentException] for an empty
     * message, and for one that is longer than a record, 16384 bytes.
     *
     * *Cancellation:* no effect: the message was not sent.
     *
     * *Thread-safety:* any number of senders.
     *
     * @param message 1 to 16384 bytes
     */
    override suspend fun send(message: ByteArray): Unit = send(ByteBuffer.wrap(message))

    /**
     * Sends one message; otherwise as the other [send].
     *
     * *Errors:* as the other [send].
     *
     * *Cancellation:* no effect: the message was not sent.
     *
     * *Thread-safety:* any number of senders.
     *
     * @param message 1 to 16384 bytes, from position to limit; the position moves to the limit when it was sent, and stays when it was not
     */
    public suspend fun send(message: ByteBuffer) {
        sendBudget.spend()
        while (true) {
            val news = core.news()
            if (core.trySend(message)) return
            news.await()
            sendBudget.waited()
        }
    }

    /**
     * Waits for the next message, after a handshake if needed.
     *
     * *Errors:* as [doHandshake]; [EndOfChannelException] when the peer has sent close_notify and everything was received. Messages
     * received before the channel was replaced or failed come before the error.
     *
     * *Cancellation:* no effect: no message is lost.
     *
     * *Thread-safety:* any number of receivers.
     *
     * @return the message; empty when the peer has sent an empty one
     */
    override suspend fun receive(): ByteArray {
        receiveBudget.spend()
        while (true) {
            val news = core.news()
            core.tryReceive()?.let { return it }
            news.await()
            receiveBudget.waited()
        }
    }

    /**
     * Waits for the next message and puts it into a buffer; otherwise as the other [receive].
     *
     * *Errors:* as the other [receive]; [IllegalArgumentException] when the message is longer than the room in the buffer: it is kept, and
     * received by the next call.
     *
     * *Cancellation:* no effect: no message is lost.
     *
     * *Thread-safety:* any number of receivers.
     *
     * @param into the buffer for the bytes; its position moves by as many
     * @return the length of the message; 0 when the peer has sent an empty one
     */
    public suspend fun receive(into: ByteBuffer): Int {
        receiveBudget.spend()
        while (true) {
            val news = core.news()
            val length = core.tryReceive(into)
            if (length >= 0) return length
            news.await()
            receiveBudget.waited()
        }
    }

    /**
     * Sets the maximum length of datagrams to this peer. The default is 1472 bytes for IPv4 and 1452 for IPv6, which suits Ethernet.
     *
     * The handshake obeys it, from its next transmission on, and falls back to less when no datagram arrives. It does not limit messages:
     * [getCleartextMtu] is computed from it.
     *
     * *Errors:* [IllegalArgumentException] outside 64..65507.
     *
     * @param bytes the payload of UDP, without the headers of UDP and IP
     */
    public fun setCiphertextMtu(bytes: Int): Unit = core.setCiphertextMtu(bytes)

    /**
     * How many bytes a message may have to fit into a datagram of the [size that is set][setCiphertextMtu]; 0 when nothing fits.
     *
     * *Errors:* [NeedHandshakeException] before the end of the handshake, which decides the overhead of encryption.
     */
    public fun getCleartextMtu(): Int = core.cleartextMtu()

    /**
     * The result of the handshake: parameters and certificates. Available also after the end of the channel.
     *
     * *Errors:* [NeedHandshakeException] before the end of the handshake.
     */
    public val info: DtlsInfo get() = core.info()

    /** The counters of this channel, a snapshot. */
    public fun statistics(): DtlsChannelStatistics = core.statistics()

    /**
     * Closes the channel and wakes tasks that wait in it, with [ClosedResourceException]. After the handshake this sends close_notify, in
     * one datagram that may be lost, unless the configuration disables it. It does not wait.
     *
     * *Errors:* none.
     *
     * *Cancellation:* the channel is closed, then the cancellation is thrown.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        core.close(true)
        currentCoroutineContext().ensureActive()
    }

    /** Closes the channel as [close] does, but sends nothing to the peer. */
    override fun closeForcefully(): Unit = core.close(false)

    override fun toString(): String = "DtlsChannel($core)"
}
