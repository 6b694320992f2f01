package dev.tercet.coroutines

import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.internal.await
import dev.tercet.internal.loop.Readiness
import dev.tercet.internal.nio.LoopNetwork
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.FutureTask
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.milliseconds

class EventLoopsSpec :
    FunSpec({
        test("runOnLoop runs the block on the loop's thread and returns its result on the caller's") {
            EventLoop.open("entry").use { loop ->
                val caller = Thread.currentThread()
                val seen =
                    runOnLoop(loop) {
                        loop.isLoopThread shouldBe true
                        yield()
                        Thread.currentThread().name
                    }
                seen shouldStartWith "entry"
                Thread.currentThread() shouldBeSameInstanceAs caller
            }
            runOnLoop { EventLoop.shared().isLoopThread } shouldBe true
        }

        test("runOnLoop waits for what the block has launched") {
            var ran = false
            runOnLoop { launch { delay(1.milliseconds).also { ran = true } } }
            ran shouldBe true
        }

        test("runOnLoop throws what the block, or a child of it, throws: the very object") {
            val failure = IOException("mine").apply { addSuppressed(IOException("other")) }
            shouldThrow<IOException> { runOnLoop { throw failure } } shouldBeSameInstanceAs failure
            shouldThrow<IOException> { runOnLoop { yield().also { throw failure } } } shouldBeSameInstanceAs failure
            shouldThrow<IOException> {
                runOnLoop {
                    launch { throw failure }
                    awaitCancellation()
                }
            } shouldBeSameInstanceAs failure
            failure.suppressed shouldHaveSize 1
            shouldThrow<CancellationException> { runOnLoop { throw CancellationException("mine") } }.message shouldBe "mine"
        }

        test("runOnLoop is refused on a loop's thread, its own or another") {
            EventLoop.open("refusing").use { loop ->
                for (target in listOf(loop, EventLoop.shared())) {
                    runOnLoop(loop) { shouldThrow<IllegalStateException> { runOnLoop(target) { } } }.message shouldContain "refusing"
                }
            }
        }

        test("NUR-X31 an interrupt of the caller cancels the block, and is thrown when it has ended") {
            val ended = AtomicReference<String>()
            val began = CountDownLatch(1)
            val flag = AtomicReference<Boolean>()
            val result =
                FutureTask {
                    shouldThrow<InterruptedException> {
                        runOnLoop {
                            try {
                                began.countDown()
                                awaitCancellation()
                            } finally {
                                shielded { repeat(10) { yield() } }
                                ended.set("ended")
                            }
                        }
                    }
                    ended.get() shouldBe "ended"
                    flag.set(Thread.currentThread().isInterrupted)
                }
            val caller = thread { result.run() }
            began.await()
            caller.interrupt()
            result.get()
            flag.get() shouldBe false
        }

        test("NUR-X31 a block that finishes or fails in spite of the interrupt: that comes out, and the flag is set again") {
            for (failure in listOf(null, IOException("mine"))) {
                val began = CountDownLatch(1)
                val interrupted = CompletableDeferred<Unit>()
                val result =
                    FutureTask {
                        try {
                            runOnLoop {
                                try {
                                    began.countDown()
                                    awaitCancellation()
                                } catch (e: CancellationException) {
                                    interrupted.complete(Unit)
                                }
                                failure?.let { throw it }
                                "resource"
                            }
                        } catch (e: IOException) {
                            e
                        }.also { Thread.interrupted() shouldBe true }
                    }
                val caller = thread { result.run() }
                began.await()
                caller.interrupt()
                result.get() shouldBe (failure ?: "resource")
                interrupted.isCompleted shouldBe true
            }
        }

        test("runOnLoop on a closed loop says so") {
            val loop = EventLoop.open("shut").apply { close() }
            shouldThrow<IllegalStateException> { runOnLoop(loop) { error("ran") } }.message shouldContain "shut"
        }

        test("a program and its tasks have names that say where they stand in the source") {
            runOnLoop {
                currentCoroutineContext()[CoroutineName]?.name.orEmpty() shouldStartWith "task EventLoopsSpec"
                nursery { startSoon { currentCoroutineContext()[CoroutineName]?.name.orEmpty() shouldStartWith "task EventLoopsSpec" } }
            }
        }

        test("the dispatcher of a loop with several threads is the current one's, else the next in turn") {
            EventLoop.open("many", 3).use { loop ->
                List(6) { loop.dispatcher }.toSet() shouldHaveSize 3
                withContext(loop.dispatcher) {
                    val mine = Thread.currentThread()
                    repeat(5) { withContext(loop.dispatcher) { yield().also { Thread.currentThread() shouldBeSameInstanceAs mine } } }
                }
            }
            EventLoop.open("one").use { it.dispatcher shouldBeSameInstanceAs it.dispatcher }
        }

        test("delay and timeouts on the dispatcher run on the loop's thread") {
            EventLoop.open("timers").use { loop ->
                withContext(loop.dispatcher) {
                    val mine = Thread.currentThread()
                    val threads = mutableListOf<Thread>()
                    // Without a hop afterwards it is the timer's own thread that goes on.
                    withContext(Dispatchers.Unconfined) { Thread.currentThread() shouldBeSameInstanceAs mine }
                    delay(2.milliseconds).also { threads += Thread.currentThread() }
                    moveOnAfter(2.milliseconds) { awaitCancellation() } shouldBe true
                    threads += Thread.currentThread()
                    withTimeoutOrNull(2.milliseconds) {
                        currentCoroutineContext().job.invokeOnCompletion { threads += Thread.currentThread() }
                        awaitCancellation()
                    }
                    threads.shouldContainExactly(mine, mine, mine)
                }
            }
        }

        test("thread-context elements are there after a wait on the loop, and gone from the thread when others run") {
            EventLoop.open("mdc").use { loop ->
                val mdc = ThreadLocal<String?>()
                for (dispatcher in listOf(loop.dispatcher, Dispatchers.Default)) {
                    withContext(dispatcher) {
                        val pipes = List(2) { LoopPipe(loop) }
                        try {
                            val tasks =
                                pipes.mapIndexed { i, pipe ->
                                    async(mdc.asContextElement("task $i")) {
                                        repeat(100) {
                                            do {
                                                pipe.readable.await()
                                                mdc.get() shouldBe "task $i"
                                            } while (!pipe.read())
                                        }
                                    }
                                }
                            launch {
                                repeat(100) {
                                    pipes.forEach { it.write() }
                                    while (pipes.any { it.unread > 0 }) yield().also { mdc.get() shouldBe null }
                                }
                            }
                            tasks.joinAll()
                            tasks.forEach { it.await() }
                        } finally {
                            pipes.forEach { it.close() }
                        }
                    }
                }
            }
        }

        test("every resumption sets a thread-context element up and takes it down again") {
            EventLoop.open("elements").use { loop ->
                val counting = CountingElement()
                withContext(loop.dispatcher + counting) {
                    LoopPipe(loop).use { pipe ->
                        val reader = launch { repeat(10) { do pipe.readable.await() while (!pipe.read()) } }
                        repeat(10) {
                            pipe.write()
                            while (pipe.unread > 0) yield()
                        }
                        reader.join()
                    }
                }
                // The last take-down happens just after the result is out.
                withContext(loop.dispatcher) { yield() }
                counting.depth shouldBe 0
            }
        }

        test("a coroutine that fails right after a wait on the loop does not harm the loop") {
            EventLoop.open("sturdy").use { loop ->
                val failures = mutableListOf<Throwable>()
                val handler = CoroutineExceptionHandler { _, e -> synchronized(failures) { failures += e } }
                val scope = CoroutineScope(loop.dispatcher + SupervisorJob() + handler)
                val pipe = withContext(loop.dispatcher) { LoopPipe(loop) }
                val failing =
                    scope.launch {
                        pipe.readable.await()
                        throw AssertionError("mine")
                    }
                pipe.write()
                failing.join()
                scope.launch { error("mine too") }.join()
                failures.map { it.message } shouldContainExactly listOf("mine", "mine too")
                withContext(loop.dispatcher) { delay(1.milliseconds) }
                pipe.close()
            }
        }

        test("closing a loop ends the coroutines that wait in its channels with ClosedResourceException") {
            val loop = EventLoop.open("closing")
            val scope = CoroutineScope(Dispatchers.Default)
            val ends =
                listOf(loop.dispatcher, Dispatchers.Default).map { dispatcher ->
                    scope.async(dispatcher) {
                        val pipe = LoopPipe(loop)
                        shouldThrow<ClosedResourceException> {
                            do pipe.readable.await() while (!pipe.read())
                        }
                    }
                }
            while (loop.statistics().waiters() < 2) yield()
            loop.close()
            ends.forEach { it.await() }
        }

        test("what is dispatched to a closed loop is cancelled") {
            val loop = EventLoop.open("closed")
            val dispatcher = loop.dispatcher
            loop.close()
            var ran = false
            val job = CoroutineScope(dispatcher).launch { ran = true }
            job.join()
            job.isCancelled shouldBe true
            ran shouldBe false
        }

        test("a coroutine in delay when its loop closes goes on at its time, on the shared loop, and is cancelled by its next dispatch") {
            // The loop must be closed first: on a machine that is too busy for that, once more with a longer delay.
            var limit = 10.milliseconds
            while (true) {
                val loop = EventLoop.open("closed early")
                val began = CompletableDeferred<Unit>()
                val steps = ConcurrentLinkedQueue<String>()
                val job =
                    CoroutineScope(loop.dispatcher + Job()).launch {
                        began.complete(Unit)
                        delay(limit)
                        steps += Thread.currentThread().name.take("tercet-shared".length)
                        yield()
                        steps += "not reached"
                    }
                began.await()
                loop.close()
                val isClosedFirst = steps.isEmpty()
                job.join()
                if (isClosedFirst) {
                    job.isCancelled shouldBe true
                    steps.shouldContainExactly("tercet-shared")
                    break
                }
                limit *= 2
            }
        }
    })

