package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.Budget
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.tls.Chunk
import dev.tercet.internal.tls.TlsSession
import dev.tercet.proto.tls.TlsNeed
import dev.tercet.tls.ClientHello
import dev.tercet.tls.NeedHandshakeException
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsInfo
import dev.tercet.tls.TlsRole
import dev.tercet.tls.TlsServerConfig
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.toKotlinDuration

/**
 * TLS over any stream: what is sent is encrypted, what is received is authentic, and the end is the peer's word and not that of somebody on
 * the way.
 *
 * Nothing is sent or received when it is made. The handshake is done by [doHandshake], or by the first operation that needs it. One task may
 * send while another receives, as on every stream, and any number may ask for the handshake.
 *
 * [close] sends close_notify and does not wait for an answer. A peer that gets no close_notify, since this side was closed forcefully for instance, gets
 * [BrokenResourceException] with a [dev.tercet.tls.TlsTruncatedException] as its cause; and so does this side.
 *
 * On the thread of an event loop the handshake's computations run on `Dispatchers.Default`, so that they hold up nobody; anywhere else they
 * run in place. All streams and all racing handshakes together take all of its threads but one, so that a flood of handshakes leaves
 * something for the rest.
 *
 * **How it works.** The protocol is in [TlsSession] and the machine below it; here is only the waiting. Each operation takes steps, and a
 * step says what it needs before it can be taken again: that output is sent, that bytes are received, that a computation is run. At most one
 * of them waits between two looks at the session.
 *
 * The suspending twin of [dev.tercet.blocking.TlsStream].
 *
 * @param T the type of the stream below
 */
