@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.OnHandlerError
import dev.tercet.ServeReport
import dev.tercet.StopSignal
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.ProtocolException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The server with listeners that are not sockets, in virtual time. */
class ServeSpec :
    FunSpec({
        test(
            "IO-SV1 IO-SV3 IO-SV5 IO-SV8 two listeners, six connections side by side, all force-closed; the same list; a cancel closes the listeners",
        ) {
            runTest {
                val listeners = List(2) { FakeListener() }
                var running = 0
                val streams = List(6) { FakeStream() }
                nursery {
                    val started: List<FakeListener> =
                        start { status ->
                            serveListeners(listeners, taskStatus = status) {
                                running++
                                awaitCancellation()
                            }
                        }
                    started shouldBeSameInstanceAs listeners
                    streams.forEachIndexed { i, stream -> listeners[i % 2].offer(stream) }
                    runCurrent()
                    running shouldBe 6
                    listeners.map { it.closed } shouldBe listOf(0, 0)
                    cancelChildren()
                }
                for (stream in streams) stream.forced shouldBe 1
                for (listener in listeners) (listener.closed >= 1).shouldBeTrue()
            }
        }

        test("IO-SV2 no listeners, one twice, and numbers out of range are refused at once, and the listeners are closed") {
            runTest {
                shouldThrow<IllegalArgumentException> { serveListeners(listOf<FakeListener>()) { } }
                val one = FakeListener()
                shouldThrow<IllegalArgumentException> { serveListeners(listOf(one, FakeListener(), one)) { } }.message shouldContain "twice"
                (one.closed >= 1).shouldBeTrue()
                val bad =
                    listOf<suspend (FakeListener) -> Unit>(
                        { serveListeners(listOf(it), maxConnections = 0) { } },
                        { serveListeners(listOf(it), maxConnections = -3) { } },
                        { serveListeners(listOf(it), drain = (-1).seconds) { } },
                    )
                for (call in bad) {
                    val listener = FakeListener()
                    shouldThrow<IllegalArgumentException> { call(listener) }
                    (listener.closed >= 1).shouldBeTrue()
                }
            }
        }

        test("IO-SV3 the stream is closed forcefully whether the handler returned, threw or was cancelled") {
            runTest {
                val listener = FakeListener()
                val streams = List(3) { FakeStream() }
                nursery {
                    startSoon {
                        serveListeners(listOf(listener), onHandlerError = OnHandlerError.LOG) {
                            when (it) {
                                streams[0] -> Unit
                                streams[1] -> throw IOException("handler")
                                else -> awaitCancellation()
                            }
                        }
                    }
                    streams.forEach { listener.offer(it) }
                    runCurrent()
                    streams.map { it.forced > 0 } shouldBe listOf(true, true, false)
                    cancelChildren()
                }
                (streams[2].forced > 0).shouldBeTrue()
            }
        }

        test("IO-SV4 IO-SV11 a handler's exception stops the server and comes out as the same object; the other handlers are cancelled") {
            for (failure in listOf(
                IOException("handler"),
                IllegalStateException("handler"),
                AssertionError("handler"),
                NoSuchElementException(),
            )) {
                runTest {
                    val listener = FakeListener()
                    var cancelled = false
                    val first = FakeStream()
                    val second = FakeStream()
                    listener.offer(first)
                    listener.offer(second)
                    val thrown =
                        shouldThrow<Throwable> {
                            serveListeners(listOf(listener)) {
                                if (it === second) throw failure
                                try {
                                    awaitCancellation()
                                } finally {
                                    cancelled = true
                                }
                            }
                        }
                    thrown shouldBeSameInstanceAs failure
                    cancelled shouldBe true
                    listOf(first, second).map { it.forced > 0 } shouldBe listOf(true, true)
                    (listener.closed > 0).shouldBeTrue()
                }
            }
        }

        test("IO-SV11 of several failures the first is thrown bare and the others are suppressed in it") {
            runTest {
                val listener = FakeListener()
                val first = IOException("first")
                val later = List(2) { IllegalStateException("later $it") }
                repeat(3) { listener.offer(FakeStream(it)) }
                val thrown =
                    shouldThrow<IOException> {
                        serveListeners(listOf(listener)) {
                            try {
                                if (it.number == 0) delay(5.milliseconds) else awaitCancellation()
                            } catch (cut: CancellationException) {
                                throw later[it.number - 1]
                            }
                            throw first
                        }
                    }
                thrown shouldBeSameInstanceAs first
                thrown.suppressed.toSet() shouldBe later.toSet()
            }
        }

        test("IO-SV4 onHandlerError decides: return goes on, throw stops; it never sees a cancel") {
            runTest {
                val listener = FakeListener()
                val seen = CopyOnWriteArrayList<Throwable>()
                val stop = IllegalStateException("enough")
                val serving =
                    async {
                        runCatching {
                            serveListeners(
                                listOf(listener),
                                onHandlerError = { failure, peer ->
                                    peer shouldBe null
                                    seen += failure
                                    if (seen.size == 4) throw stop
                                },
                            ) {
                                when (it.number) {
                                    100 -> awaitCancellation()
                                    200 -> throw CancellationException("of its own")
                                    else -> throw IOException("${it.number}")
                                }
                            }
                        }
                    }
                for (number in listOf(100, 200, 1, 2, 3)) listener.offer(FakeStream(number))
                serving.await().exceptionOrNull() shouldBeSameInstanceAs stop
                // A CancellationException of the handler's own is a failure like any other.
                seen.map { it.message } shouldBe listOf("a CancellationException was thrown, but nobody cancelled this task", "1", "2", "3")
                seen.first().cause?.message shouldBe "of its own"
            }
        }

        test("IO-SV4 what a peer broke is logged at DEBUG, counted as failed, and the server goes on; nothing else is") {
            runTest {
                val log = capture("dev.tercet.serve") {
                    val listener = FakeListener()
                    val stop = StopSignal()
                    val serving =
                        async {
                            serveListeners(listOf(listener), stop = stop) {
                                val broken = BrokenResourceException("reset", null)
                                broken.addSuppressed(BrokenResourceException("reset again", null))
                                throw broken
                            }
                        }
                    repeat(2) { listener.offer(FakeStream(it)) }
                    runCurrent()
                    listener.accepting shouldBe true
                    stop.stop()
                    serving.await() shouldBe ServeReport(2, 0, 2, 0)
                }
                log.map { "${it.level} ${it.message}" } shouldBe
                    List(2) { "FINE a connection ended: dev.tercet.BrokenResourceException: reset" }

                val hiding = BrokenResourceException("reset", null).apply { addSuppressed(IllegalStateException("a bug")) }
                val reset = BrokenResourceException("reset", null)
                for ((failure, policy) in listOf(
                    IOException("disk") to OnHandlerError.PROPAGATE_OWN,
                    hiding to OnHandlerError.PROPAGATE_OWN,
                    reset to OnHandlerError.PROPAGATE,
                )) {
                    val listener = FakeListener()
                    val serving = async { runCatching { serveListeners(listOf(listener), onHandlerError = policy) { throw failure } } }
                    listener.offer(FakeStream())
                    serving.await().exceptionOrNull() shouldBeSameInstanceAs failure
                }
            }
        }

        test("IO-SV4 LOG: a peer's failure in one line at WARNING, a bug with its stack at SEVERE, and the server goes on") {
            runTest {
                val log = capture("dev.tercet.serve") {
                    val listener = FakeListener()
                    nursery {
                        startSoon {
                            serveListeners(listOf(listener), onHandlerError = OnHandlerError.LOG) {
                                throw if (it.number == 0) IOException("peer") else IllegalStateException("bug")
                            }
                        }
                        repeat(2) { listener.offer(FakeStream(it)) }
                        runCurrent()
                        listener.accepting shouldBe true
                        cancelChildren()
                    }
                }
                log.map { it.level to (it.thrown?.message) } shouldBe listOf(Level.WARNING to null, Level.SEVERE to "bug")
            }
        }

        test("IO-SV4 LOG: a failure whose own methods throw ends neither the server nor the other handlers") {
            class Mute : RuntimeException() {
                override val cause: Throwable? get() = throw IllegalStateException("cause")

                override fun toString(): String = throw IllegalStateException("toString")
            }
            runTest {
                val log = capture("dev.tercet.serve") {
                    val listener = FakeListener()
                    nursery {
                        startSoon {
                            serveListeners(listOf(listener), onHandlerError = OnHandlerError.LOG) {
                                if (it.number == 0) throw Mute() else awaitCancellation()
                            }
                        }
                        val streams = List(2) { FakeStream(it) }
                        streams.forEach { listener.offer(it) }
                        runCurrent()
                        listener.accepting shouldBe true
                        streams.map { it.forced > 0 } shouldBe listOf(true, false)
                        cancelChildren()
                    }
                }
                log.map { it.level } shouldBe listOf(Level.SEVERE)
            }
        }

        test("IO-SV5 every listener is closed even if closing one fails; that failure is not lost") {
            runTest {
                val failure = IOException("close")
                val listeners = listOf(FakeListener(closeFailure = failure), FakeListener(), FakeListener(closeFailure = failure))
                val boom = ProtocolException("boom")
                listeners[1].offerFailure(boom)
                shouldThrow<IOException> { serveListeners(listeners) { } } shouldBeSameInstanceAs boom
                listeners.map { it.closed > 0 } shouldBe listOf(true, true, true)
                boom.suppressed.toSet() shouldContain failure

                // A listener whose accept and close throw the same object.
                val same = ProtocolException("same")
                val listener = FakeListener(closeFailure = same).apply { offerFailure(same) }
                val other = FakeListener()
                shouldThrow<IOException> { serveListeners(listOf(listener, other)) { } } shouldBeSameInstanceAs same
                (other.closed > 0).shouldBeTrue()
            }
        }

        test("IO-SV5 when the server ends its listeners are closed at once, not when the last handler has cleaned up") {
            runTest {
                val listener = FakeListener()
                listener.offer(FakeStream(0))
                listener.offer(FakeStream(1))
                val serving =
                    async {
                        runCatching {
                            serveListeners(listOf(listener)) {
                                if (it.number == 1) throw IOException("end")
                                try {
                                    awaitCancellation()
                                } finally {
                                    withContext(NonCancellable) { delay(10.seconds) }
                                }
                            }
                        }
                    }
                advanceTimeBy(1.seconds)
                serving.isActive shouldBe true
                (listener.closed > 0).shouldBeTrue()
                serving.await().exceptionOrNull()?.message shouldBe "end"
                currentTime shouldBe 10_000
            }
        }

        test(
            "IO-SV6 IO-SL7 out of descriptors for ever: 10 tries in 950 ms, each logged with its exception; other listeners do not notice",
        ) {
            for (text in listOf(
                "Too many open files",
                "Too many open files in system",
                "No buffer space available",
                "Cannot allocate memory",
            )) {
                runTest {
                    val full = FakeListener(always = IOException(text))
                    val good = FakeListener()
                    var handled = 0
                    val log = capture("dev.tercet.serve") {
                        val serving = launch { serveListeners(listOf(full, good)) { handled++ } }
                        repeat(5) {
                            advanceTimeBy(190.milliseconds)
                            good.offer(FakeStream())
                            runCurrent()
                        }
                        full.tries shouldBe 10
                        currentTime shouldBe 950
                        serving.cancelAndJoin()
                        currentTime shouldBe 950
                    }
                    handled shouldBe 5
                    log shouldHaveSize 10
                    for (record in log) {
                        record.level shouldBe Level.SEVERE
                        record.message shouldContain text
                        record.message shouldContain "retrying in 0.1 seconds"
                        (record.thrown is IOException).shouldBeTrue()
                    }
                }
            }
        }

        test("IO-SV7 any other failure of accept stops the server and comes out as the same object") {
            for (failure in listOf(ProtocolException("boom"), ClosedResourceException("closed"), NoSuchElementException("key"))) {
                runTest {
                    val bad = FakeListener().apply { offerFailure(failure) }
                    val good = FakeListener()
                    val stream = FakeStream()
                    good.offer(stream)
                    shouldThrow<Throwable> { serveListeners(listOf(good, bad)) { awaitCancellation() } } shouldBeSameInstanceAs failure
                    listOf(bad, good).map { it.closed > 0 } shouldBe listOf(true, true)
                    (stream.forced > 0).shouldBeTrue()
                }
            }
        }

        test("IO-SV9 a closed handler nursery is told at once, and the listeners are closed") {
            runTest {
                val closed = CoroutineScope(coroutineContext + Job())
                closed.cancel()
                val listener = FakeListener()
                shouldThrow<IllegalStateException> { serveListeners(listOf(listener), handlerNursery = closed) { } }
                    .message shouldBe "the handler nursery is closed"
                (listener.closed > 0).shouldBeTrue()
            }
        }

        test("IO-SV9 a handler nursery that closes later: the next connection is closed, and the server ends with a clear error") {
            runTest {
                val handlers = CoroutineScope(coroutineContext + Job())
                val listener = FakeListener()
                val serving = async { runCatching { serveListeners(listOf(listener), handlerNursery = handlers) { } } }
                runCurrent()
                handlers.cancel()
                val stream = FakeStream()
                listener.offer(stream)
                serving.await().exceptionOrNull()?.message shouldBe "the handler nursery is closed"
                (stream.forced > 0).shouldBeTrue()
                (listener.closed > 0).shouldBeTrue()
            }
        }

        test("IO-SV4 IO-SV9 handlers in a nursery of the caller's outlive the cancelled server; the failure of one is that nursery's") {
            runTest {
                val handlers = CoroutineScope(coroutineContext + SupervisorJob())
                val listener = FakeListener()
                val stream = FakeStream()
                val serving = launch { serveListeners(listOf(listener), handlerNursery = handlers) { awaitCancellation() } }
                listener.offer(stream)
                runCurrent()
                serving.cancelAndJoin()
                (listener.closed > 0).shouldBeTrue()
                stream.forced shouldBe 0
                handlers.coroutineContext[Job]!!.cancelAndJoin()
                (stream.forced > 0).shouldBeTrue()

                val failure = IOException("handler")
                val again = FakeListener()
                val thrown =
                    shouldThrow<IOException> {
                        nursery {
                            val here = this
                            again.offer(FakeStream())
                            startSoon { serveListeners(listOf(again), handlerNursery = here) { throw failure } }
                        }
                    }
                thrown shouldBeSameInstanceAs failure
                (again.closed > 0).shouldBeTrue()
            }
        }

        test("IO-SV9 IO-C9 a cancel at any moment between accept and the handler loses no connection") {
            val seed = Stress.seed(ServeSpec::class.java)
            val random = Random(seed)
            repeat(Stress.rounds(300, 10_000)) {
                runTest {
                    val listener = FakeListener()
                    val streams = List(8) { FakeStream() }
                    val serving = launch { serveListeners(listOf(listener), maxConnections = 1 + random.nextInt(4)) { yield() } }
                    launch {
                        for (stream in streams) {
                            listener.offer(stream)
                            if (random.nextBoolean()) yield()
                        }
                    }
                    repeat(random.nextInt(12)) { yield() }
                    serving.cancelAndJoin()
                    for (stream in streams) (stream.forced > 0) shouldBe (stream in listener.taken)
                }
            }
        }

        test("IO-SV10 maxConnections is never exceeded, with three listeners; held connections get their turn") {
            runTest {
                val listeners = List(3) { FakeListener() }
                var running = 0
                var most = 0
                var served = 0
                val stop = StopSignal()
                val report =
                    async {
                        serveListeners(listeners, maxConnections = 2, stop = stop, drain = 100.seconds) {
                            most = maxOf(most, ++running)
                            delay(10.milliseconds)
                            running--
                            if (++served == 30) stop.stop()
                        }
                    }
                repeat(30) { listeners[it % 3].offer(FakeStream()) }
                report.await() shouldBe ServeReport(30, 30, 0, 0)
                most shouldBe 2
                // Two at a time, 10 ms each, and no gap.
                currentTime shouldBe 150
            }
        }

        test("IO-SV10 while the server is full it does not accept") {
            runTest {
                val listener = FakeListener()
                repeat(5) { listener.offer(FakeStream()) }
                val serving = launch { serveListeners(listOf(listener), maxConnections = 2) { awaitCancellation() } }
                runCurrent()
                listener.taken shouldHaveSize 2
                serving.cancelAndJoin()
            }
        }

        test("IO-SV2 IO-SV10 a stop closes the listeners at once, drains, cancels those that are left, and returns the counts") {
            runTest {
                val listener = FakeListener()
                val stop = StopSignal()
                val streams = List(4) { FakeStream(it) }
                streams.forEach { listener.offer(it) }
                val serving =
                    async {
                        serveListeners(listOf(listener), onHandlerError = { _, _ -> }, stop = stop, drain = 10.seconds) {
                            when (it.number) {
                                0 -> Unit
                                1 -> throw IOException("failed")
                                2 -> delay(7.seconds)
                                else -> awaitCancellation()
                            }
                        }
                    }
                advanceTimeBy(1.seconds)
                stop.stop()
                runCurrent()
                (listener.closed > 0).shouldBeTrue()
                serving.isActive shouldBe true
                listener.offer(FakeStream(9))
                serving.await() shouldBe ServeReport(4, 2, 1, 1)
                currentTime shouldBe 11_000
                streams.all { it.forced > 0 }.shouldBeTrue()
                listener.taken shouldHaveSize 4
            }
        }

        test(
            "IO-SV10 a connection that accept returns when the stop was given is closed, not served and not counted; so is one that is held",
        ) {
            runTest {
                val stop = StopSignal()
                val listener = FakeListener(onTaken = { if (it.number == 1) stop.stop() })
                val streams = List(3) { FakeStream(it) }
                streams.forEach { listener.offer(it) }
                val served = mutableListOf<Int>()
                serveListeners(listOf(listener), stop = stop, drain = 10.seconds) {
                    served += it.number
                    delay(1.seconds)
                } shouldBe ServeReport(1, 1, 0, 0)
                served shouldBe listOf(0)
                listener.taken shouldBe streams.take(2)
                streams.map { it.forced > 0 } shouldBe listOf(true, true, false)
                currentTime shouldBe 1_000
            }
            runTest {
                val stop = StopSignal()
                val listeners = List(2) { FakeListener() }
                val serving =
                    async {
                        serveListeners(listeners, maxConnections = 1, stop = stop, drain = 10.seconds) {
                            delay(1.seconds)
                            stop.stop()
                        }
                    }
                runCurrent()
                // Both loops wait in accept, so both take one; there is room for one.
                for (listener in listeners) listener.offer(FakeStream())
                serving.await() shouldBe ServeReport(1, 1, 0, 0)
                listeners.map { it.taken.single().forced > 0 } shouldBe listOf(true, true)
            }
        }

        test("IO-SV3 IO-SV4 onHandlerError is called when the handler's stream is closed") {
            runTest {
                val listener = FakeListener()
                val stream = FakeStream()
                listener.offer(stream)
                val stop = IllegalStateException("stop")
                var closed = 0
                shouldThrow<IllegalStateException> {
                    serveListeners(
                        listOf(listener),
                        onHandlerError = { _, _ ->
                            closed = stream.forced
                            throw stop
                        },
                    ) { throw IOException("bad peer") }
                } shouldBeSameInstanceAs stop
                closed shouldBe 1
            }
        }

        test("IO-SV4 a handler that uses withTimeout of kotlinx fails, and is not cancelled without a word") {
            runTest {
                val stop = StopSignal()
                val listener = FakeListener()
                listener.offer(FakeStream())
                val failures = mutableListOf<Throwable>()
                val serving =
                    async {
                        serveListeners(listOf(listener), onHandlerError = { e, _ -> failures += e }, stop = stop) {
                            withTimeout(10) { awaitCancellation() }
                        }
                    }
                delay(20)
                stop.stop()
                serving.await() shouldBe ServeReport(1, 0, 1, 0)
                (failures.single().cause is TimeoutCancellationException).shouldBeTrue()
                // By default it stops the server.
                val other = FakeListener()
                other.offer(FakeStream())
                shouldThrow<IllegalStateException> { serveListeners(listOf(other)) { withTimeout(10) { awaitCancellation() } } }
            }
        }

        test("IO-SV10 a handler counts by what it did: cancelled and returned is finished, cancelled and threw is failed") {
            runTest {
                val stop = StopSignal()
                val listener = FakeListener()
                repeat(4) { listener.offer(FakeStream(it)) }
                val failures = mutableListOf<String?>()
                val serving =
                    async {
                        serveListeners(listOf(listener), onHandlerError = { e, _ -> failures += e.message }, stop = stop) {
                            try {
                                awaitCancellation()
                            } catch (cut: CancellationException) {
                                when (it.number) {
                                    0 -> return@serveListeners
                                    1 -> throw IOException("cleanup")
                                    2 -> throw CancellationException("of its own")
                                    else -> throw cut
                                }
                            }
                        }
                    }
                runCurrent()
                stop.stop()
                serving.await() shouldBe ServeReport(4, 1, 1, 2)
                failures shouldBe listOf("cleanup")
            }
        }

        test("IO-SV10 a stop that was given before the start ends the server at once; no drain time means none") {
            runTest {
                val stop = StopSignal().apply { stop() }
                val listener = FakeListener()
                serveListeners(listOf(listener), stop = stop) { } shouldBe ServeReport(0, 0, 0, 0)
                (listener.closed > 0).shouldBeTrue()

                val later = StopSignal()
                val other = FakeListener()
                other.offer(FakeStream())
                val serving = async { serveListeners(listOf(other), stop = later, drain = Duration.ZERO) { awaitCancellation() } }
                runCurrent()
                later.stop()
                serving.await() shouldBe ServeReport(1, 0, 0, 1)
                currentTime shouldBe 0
            }
        }

        test("IO-SV10 handlers that end during an endless drain end it; a failure during the drain stops the server") {
            runTest {
                val stop = StopSignal()
                val listener = FakeListener()
                listener.offer(FakeStream())
                val serving =
                    async { serveListeners(listOf(listener), stop = stop, drain = Duration.INFINITE) { delay(100.seconds) } }
                runCurrent()
                stop.stop()
                serving.await() shouldBe ServeReport(1, 1, 0, 0)
                currentTime shouldBe 100_000
            }
            runTest {
                val stop = StopSignal()
                val listener = FakeListener()
                listener.offer(FakeStream())
                val failure = IOException("late")
                supervisorScope {
                    val serving =
                        async {
                            runCatching {
                                serveListeners(listOf(listener), stop = stop, drain = 10.seconds) {
                                    delay(1.seconds)
                                    throw failure
                                }
                            }
                        }
                    runCurrent()
                    stop.stop()
                    serving.await().exceptionOrNull() shouldBeSameInstanceAs failure
                }
            }
        }

        test("IO-SV8 a taskStatus that throws stops the server, and the listeners are closed") {
            runTest {
                val listener = FakeListener()
                shouldThrow<IllegalStateException> {
                    serveListeners(listOf(listener), taskStatus = { error("started twice") }) { }
                }.message shouldBe "started twice"
                (listener.closed > 0).shouldBeTrue()
            }
        }
    }) {
    private class FakeStream(val number: Int = 0) : AsyncResource {
        var forced = 0

        override suspend fun close() = closeForcefully()

        override fun closeForcefully() {
            forced++
        }
    }

    private class FakeListener(
        private val always: IOException? = null,
        private val closeFailure: IOException? = null,
        private val onTaken: (FakeStream) -> Unit = {},
    ) : Listener<FakeStream> {
        private val queue = Channel<Any>(Channel.UNLIMITED)
        val taken = mutableListOf<FakeStream>()
        var tries = 0
        var closed = 0
        var accepting = false

        fun offer(stream: FakeStream) = queue.trySend(stream)

        fun offerFailure(failure: Throwable) = queue.trySend(failure)

        override suspend fun accept(): FakeStream {
            tries++
            if (always != null) throw always
            // A wait, and then no suspension: as sockets do it.
            accepting = true
            while (queue.isEmpty) delay(1.milliseconds)
            accepting = false
            val next = queue.tryReceive().getOrThrow()
            if (next is Throwable) throw next
            return (next as FakeStream).also {
                taken += it
                onTaken(it)
            }
        }

        override suspend fun close() {
            closed++
            if (closeFailure != null) throw closeFailure
        }

        override fun closeForcefully() {
            closed++
        }
    }

    private companion object {
        suspend fun TestScope.capture(name: String, body: suspend TestScope.() -> Unit): List<LogRecord> {
            val logger = Logger.getLogger(name)
            val records = CopyOnWriteArrayList<LogRecord>()
            val handler =
                object : Handler() {
                    override fun publish(record: LogRecord) {
                        records += record
                    }

                    override fun flush() = Unit

                    override fun close() = Unit
                }
            logger.addHandler(handler)
            logger.useParentHandlers = false
            logger.level = Level.ALL
            try {
                body()
            } finally {
                logger.removeHandler(handler)
                logger.useParentHandlers = true
                logger.level = null
            }
            return records
        }
    }
}
