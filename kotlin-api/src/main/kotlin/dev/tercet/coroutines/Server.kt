package dev.tercet.coroutines

import dev.tercet.ServeReport
import dev.tercet.coroutines.internal.await
import dev.tercet.coroutines.internal.dispatcher
import dev.tercet.coroutines.internal.launchSurely
import dev.tercet.coroutines.internal.notCancelled
import dev.tercet.coroutines.internal.original
import dev.tercet.internal.nio.AcceptErrors
import dev.tercet.internal.nio.AcceptPause
import dev.tercet.internal.serve.Connections
import dev.tercet.internal.serve.Drain
import dev.tercet.internal.serve.Ending
import dev.tercet.internal.serve.IdleSweep
import dev.tercet.internal.serve.ServeEvents
import dev.tercet.internal.serve.ServeTerms
import dev.tercet.internal.text.Durations
import dev.tercet.internal.wait.Latch
import dev.tercet.proto.serve.IdleCount
import dev.tercet.proto.serve.ServeMachine
import dev.tercet.proto.serve.ServeMachine.Admission
import dev.tercet.proto.serve.ServeMachine.Outcome
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.IOException
import java.io.UncheckedIOException
import java.net.SocketAddress
import java.time.Duration
import java.util.Collections
import java.util.IdentityHashMap
import java.util.concurrent.ConcurrentHashMap
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/*
 * The driver of a server; ServeMachine decides.
 *
 * The problem. A connection must have an owner at every moment. Between accept and the handler there is a moment in which neither the accept
 * loop nor the handler owns it, and a coroutine that is cancelled before its first dispatch never runs: its `finally` is no help.
 *
 * The strategy. Nothing suspends between accept and launch, and it is the completion of the handler's job, which comes in any case, that
 * closes the connection: handler returned, threw, was cancelled, or never began. Where the launch itself is refused, because the nursery of
 * the caller has ended, the connection is closed here and the server fails.
 *
 * Stopping is not cancelling. The stop signal ends the accept loops and closes the listeners; the handlers go on for the drain time. When all
 * listeners have come to their own end, the server waits for the handlers as long as it takes.
 */