/** A pipe whose reading end waits on a loop. */
private class LoopPipe(loop: EventLoop) : AutoCloseable {
    private val pipe = Pipe.open().apply { source().configureBlocking(false) }
    private val readiness = Readiness((loop.network() as LoopNetwork).group().currentOrNext(), pipe.source())
    val readable get() = readiness.readable()

    @Volatile
    var unread = 0
        private set

    fun write() {
        unread = 1
        pipe.sink().write(ByteBuffer.allocate(1))
    }

    /** Returns false when woken for nothing: to be woken means "try again". */
    fun read(): Boolean {
        if (readiness.isClosed) throw ClosedResourceException("the pipe is closed")
        if (pipe.source().read(ByteBuffer.allocate(1)) != 1) return false
        unread = 0
        return true
    }

    override fun close() {
        readiness.close()
        pipe.sink().close()
    }
}

/** Counts how often it is set up and not yet taken down. */
private class CountingElement : ThreadContextElement<Unit> {
    @Volatile
    var depth = 0
    override val key: CoroutineContext.Key<*> get() = Key

    override fun updateThreadContext(context: CoroutineContext) {
        depth++
    }

    override fun restoreThreadContext(context: CoroutineContext, oldState: Unit) {
        depth--
    }

    companion object Key : CoroutineContext.Key<CountingElement>
}
