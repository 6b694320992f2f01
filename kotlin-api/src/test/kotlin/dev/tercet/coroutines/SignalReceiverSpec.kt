package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.PosixSignal
import dev.tercet.PosixSignal.HUP
import dev.tercet.PosixSignal.INT
import dev.tercet.PosixSignal.TERM
import dev.tercet.PosixSignal.USR2
import dev.tercet.PosixSignal.WINCH
import dev.tercet.internal.signal.SignalRegistry
import dev.tercet.internal.signal.SignalSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.seconds

class SignalReceiverSpec :
    FunSpec({
        test("SIG-S1 receive takes one signal at a time, receiveBatch all that have come, the oldest first") {
            runTest {
                val source = FakeSignals()
                source.registry.withSignals(arrayOf(HUP, INT, TERM)) { signals ->
                    source.raise(TERM, HUP, INT)
                    signals.receive() shouldBe TERM
                    signals.receiveBatch().toList().shouldContainExactly(HUP, INT)
                }
                source.redelivered.shouldBeEmpty()
            }
        }

        test("SIG-S19 stopOnSignals gives the stop signal once, and then signals do what they did") {
            runTest {
                val source = FakeSignals()
                source.registry.stopOnSignals(emptyArray()) { stop ->
                    source.raise(TERM)
                    stop.await()
                    stop.await()
                    "stopped ${stop.isStopped}"
                } shouldBe "stopped true"
                source.redelivered.shouldBeEmpty()
                source.registry.stopOnSignals(arrayOf(HUP)) { "done" } shouldBe "done"
            }
        }

        test("SIG-S1 both wait for a signal that has not come yet") {
            runTest {
                val source = FakeSignals()
                source.registry.withSignals(arrayOf(HUP, INT)) { signals ->
                    nursery {
                        startSoon { delay(1.seconds).also { source.raise(INT) } }
                        startSoon { delay(2.seconds).also { source.raise(HUP, INT) } }
                        signals.receive() shouldBe INT
                        signals.receiveBatch().toList().shouldContainExactly(HUP, INT)
                    }
                }
            }
        }

        test("SIG-S2 SIG-S3 a signal is reported once per reading, and two that keep coming take turns; asFlow gives them one by one") {
            runTest {
                val source = FakeSignals()
                source.registry.withSignals(arrayOf(HUP, WINCH)) { signals ->
                    source.raise(HUP, HUP, WINCH, HUP)
                    signals.asFlow().take(2).toList().shouldContainExactly(HUP, WINCH)
                    val order =
                        List(4) {
                            source.raise(HUP, WINCH)
                            signals.receive()
                        }
                    order.shouldContainExactly(HUP, WINCH, HUP, WINCH)
                    signals.receiveBatch()
                    moveOnAfter(1.seconds) { signals.receive() } shouldBe true
                }
            }
        }

        test("SIG-S4 SIG-S5 without a signal it is an error; duplicates are harmless") {
            runTest {
                val source = FakeSignals()
                shouldThrow<IllegalArgumentException> { source.registry.withSignals(arrayOf()) { error("ran") } }
                shouldThrow<IllegalArgumentException> { withSignals { error("ran") } }
                source.registry.withSignals(arrayOf(HUP, HUP)) { signals ->
                    source.raise(HUP)
                    signals.receiveBatch().toList().shouldContainExactly(HUP)
                }
                source.handler(HUP) shouldBeSameInstanceAs FakeSignals.DEFAULT
            }
        }

        test("SIG-S6 the previous handlers are back after the block, its failure, its cancel, and a refused signal") {
            runTest {
                val source = FakeSignals()
                val previous = Runnable { }
                source.install(HUP, previous)
                source.registry.withSignals(arrayOf(HUP)) { source.handler(HUP) == previous } shouldBe false
                source.handler(HUP) shouldBeSameInstanceAs previous

                val failure = IOException("mine")
                shouldThrow<IOException> {
                    source.registry.withSignals(arrayOf(HUP)) { yield().also { throw failure } }
                } shouldBeSameInstanceAs
                    failure
                source.handler(HUP) shouldBeSameInstanceAs previous

                moveOnAfter(1.seconds) { source.registry.withSignals(arrayOf(HUP)) { awaitCancellation() } } shouldBe true
                source.handler(HUP) shouldBeSameInstanceAs previous

                shouldThrow<IllegalArgumentException> { source.registry.withSignals(arrayOf(HUP, USR2)) { error("ran") } }
                source.handler(HUP) shouldBeSameInstanceAs previous
            }
        }

        test("SIG-S7 a second coroutine that receives gets Busy, and the first one its signal") {
            runTest {
                val source = FakeSignals()
                source.registry.withSignals(arrayOf(HUP)) { signals ->
                    nursery {
                        var got: PosixSignal? = null
                        val first = startSoon { got = signals.receive() }
                        yield()
                        shouldThrow<BusyResourceException> { signals.receive() }
                        shouldThrow<BusyResourceException> { signals.receiveBatch() }
                        source.raise(HUP)
                        first.join()
                        got shouldBe HUP
                    }
                }
            }
        }

        test("SIG-S8 reading after the block is an error, also for a coroutine that was waiting") {
            runTest {
                val source = FakeSignals()
                lateinit var leaked: SignalReceiver
                nursery {
                    source.registry.withSignals(arrayOf(HUP)) { signals ->
                        leaked = signals
                        startSoon { shouldThrow<ClosedResourceException> { signals.receive() } }
                        yield()
                    }
                }
                shouldThrow<ClosedResourceException> { leaked.receive() }
                shouldThrow<ClosedResourceException> { leaked.receiveBatch() }
                shouldThrow<ClosedResourceException> { leaked.asFlow().toList() }
            }
        }

        test("SIG-S9 what was not read goes to the restored handler once; a cancelled receive takes nothing") {
            runTest {
                val source = FakeSignals()
                val seen = mutableListOf<PosixSignal>()
                for (signal in listOf(HUP, INT)) source.install(signal, Runnable { seen += signal })
                source.registry.withSignals(arrayOf(HUP, INT)) { signals ->
                    source.raise(HUP, INT, HUP)
                    launch {
                        currentCoroutineContext().job.cancel()
                        signals.receive()
                    }.join()
                }
                seen.shouldContainExactly(HUP, INT)
            }
        }

        test("SIG-S9 a cancel against an arriving signal on many threads: it is received or passed on, never lost, never both") {
            withContext(Dispatchers.Default) {
                var receivedInAll = 0
                repeat(2_000) {
                    val source = FakeSignals()
                    val passedOn = AtomicInteger()
                    val previous = Runnable { passedOn.incrementAndGet() }
                    source.install(HUP, previous)
                    val received = AtomicInteger()
                    val reader = launch { source.registry.withSignals(arrayOf(HUP)) { it.receive().also { received.incrementAndGet() } } }
                    while (source.handler(HUP) === previous) yield()
                    val raising = launch { source.raise(HUP) }
                    repeat(it % 4) { yield() }
                    reader.cancelAndJoin()
                    raising.join()
                    received.get() + passedOn.get() shouldBe 1
                    receivedInAll += received.get()
                }
                println("SignalReceiverSpec: $receivedInAll of 2000 received, the others passed on")
            }
        }

        test("SIG-S18 a signal of the JVM, raised on itself, is received") {
            withSignals(WINCH) { signals ->
                ProcessBuilder("kill", "-WINCH", ProcessHandle.current().pid().toString()).start()
                signals.receive() shouldBe WINCH
            }
        }
    })

/** Signals without a process: handlers run in place, on the thread that raises. */
private class FakeSignals : SignalSource {
    val registry = SignalRegistry(this)
    val redelivered = ConcurrentLinkedQueue<PosixSignal>()
    private val handlers = ConcurrentHashMap<PosixSignal, Runnable>()

    fun handler(signal: PosixSignal): Runnable = handlers.getOrDefault(signal, DEFAULT)

    fun raise(vararg signals: PosixSignal) = signals.forEach { handler(it).run() }

    override fun check(signal: PosixSignal) = require(signal != USR2) { "not this one" }

    override fun newHandler(onSignal: Runnable): Any = onSignal

    override fun install(signal: PosixSignal, handler: Any): Any = handlers.put(signal, handler as Runnable) ?: DEFAULT

    override fun redeliver(signal: PosixSignal, handler: Any) {
        redelivered += signal
        (handler as Runnable).run()
    }

    companion object {
        val DEFAULT = Runnable { }
    }
}