public class TlsStream<out T : Stream> internal constructor(
    private val transport: T,
    private val session: TlsSession,
    private val chooser: (suspend (ClientHello) -> TlsServerConfig?)? = null,
) : Stream,
    WaitsForReadiness {
    private val sendBudget = Budget()
    private val receiveBudget = Budget()

    /**
     * The stream below: the very object that was wrapped.
     *
     * @throws IllegalStateException after [unwrap], which has given it away
     */
    public val transportStream: T
        get() {
            check(!session.lifecycle.isUnwrapped) { "unwrap has returned the transport" }
            return transport
        }

    /** Which side this is. */
    public val role: TlsRole get() = session.role()

    /** The name that the server has to have, as it was given; null for a server, and for a client that does not check. */
    public val serverHostname: String? get() = session.serverHostname()

    /** Whether close_notify may be missing; false while the configuration is not chosen yet. */
    public val httpsCompatible: Boolean get() = session.httpsCompatible()

    /**
     * The facts of the session, as they were when the handshake ended.
     *
     * @throws NeedHandshakeException before the handshake has ended well
     */
    public val info: TlsInfo get() = session.info("the information about the session")

    /**
     * A value that is the same at both ends of this session and of no other, to bind an authentication inside to it (RFC 5929).
     *
     * *Errors:* [NeedHandshakeException] before the handshake has ended well; [UnsupportedOperationException] for other types.
     *
     * @param type `tls-server-end-point`
     */
    public fun channelBinding(type: String): ByteArray = session.channelBinding(type)

    /**
     * Does the handshake, or waits for the task that is doing it. Does nothing when it is done.
     *
     * In TLS 1.3 a client's handshake ends before the server has looked at the client's certificate: that it was refused is told by a later
     * operation (spec TLS-B15).
     *
     * *Errors:* [BrokenResourceException] when the peer is not who it should be, does not speak TLS, or has refused this side; the stream is
     * broken then. What the transport throws, as it is. [ClosedResourceException] when this side was closed.
     *
     * *Cancellation:* in the middle, the stream is broken. Before it has begun, and for those who wait for another task's handshake, no
     * effect.
     *
     * *Thread-safety:* any number of tasks.
     */
    public suspend fun doHandshake() {
        Budget().spend()
        session.lifecycle.ensureUsable()
        handshake()
        session.lifecycle.ensureWhole()
    }

    override suspend fun sendAll(data: ByteBuffer) {
        session.sending.enter()
        try {
            sendBudget.spend()
            session.lifecycle.ensureCanSend()
            handshake()
            while (true) {
                val fed = session.fed()
                val need = session.write(data)
                if (need == TlsNeed.NOTHING) break
                // A full batch is sent even if nobody waits for it.
                meet(need, fed, session.mark())
            }
            flush(session.mark())
        } catch (e: BrokenResourceException) {
            sendAlert()
            throw e
        } finally {
            session.sending.exit()
        }
    }

    override suspend fun waitSendAllMightNotBlock() {
        session.sending.enter()
        try {
            sendBudget.spend()
            session.lifecycle.ensureUsable()
            while (!session.sendTurn.tryEnter()) session.sendTurn.await()
            try {
                session.lifecycle.ensureUsable()
                if (!session.lifecycle.isEofSent) transport.waitSendAllMightNotBlock()
            } finally {
                session.sendTurn.exit()
            }
        } finally {
            session.sending.exit()
        }
    }

    override suspend fun receiveSome(into: ByteBuffer): Int {
        require(into.hasRemaining()) { "there is no room to receive into" }
        val start = into.position()
        receive { session.read(into) }
        return if (into.position() == start) -1 else into.position() - start
    }

    override suspend fun receiveSome(maxBytes: Int): ByteArray {
        requireMaxBytes(maxBytes)
        val chunk = Chunk()
        receive { session.read(maxBytes, chunk) }
        return chunk.bytes()
    }

    /**
     * Sends the end, and goes on receiving. What TCP calls a half-close, for TLS; the peer must be able to do so too, and many close at once.
     *
     * *Errors:* [UnsupportedOperationException] when the session has an older version than TLS 1.3; nothing has been sent then. The same when
     * the engine cannot, and then the stream is fit only for closing. Else as [sendAll].
     *
     * *Cancellation:* while sending, the stream is broken.
     *
     * *Thread-safety:* excludes sending; a second time does nothing.
     */
    public suspend fun sendEof() {
        session.sending.enter()
        try {
            sendBudget.spend()
            if (!session.lifecycle.isEofSent) {
                session.lifecycle.ensureUsable()
                handshake()
                closeOutbound(eof = true)
                flush(session.mark())
            }
        } finally {
            session.sending.exit()
        }
    }

    /**
     * Leaves TLS: sends close_notify, waits for the peer's, and gives the transport back. Everything that the peer had to say must have been
     * received before.
     *
     * *Errors:* [BrokenResourceException] when the transport ends before the peer's close_notify, when the peer sends data before it, or when the
     * engine cannot hear it after its own; else as [sendAll].
     *
     * *Cancellation:* after close_notify is on its way, the stream is broken.
     *
     * *Thread-safety:* excludes sending and receiving.
     *
     * @return the transport, and what was received from it already; this stream is closed
     */
    public suspend fun unwrap(): Unwrapped<T> {
        session.sending.enter()
        try {
            session.receiving.enter()
            try {
                sendBudget.spend()
                session.lifecycle.ensureUsable()
                handshake()
                try {
                    closeOutbound(eof = false)
                    flush(session.mark())
                    awaitCloseNotify(discard = false)
                } catch (e: Throwable) {
                    session.cutShort("leaving TLS was cut short", e)
                    throw e
                }
                return Unwrapped(transport, session.unwrapped())
            } finally {
                session.receiving.exit()
            }
        } finally {
            session.sending.exit()
        }
    }

    /**
     * Sends close_notify and closes the transport, without waiting for the peer's close_notify. Before the handshake is done, on a broken stream, with
     * `httpsCompatible`, and when another task is stuck in sending, the transport is closed only. A client that wants to end cleanly without
     * data calls [doHandshake] first.
     *
     * *Errors:* what closing the transport throws. It is closed all the same.
     *
     * *Cancellation:* closes forcefully instead, and is thrown after it.
     *
     * *Thread-safety:* any coroutine, any number of times.
     */
    override suspend fun close() {
        if (!session.lifecycle.close()) {
            Budget().spend()
            return
        }
        try {
            Budget().spend()
            sendCloseNotify()
        } catch (e: Throwable) {
            abandon()
            throw e
        }
        session.release()
        transport.close()
    }

    override fun closeForcefully() {
        if (!session.lifecycle.isUnwrapped) abandon()
    }

    private fun abandon() {
        session.release()
        transport.closeForcefully()
    }

    override fun toString(): String = "TlsStream($session, $transport)"

    private suspend inline fun receive(step: () -> TlsNeed) {
        session.receiving.enter()
        try {
            receiveBudget.spend()
            session.ensureCanReceive()
            handshake()
            while (true) {
                val fed = session.fed()
                val need = step()
                if (need == TlsNeed.NOTHING) return
                try {
                    meet(need, fed, session.urgentMark())
                } catch (e: IOException) {
                    if (!session.receivesWithout(need)) throw e
                }
            }
        } catch (e: BrokenResourceException) {
            sendAlert()
            throw e
        } finally {
            session.receiving.exit()
        }
    }

    /** Sees to it that there was a handshake, done by this task or another. */
    private suspend fun handshake() {
        while (!session.isHandshaken) {
            if (session.handshakeTurn.tryEnter()) {
                try {
                    session.lifecycle.ensureWhole()
                    doHandshakeInTime()
                } finally {
                    session.handshakeTurn.exit()
                }
            } else {
                session.handshakeTurn.await()
                session.ensureCanReceive()
            }
        }
    }

    private suspend fun doHandshakeInTime() {
        try {
            if (chooser != null && session.isChoosing) {
                doHandshakeInTime(TlsNeed.CHOOSE)
                choose(chooser)
            }
            doHandshakeInTime(TlsNeed.NOTHING)
        } catch (e: BrokenResourceException) {
            sendAlert()
            throw e
        } catch (e: Error) {
            sendAlert()
            throw e
        }
    }

    private suspend fun doHandshakeInTime(goal: TlsNeed) {
        val limit = session.handshakeTimeout()
        if (limit == null) {
            doHandshakeNow(goal)
        } else if (moveOnAfter(limit.toKotlinDuration()) { doHandshakeNow(goal) }) {
            transport.closeForcefully()
            throw session.tooSlow(limit)
        }
    }

    /** Asks the user. Not within the limit of the handshake: the peer cannot do anything about it. */
    private suspend fun choose(chooser: suspend (ClientHello) -> TlsServerConfig?) {
        val hello = session.hello()
        try {
            val config = chooser(hello)
            offLoop { session.choose(hello, config) }
        } catch (e: CancellationException) {
            session.lifecycle.breakBy("the TLS handshake was cut short", e)
            throw e
        } catch (e: Throwable) {
            session.choiceFailed(e)
            sendAlert()
            throw e
        }
    }

    private suspend fun doHandshakeNow(goal: TlsNeed) {
        try {
            takeHandshakeSteps(goal)
        } catch (e: IOException) {
            val told = if (session.mayHearWhy()) hearWhy(e) else e
            session.cutShort("the TLS handshake was cut short", told)
            throw told
        } catch (e: Throwable) {
            session.cutShort("the TLS handshake was cut short", e)
            throw e
        }
    }

    private suspend fun takeHandshakeSteps(goal: TlsNeed) {
        while (true) {
            val fed = session.fed()
            val need = offLoop { session.handshake() }
            if (need == goal) return
            meet(need, fed, session.urgentMark())
        }
    }

    /** Listens to a peer that takes nothing any more: it may have said why, before. */
    private suspend fun hearWhy(sendFailure: IOException): IOException = try {
        moveOnAfter(TlsSession.ALERT_TIME.toKotlinDuration()) { takeHandshakeSteps(TlsNeed.NOTHING) }
        session.whyNot(sendFailure, null)
    } catch (heard: IOException) {
        session.whyNot(sendFailure, heard)
    }

    /** Gives a step what it needs. */
    private suspend fun meet(need: TlsNeed, fed: Long, mark: Long) {
        when (need) {
            TlsNeed.NOTHING, TlsNeed.CHOOSE -> {}
            TlsNeed.SEND -> flush(mark)
            TlsNeed.RECEIVE -> receiveMore(fed)
            TlsNeed.COMPUTE -> compute()
            TlsNeed.TURN -> session.engineTurn.await()
        }
    }

    /** Sees to it that the output is sent so far, by this task or another. */
    private suspend fun flush(mark: Long) {
        while (true) {
            val exits = session.sendTurn.exits()
            if (session.isSent(mark)) return
            if (session.sendTurn.tryEnter()) {
                try {
                    sendOutput()
                } finally {
                    session.sendTurn.exit()
                }
            } else {
                session.sendTurn.exitAfter(exits).await()
            }
        }
    }

    private suspend fun sendOutput() {
        val batch = session.takeOutput() ?: return
        try {
            transport.sendAll(batch)
        } catch (e: Throwable) {
            session.sendFailed(e)
            throw e
        }
        session.sent(batch)
    }

    /** Receives, unless somebody has done so since this task has looked. */
    private suspend fun receiveMore(fed: Long) {
        val exits = session.receiveTurn.exits()
        if (session.receiveTurn.tryEnter()) {
            try {
                if (session.fed() == fed) session.feed(transport.receiveSome(TlsSession.RECEIVE_BYTES))
            } finally {
                session.receiveTurn.exit()
            }
        } else if (session.fed() == fed) {
            session.receiveTurn.exitAfter(exits).await()
        }
    }

    private suspend fun compute() {
        if (session.engineTurn.tryEnter()) {
            try {
                offLoop { session.compute() }
            } finally {
                session.engineTurn.exit()
            }
        } else {
            session.engineTurn.await()
        }
    }

    /** Puts close_notify into the output. An engine that is computing says nothing. */
    private suspend fun closeOutbound(eof: Boolean) {
        while (session.closeOutbound(eof) != TlsNeed.NOTHING) session.engineTurn.await()
    }

    private suspend fun awaitCloseNotify(discard: Boolean) {
        while (true) {
            val fed = session.fed()
            val need = session.awaitCloseNotify(discard)
            if (need == TlsNeed.NOTHING) return
            meet(need, fed, session.urgentMark())
        }
    }

    private suspend fun sendCloseNotify() {
        if (!session.owesCloseNotify()) return
        try {
            closeOutbound(eof = false)
            // If another task is sending, it may be stuck.
            if (!session.sendTurn.tryEnter()) return
            try {
                sendOutput()
            } finally {
                session.sendTurn.exit()
            }
        } catch (_: IOException) {
            // The peer is gone. There is nobody to send close_notify to, and nothing is lost by it.
        }
        val patience = session.closeNotifyReadTimeout()
        if (!patience.isZero && !session.lifecycle.isBroken) {
            try {
                moveOnAfter(patience.toKotlinDuration()) { awaitCloseNotify(discard = true) }
            } catch (_: IOException) {
                // It will not come. It was only waited for to please the peer.
            }
        }
    }

    /** Tries to tell the peer what was wrong with it: for a while, and whatever comes of it. */
    private suspend fun sendAlert() {
        if (!session.hasAlert()) return
        try {
            moveOnAfter(TlsSession.ALERT_TIME.toKotlinDuration()) {
                while (!session.sendTurn.tryEnter()) session.sendTurn.await()
                try {
                    sendOutput()
                } finally {
                    session.sendTurn.exit()
                }
            }
        } catch (_: IOException) {
            // The peer is gone; the failure that the caller gets says why.
        }
    }

    /** How to make one. */
    public companion object {
        /**
         * Wraps a stream as a client.
         *
         * *Errors:* [IllegalArgumentException] when the name is missing, or is no name.
         *
         * @param transport the stream below, owned by the result
         * @param serverHostname who the server has to be: a DNS name, also an international one, or an IP address. It is sent to the server,
         * if it is a name, and looked for in its certificate. Null only if the configuration does not check it
         * @param config how to speak
         * @param initialBytes what was received from the transport already; copied
         * @return a stream that has sent nothing yet
         */
        public fun <T : Stream> wrapClient(
            transport: T,
            serverHostname: String?,
            config: TlsConfig = TlsConfig.DEFAULT,
            initialBytes: ByteArray = ByteArray(0),
        ): TlsStream<T> = TlsStream(transport, TlsSession.client(serverHostname, config, initialBytes))

        /**
         * Wraps a stream as a server.
         *
         * @param transport the stream below, owned by the result
         * @param config how to speak
         * @param initialBytes what was received from the transport already; copied
         * @return a stream that has sent nothing yet
         */
        public fun <T : Stream> wrapServer(transport: T, config: TlsServerConfig, initialBytes: ByteArray = ByteArray(0)): TlsStream<T> =
            TlsStream(transport, TlsSession.server(config, initialBytes))

        /**
         * Wraps a stream as a server that chooses its configuration in the handshake, when the client has said what it wants (spec TLS-N2):
         * another certificate for each name, for instance, which may have to be fetched.
         *
         * The client's hello must be there within 10 seconds and 64 KiB (spec TLS-R4). Choosing may take its time: a client is not blamed for
         * it, and only that connection waits. Then the configuration counts, with its own limit. Until it is chosen the stream is strict:
         * [httpsCompatible] is false.
         *
         * If [chooser] gives null, the client gets the alert `unrecognized_name`, and the stream is broken. What it throws comes out of the
         * operation that needed the handshake, as it is; the client gets the alert `internal_error`, and the stream is broken.
         *
         * @param transport the stream below, owned by the result
         * @param initialBytes what was received from the transport already; copied
         * @param chooser called once, in the handshake. Sessions are resumed within one configuration only, so answer the same name with the
         * same one, until its certificate is renewed
         * @return a stream that has received nothing yet
         */
        public fun <T : Stream> wrapChoosing(
            transport: T,
            initialBytes: ByteArray = ByteArray(0),
            chooser: suspend (ClientHello) -> TlsServerConfig?,
        ): TlsStream<T> = TlsStream(transport, TlsSession.choosing(initialBytes), chooser)
    }
}
