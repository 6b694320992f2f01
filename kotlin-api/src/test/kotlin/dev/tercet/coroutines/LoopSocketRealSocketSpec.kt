package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.adapt.asBlocking
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import kotlin.concurrent.thread
import kotlin.random.Random

/** Sockets and their loops, from coroutines. */
class LoopSocketRealSocketSpec :
    FunSpec({
        test("IO-C6 threads, runBlocking, the loop and other dispatchers take turns on one stream: every byte in its place") {
            val seed = Stress.seed(LoopSocketRealSocketSpec::class.java)
            val random = Random(seed)
            EventLoop.open("turns").use { loop ->
                withNetwork(loop.network()) {
                    val (left, right) = socketStreamPair()
                    val total = 200_000
                    val writer =
                        thread {
                            val blocking = right.asBlocking()
                            val own = Random(seed)
                            var sent = 0
                            while (sent < total) {
                                val n = minOf(1 + own.nextInt(64), total - sent)
                                blocking.sendAll(ByteBuffer.wrap(ByteArray(n) { (sent + it).toByte() }))
                                sent += n
                            }
                            blocking.sendEof()
                        }
                    var received = 0
                    val blocking = left.asBlocking()
                    while (true) {
                        val max = 1 + random.nextInt(128)
                        val bytes =
                            when (random.nextInt(4)) {
                                0 -> withContext(Dispatchers.IO) { blocking.receiveSome(max) }
                                1 -> withContext(Dispatchers.IO) { runBlocking { left.receiveSome(max) } }
                                2 -> withContext(loop.dispatcher) { left.receiveSome(max) }
                                else -> left.receiveSome(max)
                            }
                        if (bytes.isEmpty()) break
                        bytes.forEachIndexed { i, byte -> if (byte != (received + i).toByte()) error("byte ${received + i}, seed $seed") }
                        received += bytes.size
                    }
                    received shouldBe total
                    writer.join()
                    left.close()
                    right.close()
                }
            }
        }

        test("IO-K16 the close of a loop ends readers, writers and acceptors of three dispatchers with Closed, and no descriptor is left") {
            val before = descriptors()
            repeat(10) {
                EventLoop.open("other").use { other ->
                    val loop = EventLoop.open("closing", 2)
                    val scope = CoroutineScope(Job())
                    val dispatchers = listOf(loop.dispatcher, Dispatchers.Default, other.dispatcher)
                    val resources = mutableListOf<dev.tercet.coroutines.AsyncResource>()
                    val ends =
                        dispatchers.flatMap { dispatcher ->
                            val listener = withNetwork(loop.network()) { openTcpListeners(0, host = "127.0.0.1").single() }
                            val client = openTcpStream("127.0.0.1", listener.port)
                            val server = listener.accept()
                            resources += listOf(client, server, listener)
                            listOf<suspend () -> Unit>(
                                { server.receiveSome(1) },
                                { while (true) server.sendAll(ByteBuffer.allocateDirect(1 shl 20)) },
                                { listener.accept() },
                            ).map { wait -> scope.async(dispatcher) { runCatching { wait() }.exceptionOrNull() } }
                        }
                    while (loop.statistics().waiters() < ends.size) yield()
                    loop.close()
                    for (end in ends) end.await().shouldBeInstanceOf<ClosedResourceException>()
                    resources.forEach { it.close() }
                }
            }
            descriptors() - before shouldBeLessThan 16
        }

        test("IO-SL10 the port of a listener that was cancelled is free when the cancel has ended, a hundred times") {
            runOnLoop {
                var port = 0
                repeat(100) { round ->
                    val dispatcher = if (round % 2 ==
                        0
                    ) {
                        Dispatchers.Default
                    } else {
                        coroutineContext[kotlin.coroutines.ContinuationInterceptor]!!
                    }
                    val listener = openTcpListeners(port, host = "127.0.0.1").single()
                    port = listener.port
                    val acceptor =
                        launch(dispatcher, CoroutineStart.UNDISPATCHED) {
                            try {
                                listener.accept()
                            } finally {
                                listener.close()
                            }
                        }
                    repeat(round % 4) { yield() }
                    acceptor.cancelAndJoin()
                    ServerSocketChannel.open().use { other ->
                        other.setOption(StandardSocketOptions.SO_REUSEADDR, true)
                        other.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    }
                }
            }
        }

        test("loop: a connect after a wait for writability neither hangs nor spins, on the loop and off it") {
            for (dispatcher in listOf(null, Dispatchers.Default)) {
                EventLoop.open("connecting").use { loop ->
                    withNetwork(loop.network()) {
                        withContext(dispatcher ?: loop.dispatcher) {
                            val listener = openTcpListeners(0, host = "127.0.0.1").single()
                            repeat(50) {
                                val socket = StreamSocket.open(StandardProtocolFamily.INET)
                                socket.waitWritable()
                                socket.connect(listener.localAddress)
                                val server = listener.accept()
                                socket.close()
                                server.close()
                            }
                            listener.close()
                        }
                    }
                    loop.statistics().turns() shouldBeLessThan 5000
                }
            }
        }

        test("IO-K16 a second reader is Busy, and the first has not noticed") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                val first = async(start = CoroutineStart.UNDISPATCHED) { left.receiveSome(1) }
                shouldThrow<BusyResourceException> { left.receiveSome(1) }
                shouldThrow<BusyResourceException> { withContext(Dispatchers.Default) { left.receiveSome(1) } }
                right.sendAll(ByteBuffer.allocate(1))
                first.await().size shouldBe 1
                left.close()
                right.close()
            }
        }

        test("NUR-X26 a stream that is always ready starves neither its siblings on the loop nor its own cancellation") {
            runOnLoop {
                val (left, right) = socketStreamPair()
                val data = ByteBuffer.allocateDirect(1 shl 16)
                val flood = launch(Dispatchers.Default) { while (true) right.sendAll(data.duplicate()) }
                val one = ByteBuffer.allocate(1)
                var received = 0L
                val reader = launch { while (left.receiveSome(one.clear()) == 1) received++ }
                var turns = 0
                while (received < 10_000) {
                    yield()
                    turns++
                }
                withClue("$received bytes, $turns turns of the sibling") { (received / turns < 64) shouldBe true }
                reader.cancelAndJoin()
                flood.cancelAndJoin()
                left.closeForcefully()
                right.closeForcefully()
            }
        }

        test("thread-context elements survive waits of a socket's stream, on the loop and off it") {
            val mdc = ThreadLocal<String?>()
            EventLoop.open("mdc").use { loop ->
                withNetwork(loop.network()) {
                    for (dispatcher in listOf(loop.dispatcher, Dispatchers.Default)) {
                        val (left, right) = socketStreamPair()
                        val reader =
                            async(dispatcher + mdc.asContextElement("mine")) {
                                repeat(200) {
                                    left.receiveSome(1)
                                    mdc.get() shouldBe "mine"
                                }
                            }
                        withContext(dispatcher) {
                            repeat(200) {
                                right.sendAll(ByteBuffer.allocate(1))
                                yield()
                                mdc.get() shouldBe null
                            }
                        }
                        reader.await()
                        left.close()
                        right.close()
                    }
                }
            }
        }
    })