internal class Server<S : AsyncResource>(
    private val listeners: List<Listener<S>>,
    private val terms: ServeTerms<CoroutineScope>,
    private val handler: suspend (S) -> Unit,
    /** Whose connection it is; null when that is not known. */
    private val peerOf: (S) -> SocketAddress? = { socketOf(it)?.remoteAddress },
    /** How to count what has moved on a connection that has no socket of its own; null when it has one. */
    private val movedOn: ((S) -> Long)? = null,
) {
    /** What is below 1 is refused by [serve], which then closes the listeners. */
    private val connections = Connections(terms.maxConnections().coerceAtLeast(1), listeners.size)

    /** The handlers that run, and what is known of their traffic. */
    private val handlers: MutableMap<Job, Connection<S>> = ConcurrentHashMap()

    private class Connection<S : AsyncResource>(listener: Listener<S>, val stream: S, val peer: SocketAddress?) {
        /** What it goes over; looked up now, as the peer is, since a handler may take the stream's transport away. */
        val socket: SocketStream? = socketOf(stream)

        /** Made and used by the one that looks for idle connections, if there is one. */
        private var idle: IdleCount? = null

        /** In a recording. */
        val event: Any? = ServeEvents.begin(listener, peer)

        @Volatile
        var outcome = Outcome.CANCELLED

        fun hasBeenIdle(bytes: Long) = (idle ?: IdleCount().also { idle = it }).isIdle(bytes)
    }

    private fun checkListeners() {
        require(listeners.isNotEmpty()) { "there are no listeners to serve" }
        val distinct = Collections.newSetFromMap(IdentityHashMap<Any, Boolean>())
        for (listener in listeners) require(distinct.add(listener)) { "a listener was given twice: $listener" }
    }

    /** Serves until stopped. [onServing] runs when the accept loops have begun. */
    suspend fun serve(onServing: () -> Unit): ServeReport {
        try {
            terms.check()
            checkListeners()
            if (terms.handlerNursery()?.coroutineContext?.get(Job)?.isCompleted == true) throw nurseryIsClosed()
            val stopped = Latch()
            terms.stop()?.onStop { stopAccepting(stopped) }.use {
                coroutineScope { serveUntil(stopped, onServing) }
            }
        } catch (failure: Throwable) {
            val original = failure.original()
            closeListeners(original)
            throw original
        }
        return connections.report()
    }

    /** Runs on the thread that gives the signal. */
    private fun stopAccepting(stopped: Latch) {
        connections.stop()
        stopped.open()
    }

    private suspend fun CoroutineScope.serveUntil(stopped: Latch, onServing: () -> Unit) {
        val here = this
        val accepting =
            launch(CoroutineName("serve ${listeners.first()}")) {
                // Surely, and with `use`: a listener is closed as soon as nobody accepts, and not only when the last handler has ended.
                for (listener in listeners) {
                    launchSurely(CoroutineName("accept $listener")) {
                        if (acceptToTheEnd(listener, here) && connections.listenerEnded()) stopped.open()
                    }
                }
            }
        val sweeping = terms.idleTimeout()?.let { sweep(it) }
        onServing()
        stopped.await()
        accepting.cancel()
        accepting.join()
        // Again: in the cancelled accept loops it may have been cut short.
        closeListeners(null)
        val drain = Drain(connections, terms.drain()) {
            for ((job, connection) in handlers) {
                ServeEvents.cancelled(connection.event, "the drain time is over")
                job.cancel(CancellationException("the drain time of the server is over"))
            }
        }
        Driver().run(drain)
        sweeping?.cancel()
    }

    /** In a scope of its own, so that every listener is closed whatever happens to the others. */
    private suspend fun closeListeners(failure: Throwable?) {
        var first = failure
        withContext(NonCancellable) {
            for (listener in listeners) {
                try {
                    listener.close()
                } catch (e: Throwable) {
                    val earlier = first
                    if (earlier == null) {
                        first = e
                    } else if (e !== earlier) {
                        earlier.addSuppressed(e)
                    }
                }
            }
        }
        if (failure == null) first?.let { throw it }
    }

    /** Returns whether the listener has come to its own end. */
    private suspend fun acceptToTheEnd(listener: Listener<S>, handlers: CoroutineScope): Boolean {
        try {
            listener.use { handlers.acceptLoop(it) }
        } catch (e: IOException) {
            if (listener is Ending && listener.hasEnded()) return true
            throw e
        }
        return false
    }

    /** Returns only when the server was stopped while a connection came in. */
    private suspend fun CoroutineScope.acceptLoop(listener: Listener<S>) {
        val errors = AcceptErrors()
        while (true) {
            while (!connections.hasRoom()) connections.room().await()
            val stream =
                try {
                    listener.accept()
                } catch (e: IOException) {
                    if (!errors.mayPass(e)) throw e
                    pause(listener, e)
                    continue
                } catch (e: UncheckedIOException) {
                    pause(listener, e)
                    continue
                } catch (e: OutOfMemoryError) {
                    // The event loop could not start.
                    pause(listener, e)
                    continue
                }
            errors.succeeded()
            if (!begin(stream)) return
            launchHandler(listener, stream)
        }
    }

    private suspend fun pause(listener: Listener<S>, failure: Throwable) {
        Connections.logPause(listener, failure)
        Driver().run(AcceptPause(listener, failure, ServeMachine.ACCEPT_BACKOFF_NANOS))
    }

    /** Returns false when the server was stopped; the connection is closed then. Suspends only to hold a connection. */
    private suspend fun begin(stream: S): Boolean {
        var admission = Admission.HOLD
        try {
            admission = connections.begin()
            while (admission == Admission.HOLD) {
                // The loop of another listener was faster: this connection waits for a place, and belongs to us until then.
                connections.room().await()
                admission = connections.begin()
            }
        } finally {
            if (admission != Admission.BEGUN) stream.closeForcefully()
        }
        return admission == Admission.BEGUN
    }

    private fun CoroutineScope.launchHandler(listener: Listener<S>, stream: S) {
        val connection = Connection(listener, stream, peerOf(stream))
        val scope = terms.handlerNursery() ?: this
        val job = scope.launchSurely(name(connection) + home(connection)) { handle(connection) }
        if (job == null) {
            stream.closeForcefully()
            ServeEvents.end(connection.event, Outcome.CANCELLED)
            connections.ended(Outcome.CANCELLED)
            throw nurseryIsClosed()
        }
        handlers[job] = connection
        job.invokeOnCompletion {
            try {
                stream.closeForcefully()
            } finally {
                handlers.remove(job)
                ServeEvents.end(connection.event, connection.outcome)
                connections.ended(connection.outcome)
            }
        }
    }

    /** Inline, as launching is, since each frame of a handler that waits is memory of an idle connection. */
    private suspend inline fun handle(connection: Connection<S>) {
        try {
            handler(connection.stream)
            connection.outcome = Outcome.FINISHED
        } catch (failure: Throwable) {
            if (failure is CancellationException) currentCoroutineContext().ensureActive()
            connection.outcome = Outcome.FAILED
            ServeEvents.failed(connection.event, failure)
            connection.stream.closeForcefully()
            terms.onHandlerError().onError(
                if (failure is CancellationException) notCancelled(failure) else failure.original(),
                connection.peer,
            )
        }
    }

    /** The dispatcher of the connection's own loop, if it is one of those that the program was given. A nursery of the caller's has its own. */
    private fun CoroutineScope.home(connection: Connection<S>): CoroutineContext {
        if (terms.handlerNursery() != null) return EmptyCoroutineContext
        val loop = connection.socket?.socket?.inner?.loop() ?: return EmptyCoroutineContext
        return if (programLoops(coroutineContext)?.contains(loop) == true) loop.dispatcher else EmptyCoroutineContext
    }

    private fun nurseryIsClosed() = IllegalStateException("the handler nursery is closed")

    private fun name(connection: Connection<S>) = CoroutineName("handler of ${connection.peer ?: connection.stream}")

    private fun moved(connection: Connection<S>): Long {
        movedOn?.let { return it(connection.stream) }
        val socket = checkNotNull(connection.socket)
        return socket.bytesReceived + socket.bytesSent
    }

    private fun CoroutineScope.sweep(idleTimeout: Duration) = launch(CoroutineName("idle connections")) {
        Driver().run(IdleSweep(idleTimeout) { cancelIdle(idleTimeout) })
    }

    private fun cancelIdle(idleTimeout: Duration) {
        for ((job, connection) in handlers) {
            if (connection.hasBeenIdle(moved(connection))) {
                ServeEvents.cancelled(connection.event, "idle")
                job.cancel(CancellationException("nothing has moved for ${Durations.text(idleTimeout)} on ${connection.stream}"))
            }
        }
    }
}
