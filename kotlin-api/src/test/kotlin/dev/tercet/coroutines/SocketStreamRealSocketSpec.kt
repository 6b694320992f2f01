package dev.tercet.coroutines

import dev.tercet.BrokenResourceException
import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.fold
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.AlreadyConnectedException
import java.nio.channels.Selector
import java.nio.channels.SocketChannel
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** What a socket stream promises beyond the conformance battery, and the errors word for word. */
class SocketStreamRealSocketSpec :
    FunSpec({
        /** What [body] fails with. */
        suspend fun failing(body: suspend () -> Unit): Throwable = shouldThrow<Throwable> { body() }

        onBoth("IO-E1 IO-A4 IO-S6 after our own close everything is Closed, bytes that had arrived included; IO-R6") { left, right ->
            right.sendAll("unread".buffer())
            letOthersWait()
            left.close()
            repeat(2) {
                shouldThrow<ClosedResourceException> { left.receiveSome(ByteBuffer.allocate(1)) }
                shouldThrow<ClosedResourceException> { left.receiveSome(1) }
                shouldThrow<ClosedResourceException> { left.sendAll("x".buffer()) }
                shouldThrow<ClosedResourceException> { left.sendAll(ByteBuffer.allocate(0)) }
                shouldThrow<ClosedResourceException> { left.waitSendAllMightNotBlock() }
                shouldThrow<ClosedResourceException> { left.sendEof() }
                shouldThrow<ClosedResourceException> { left.socket.send("x".buffer()) }
                shouldThrow<ClosedResourceException> { left.socket.send(ByteBuffer.allocate(0)) }
                shouldThrow<ClosedResourceException> { left.socket.receive(ByteBuffer.allocate(1)) }
                shouldThrow<ClosedResourceException> { left.socket.waitWritable() }
                shouldThrow<ClosedResourceException> { left.socket.shutdown(How.WRITE) }
            }
        }

        onBoth("IO-E7 IO-R3 a wrong argument is told before Closed, before Busy, and before a cancel") { left, _ ->
            shouldThrow<IllegalArgumentException> { left.receiveSome(ByteBuffer.allocate(0)) }
            val receiver = launch(start = CoroutineStart.UNDISPATCHED) { left.receiveText() }
            shouldThrow<IllegalArgumentException> { left.receiveSome(0) }
            receiver.cancelAndJoin()
            left.close()
            for (max in listOf(0, -1, Int.MIN_VALUE)) shouldThrow<IllegalArgumentException> { left.receiveSome(max) }
            shouldThrow<IllegalArgumentException> { left.receiveSome(ByteBuffer.allocate(0)) }
            shouldThrow<IllegalArgumentException> { left.socket.receive(ByteBuffer.allocate(0)) }
            coroutineScope {
                launch {
                    currentCoroutineContext().cancel()
                    shouldThrow<IllegalArgumentException> { left.receiveSome(ByteBuffer.allocate(0)) }
                }
            }
        }

        onBoth("IO-E3 IO-S3 IO-R4 whoever comes second is told Busy, the first is not disturbed") { left, right ->
            left.clog()
            suspend fun allBusy() {
                shouldThrow<BusyResourceException> { left.sendAll("x".buffer()) }
                shouldThrow<BusyResourceException> { left.sendAll(ByteBuffer.allocate(0)) }
                shouldThrow<BusyResourceException> { left.waitSendAllMightNotBlock() }
                shouldThrow<BusyResourceException> { left.sendEof() }
                shouldThrow<BusyResourceException> { left.socket.send("x".buffer()) }
                shouldThrow<BusyResourceException> { left.socket.waitWritable() }
            }
            val firsts =
                listOf<suspend () -> Unit>({
                    left.sendAll("!".buffer())
                }, { left.waitSendAllMightNotBlock() }, { left.socket.waitWritable() })
            for (first in firsts) {
                val waiting = launch(start = CoroutineStart.UNDISPATCHED) { first() }
                allBusy()
                waiting.isActive shouldBe true
                waiting.cancelAndJoin()
            }
            val sending = launch(start = CoroutineStart.UNDISPATCHED) { left.sendAll(ByteBuffer.allocate(1 shl 20)) }
            val receiving = async(start = CoroutineStart.UNDISPATCHED) { left.receiveText() }
            shouldThrow<BusyResourceException> { left.receiveSome(1) }
            shouldThrow<BusyResourceException> { left.receiveSome(ByteBuffer.allocate(1)) }
            shouldThrow<BusyResourceException> { left.socket.receive(ByteBuffer.allocate(1)) }
            // Both directions at once, and each goes on.
            right.sendAll("hello".buffer())
            receiving.await() shouldBe "hello"
            val total = async { right.chunks().fold(0L) { sum, chunk -> sum + chunk.size } }
            sending.join()
            left.sendEof()
            total.await() shouldBe left.bytesSent
        }

        onBoth("IO-R4 Busy also when bytes are there for both receivers") { left, right ->
            val first = async(start = CoroutineStart.UNDISPATCHED) { left.receiveText(1) }
            shouldThrow<BusyResourceException> { left.receiveSome(1) }
            right.sendAll("ab".buffer())
            first.await() shouldBe "a"
            left.receiveText(1) shouldBe "b"
        }

        onBoth("IO-A4 IO-S5 IO-R6 IO-K16 IO-SS9 a close wakes a waiting receiver and a waiting sender with Closed") { left, _ ->
            for (send in listOf<
                suspend (
                    SocketStream,
                ) -> Unit,
                >({ it.sendAll(ByteBuffer.allocate(1 shl 20)) }, { it.waitSendAllMightNotBlock() })) {
                val (a, b) = if (left.remoteAddress is InetSocketAddress) tcpPair() else unixPair()
                b.use {
                    a.clog()
                    supervisorScope {
                        val receiving = async(start = CoroutineStart.UNDISPATCHED) { a.receiveText() }
                        val sending = async(start = CoroutineStart.UNDISPATCHED) { send(a) }
                        letOthersWait()
                        a.close()
                        shouldThrow<ClosedResourceException> { receiving.await() }
                        shouldThrow<ClosedResourceException> { sending.await() }
                    }
                }
            }
            left.clog()
            supervisorScope {
                val sending = async(start = CoroutineStart.UNDISPATCHED) { left.sendAll(ByteBuffer.allocate(1 shl 20)) }
                letOthersWait()
                left.closeForcefully()
                shouldThrow<ClosedResourceException> { sending.await() }
            }
        }

        everywhere("IO-R8 IO-E2 IO-SL8 a reset: queued bytes first, then Broken for ever, never the end; Closed outranks it") {
            val (left, right) = tcpPair()
            left.use {
                right.sendAll("queued".buffer())
                letOthersWait()
                // What has been received already is kept by the kernel; a reset throws away what was not.
                left.receiveText(3) shouldBe "que"
                right.setOption(StandardSocketOptions.SO_LINGER, 0)
                right.close()
                var text = ""
                val broken =
                    failing { while (true) text += left.receiveText() ?: throw AssertionError("an end after a reset") }
                broken.shouldBeInstanceOf<BrokenResourceException>().message shouldStartWith "socket connection with "
                broken.cause.shouldBeInstanceOf<IOException>()
                repeat(3) {
                    shouldThrow<BrokenResourceException> { left.receiveText() }.cause shouldBe broken.cause
                    shouldThrow<BrokenResourceException> { left.sendAll("x".buffer()) }
                    shouldThrow<BrokenResourceException> { left.sendAll(ByteBuffer.allocate(0)) }
                    shouldThrow<BrokenResourceException> { left.waitSendAllMightNotBlock() }
                    shouldThrow<BrokenResourceException> { left.sendEof() }
                }
                left.close()
                shouldThrow<ClosedResourceException> { left.receiveText() }
                shouldThrow<ClosedResourceException> { left.sendAll("x".buffer()) }
            }
        }

        onBoth("IO-R8 what has arrived before a send failed is received, then Broken, never the end") { left, right ->
            right.sendAll("413 too large".buffer())
            right.close()
            val broken = failing { while (true) left.sendAll("x".buffer()) }
            broken.shouldBeInstanceOf<BrokenResourceException>()
            left.receiveText(7) shouldBe "413 too"
            left.receiveText() shouldBe " large"
            repeat(3) {
                shouldThrow<BrokenResourceException> { left.receiveText() }.cause shouldBe broken.cause
                shouldThrow<BrokenResourceException> { left.sendAll("x".buffer()) }.cause shouldBe broken.cause
                shouldThrow<BrokenResourceException> { left.waitSendAllMightNotBlock() }
            }
            left.close()
            shouldThrow<ClosedResourceException> { left.receiveText() }
        }

        onBoth("IO-SS13 a close never waits: a positive SO_LINGER is refused") { left, _ ->
            shouldThrow<UnsupportedOperationException> { left.setOption(StandardSocketOptions.SO_LINGER, 1) }
        }

        onBoth("IO-S4 IO-R8 a sender whose peer is gone gets Broken at last, then always, and so does the receiver") { left, right ->
            right.close()
            val broken = failing { while (true) left.sendAll("x".buffer()) }
            broken.shouldBeInstanceOf<BrokenResourceException>().message shouldStartWith "socket connection with "
            shouldThrow<BrokenResourceException> { left.sendAll("x".buffer()) }
            shouldThrow<BrokenResourceException> { left.receiveText() }
            left.close()
            left.close()
        }

        onBoth("IO-SS6 IO-S7 a sender that waits is woken when the peer closes, and so is one that waits for room") { left, right ->
            left.clog()
            supervisorScope {
                val sending = async(start = CoroutineStart.UNDISPATCHED) { left.sendAll(ByteBuffer.allocate(1 shl 20)) }
                letOthersWait()
                right.close()
                shouldThrow<BrokenResourceException> { sending.await() }
            }
            val (a, b) = if (left.remoteAddress is InetSocketAddress) tcpPair() else unixPair()
            a.use {
                a.clog()
                val waiting = launch(start = CoroutineStart.UNDISPATCHED) { runCatchingBroken { a.waitSendAllMightNotBlock() } }
                letOthersWait()
                b.close()
                waiting.join()
                runCatchingBroken { a.waitSendAllMightNotBlock() }
            }
        }

        onBoth("IO-S7 waitSendAllMightNotBlock waits while the peer does not read, and wakes when it does") { left, right ->
            val sent = left.clog()
            val waiting = launch(start = CoroutineStart.UNDISPATCHED) { left.waitSendAllMightNotBlock() }
            letOthersWait()
            waiting.isActive shouldBe true
            val buffer = ByteBuffer.allocate(1 shl 20)
            var received = 0L
            while (received < sent) received += right.receiveSome(buffer.clear())
            waiting.join()
        }

        onBoth("IO-S1 IO-SS5 10 MB to a late reader arrive, from heap, direct, read-only and sliced buffers; nothing is retained") {
                left,
                right,
            ->
            // Else the kernel lets it grow, beyond all of the data: the sender would not have to wait.
            right.setOption(StandardSocketOptions.SO_RCVBUF, 1 shl 20)
            val data = Random(7).nextBytes(10_000_000)
            val direct = ByteBuffer.allocateDirect(data.size).put(data).flip() as ByteBuffer
            val slice = ByteBuffer.wrap(ByteArray(5) + data).position(5).slice()
            for (source in listOf(ByteBuffer.wrap(data.copyOf()), direct, ByteBuffer.wrap(data).asReadOnlyBuffer(), slice)) {
                val sending =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        left.sendAll(source)
                        source.remaining() shouldBe 0
                        if (!source.isReadOnly) source.clear().put(ByteArray(data.size))
                        left.sendAll("!".buffer())
                    }
                letOthersWait()
                sending.isActive shouldBe true
                val back = ByteBuffer.allocate(data.size)
                while (back.hasRemaining()) right.receiveSome(back)
                back.array().contentEquals(data) shouldBe true
                right.receiveText() shouldBe "!"
                sending.join()
            }
            left.sendEof()
            right.receiveText() shouldBe null
            left.bytesSent shouldBe 4 * (data.size + 1L)
            right.bytesReceived shouldBe 4 * (data.size + 1L)
        }

        onBoth("IO-H1 IO-R2 IO-R9 half-close: the peer gets all and the end, again and again; the other direction goes on") { left, right ->
            left.sendAll("all".buffer())
            left.sendEof()
            right.receiveText() shouldBe "all"
            repeat(3) { right.receiveText() shouldBe null }
            repeat(3) { right.receiveSome(10).size shouldBe 0 }
            shouldThrow<ClosedResourceException> { left.sendAll("x".buffer()) }.message shouldBe "can't send data after sending EOF"
            shouldThrow<ClosedResourceException> { left.sendAll(ByteBuffer.allocate(0)) }
            right.sendAll("back".buffer())
            left.receiveText() shouldBe "back"
            right.sendEof()
            left.receiveText() shouldBe null
        }

        onBoth("IO-H2 IO-H4 sendEof twice, and after sendEof and close, does nothing; waiting to send returns; after close alone: Closed") {
                left,
                right,
            ->
            left.sendEof()
            left.sendEof()
            left.waitSendAllMightNotBlock()
            left.close()
            left.sendEof()
            right.close()
            shouldThrow<ClosedResourceException> { right.sendEof() }
        }

        everywhere("IO-H5 sendEof on a reset connection succeeds or is Broken; the receive is Broken") {
            val (left, right) = tcpPair()
            left.use {
                right.setOption(StandardSocketOptions.SO_LINGER, 0)
                right.close()
                letOthersWait()
                runCatchingBroken { left.sendEof() }
                shouldThrow<BrokenResourceException> { left.receiveText() }
            }
        }

        onBoth("IO-H3 IO-C2 IO-C3 a cancel on entry: nothing is sent, the end neither, and no byte is taken") { left, right ->
            right.sendAll("kept".buffer())
            letOthersWait()
            val operations =
                listOf<suspend () -> Unit>(
                    { left.sendAll("lost".buffer()) },
                    { left.sendAll(ByteBuffer.allocate(0)) },
                    { left.sendEof() },
                    { left.waitSendAllMightNotBlock() },
                    { left.receiveText() },
                    { left.receiveSome(10) },
                    { left.socket.send("lost".buffer()) },
                    { left.socket.receive(ByteBuffer.allocate(10)) },
                    { left.socket.waitWritable() },
                )
            for (operation in operations) {
                coroutineScope {
                    launch {
                        currentCoroutineContext().cancel()
                        shouldThrow<CancellationException> { operation() }
                    }
                }
            }
            left.receiveText() shouldBe "kept"
            left.sendAll("first".buffer())
            right.receiveText() shouldBe "first"
            // IO-H3: a cancel is told before Closed.
            left.sendEof()
            left.close()
            for (operation in operations) {
                coroutineScope {
                    launch {
                        currentCoroutineContext().cancel()
                        shouldThrow<CancellationException> { operation() }
                    }
                }
            }
        }

        onBoth("IO-C6 a cancelled wait leaves both directions usable") { left, right ->
            repeat(20) {
                val receiving = launch(start = CoroutineStart.UNDISPATCHED) { left.receiveText() }
                receiving.cancelAndJoin()
            }
            left.sendAll("to".buffer())
            right.receiveText() shouldBe "to"
            right.sendAll("fro".buffer())
            left.receiveText() shouldBe "fro"
            val sent = left.clog()
            repeat(20) { launch(start = CoroutineStart.UNDISPATCHED) { left.waitSendAllMightNotBlock() }.cancelAndJoin() }
            launch {
                left.waitSendAllMightNotBlock()
                left.sendEof()
            }
            right.chunks().fold(0L) { sum, chunk -> sum + chunk.size } shouldBe sent
        }

        onBoth("IO-C4 receives cancelled at random moments lose no byte") { left, right ->
            val random = Random(11)
            val data = random.nextBytes(300_000)
            launch {
                var at = 0
                while (at < data.size) {
                    val n = minOf(1 + random.nextInt(3000), data.size - at)
                    right.sendAll(data, at, n)
                    at += n
                }
                right.sendEof()
            }
            val back = ByteBuffer.allocate(data.size + 1)
            var ended = false
            while (!ended) {
                val job = launch { ended = left.receiveSome(back) == -1 }
                repeat(random.nextInt(30)) { kotlinx.coroutines.yield() }
                job.cancelAndJoin()
            }
            back.flip()
            back shouldBe ByteBuffer.wrap(data)
        }

        onBoth("IO-A1 IO-A2 IO-A5 IO-A7 close in a cancelled coroutine closes and then throws the cancel") { left, right ->
            coroutineScope {
                launch {
                    currentCoroutineContext().cancel()
                    shouldThrow<CancellationException> { left.close() }
                    shouldThrow<CancellationException> { left.close() }
                }
            }
            right.receiveText() shouldBe null
            shouldThrow<ClosedResourceException> { left.receiveText() }
            left.close()
            left.closeForcefully()
        }

        everywhere("IO-SS10 the peer closed before the channel was wrapped: its bytes, then the end") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                val channel = SocketChannel.open(InetSocketAddress("127.0.0.1", listener.port))
                listener.accept().use { it.sendAll("x".buffer()) }
                SocketStream(StreamSocket.fromChannel(channel)).use { stream ->
                    stream.receiveText() shouldBe "x"
                    repeat(2) { stream.receiveText() shouldBe null }
                }
            }
        }

        everywhere("IO-SS1 IO-SS2 IO-SS4 a stream is made of a connected socket of ours; TCP_NODELAY is on and can be switched") {
            StreamSocket.open(StandardProtocolFamily.INET).use { socket ->
                shouldThrow<IllegalArgumentException> { SocketStream(socket) }
                shouldThrow<IllegalStateException> { socket.send("x".buffer()) }
                shouldThrow<IllegalStateException> { socket.receive(ByteBuffer.allocate(1)) }
                shouldThrow<IllegalStateException> { socket.shutdown(How.BOTH) }
            }
            SocketChannel.open().use { channel ->
                channel.configureBlocking(false)
                Selector.open().use { selector ->
                    channel.register(selector, 0)
                    shouldThrow<IllegalArgumentException> { StreamSocket.fromChannel(channel) }
                }
                channel.isOpen shouldBe true
                channel.close()
                shouldThrow<IllegalArgumentException> { StreamSocket.fromChannel(channel) }
            }
            val (left, right) = tcpPair()
            for (stream in listOf(left, right)) {
                SocketStream(stream.socket).socket shouldBeSameInstanceAs stream.socket
                stream.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe true
                stream.setOption(StandardSocketOptions.TCP_NODELAY, false)
                stream.getOption(StandardSocketOptions.TCP_NODELAY) shouldBe false
                stream.close()
                shouldThrow<ClosedResourceException> { stream.getOption(StandardSocketOptions.TCP_NODELAY) }
                shouldThrow<ClosedResourceException> { stream.setOption(StandardSocketOptions.TCP_NODELAY, true) }
            }
        }

        onBoth("IO-SS11 1 MiB each way at once in random pieces arrives whole") { left, right ->
            nursery {
                val first = Stress.seed(SocketStreamRealSocketSpec::class.java)
                for ((from, to, seed) in listOf(Triple(left, right, first), Triple(right, left, first + 1))) {
                    val data = Random(seed).nextBytes(1 shl 20)
                    startSoon {
                        val random = Random(seed + 10)
                        var at = 0
                        while (at < data.size) {
                            val n = minOf(1 + random.nextInt(16_384), data.size - at)
                            from.sendAll(data, at, n)
                            at += n
                        }
                        from.sendEof()
                    }
                    startSoon {
                        val random = Random(seed + 20)
                        val back = ByteBuffer.allocate(data.size)
                        while (true) {
                            val piece = to.receiveSome(1 + random.nextInt(16_384))
                            if (piece.isEmpty()) break
                            back.put(piece)
                        }
                        back.array().contentEquals(data) shouldBe true
                    }
                }
            }
        }

        everywhere("IO-SS12 IO-U4 addresses are known, also after the close") {
            for ((left, right) in listOf(tcpPair(), unixPair(), socketStreamPair())) {
                val ends = listOf(left.localAddress, left.remoteAddress, right.localAddress, right.remoteAddress)
                if (left.localAddress is InetSocketAddress) {
                    left.localAddress shouldBe right.remoteAddress
                    right.localAddress shouldBe left.remoteAddress
                }
                left.close()
                right.close()
                listOf(left.localAddress, left.remoteAddress, right.localAddress, right.remoteAddress) shouldBe ends
            }
        }

        onBoth("IO-SS8 the end reaches the peer at once when a stream that others wait for is closed") { left, right ->
            launch(start = CoroutineStart.UNDISPATCHED) { shouldThrow<ClosedResourceException> { left.receiveText() } }
            letOthersWait()
            left.closeForcefully()
            right.receiveText() shouldBe null
        }

        everywhere("IO-K16 a channel that is closed behind our back fails the next wait, and never hangs") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                val channel = SocketChannel.open(InetSocketAddress("127.0.0.1", listener.port))
                listener.accept().use {
                    SocketStream(StreamSocket.fromChannel(channel)).use { stream ->
                        val receiving = launch(start = CoroutineStart.UNDISPATCHED) { stream.receiveText() }
                        letOthersWait()
                        receiving.cancelAndJoin()
                        channel.close()
                        shouldThrow<ClosedResourceException> { stream.receiveText() }
                        shouldThrow<ClosedResourceException> { stream.sendAll("x".buffer()) }
                    }
                }
                // The loop is well.
                openTcpStream("127.0.0.1", listener.port).close()
            }
        }

        everywhere("IO-E8 a second connect is the caller's bug and does the first connection no harm") {
            openTcpListeners(0, "127.0.0.1").single().use { listener ->
                StreamSocket.open(StandardProtocolFamily.INET).use { socket ->
                    socket.connect(listener.localAddress)
                    listener.accept().use { peer ->
                        shouldThrow<AlreadyConnectedException> { socket.connect(listener.localAddress) }
                        socket.send("alive".buffer())
                        peer.receiveText() shouldBe "alive"
                    }
                }
            }
        }

        everywhere("IO-E7 IO-E8 low-level sockets refuse unresolved addresses and those of another kind") {
            StreamSocket.open(StandardProtocolFamily.INET).use { socket ->
                val unresolved = InetSocketAddress.createUnresolved("localhost", 80)
                shouldThrow<IllegalArgumentException> { socket.connect(unresolved) }
            }
            StreamSocket.open(StandardProtocolFamily.INET).use { socket ->
                shouldThrow<IllegalArgumentException> { socket.bind(InetSocketAddress.createUnresolved("localhost", 80)) }
                shouldThrow<IllegalArgumentException> { socket.connect(InetSocketAddress("::1", 80)) }
            }
        }

        onBoth("IO-S2 an empty send sends nothing and means nothing to the peer") { left, right ->
            left.sendAll(ByteBuffer.allocate(0))
            left.socket.send(ByteBuffer.allocate(0)) shouldBe 0
            withTimeoutOrNull(100.milliseconds) { right.receiveText() } shouldBe null
            left.sendAll("x".buffer())
            right.receiveText() shouldBe "x"
        }

        onBoth("IO-S8 a cancelled sendAll has sent a part, and the stream can be closed") { left, right ->
            val before = left.bytesSent
            val sending = launch(start = CoroutineStart.UNDISPATCHED) { left.sendAll(ByteBuffer.allocate(50_000_000)) }
            letOthersWait()
            sending.cancelAndJoin()
            left.bytesSent shouldBeGreaterThan before
            left.close()
            right.chunks().fold(0L) { sum, chunk -> sum + chunk.size } shouldBe left.bytesSent
        }
    }) {
    private companion object {
        /** Either is fine. */
        suspend fun runCatchingBroken(body: suspend () -> Unit) {
            try {
                body()
            } catch (fine: BrokenResourceException) {
                fine.message shouldStartWith "socket connection with "
            }
        }
    }
}
