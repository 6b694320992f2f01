package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.Resolver
import dev.tercet.loop.EventLoop
import dev.tercet.support.Stress
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.yield
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.PortUnreachableException
import java.net.SocketException
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.INET6
import java.net.StandardProtocolFamily.UNIX
import java.net.StandardSocketOptions
import java.net.UnixDomainSocketAddress
import java.net.UnknownHostException
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.Selector
import java.util.concurrent.CompletableFuture
import kotlin.random.Random

private val LOOPBACK = InetAddress.getLoopbackAddress()
private val GROUP = InetAddress.getByName("239.192.41.43")
private val LO = NetworkInterface.getByInetAddress(LOOPBACK)

private fun loopback(port: Int) = InetSocketAddress(LOOPBACK, port)

private val UdpSocket.address get() = checkNotNull(localAddress)

/** One datagram as text. */
private suspend fun UdpSocket.text(): String {
    val into = ByteBuffer.allocate(100)
    val n = receive(into)
    return String(into.array(), 0, n)
}

private suspend fun withBound(body: suspend (left: UdpSocket, right: UdpSocket) -> Unit) =
    UdpSocket.bind("127.0.0.1").use { left -> UdpSocket.bind("127.0.0.1").use { right -> body(left, right) } }

/** UDP on the loopback interface, where nothing is lost that finds room. */
class UdpSocketRealSocketSpec :
    FunSpec({
        for (host in listOf("127.0.0.1", "::1")) {
            everywhere("IO-K12 datagrams arrive whole, one by one, with the address of their sender [$host]") {
                UdpSocket.bind(host).use { left ->
                    UdpSocket.bind(host, 0).use { right ->
                        left.sendTo("one".buffer(), right.address)
                        left.sendTo("two".buffer(), right.address)
                        val into = ByteBuffer.allocate(100).position(10)
                        right.receiveFrom(into) shouldBe left.address
                        into.position() shouldBe 13
                        right.text() shouldBe "two"
                        right.sendTo("back".buffer(), left.address)
                        left.text() shouldBe "back"
                        left.remoteAddress shouldBe null
                    }
                }
            }
        }

        everywhere("IO-K19 a datagram is received whole into an array of its own, an empty one too") {
            withBound { left, right ->
                val longest = ByteArray(65_507) { (it % 7).toByte() }
                for (sent in listOf(byteArrayOf(1, 2, 3), ByteArray(0), longest)) {
                    left.sendTo(ByteBuffer.wrap(sent), right.address)
                    val received = right.receiveFrom()
                    received.data().contentEquals(sent) shouldBe true
                    received.source() shouldBe left.address
                }
            }
        }

        everywhere("IO-K12 a datagram that does not fit is cut and reported; the next one is whole") {
            withBound { left, right ->
                for (into in listOf(ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4))) {
                    right.wasTruncated shouldBe false
                    for (datagram in listOf("12345", "1234", "123")) left.sendTo(datagram.buffer(), right.address)
                    right.receive(into) shouldBe 4
                    right.wasTruncated shouldBe true
                    into.get(3) shouldBe '4'.code.toByte()
                    right.receive(into.clear()) shouldBe 4
                    right.wasTruncated shouldBe false
                    right.receive(into.clear()) shouldBe 3
                    right.wasTruncated shouldBe false
                }
                left.sendTo("12345".buffer(), right.address)
                val part = "........".buffer().position(2).limit(5)
                right.receive(part)
                String(part.array()) shouldBe "..123..."
            }
        }

        everywhere("IO-K12 the longest datagram arrives in every kind of buffer; a longer one says so") {
            withBound { left, right ->
                val data = Random(3).nextBytes(65_507)
                val buffers = listOf(
                    ByteBuffer.allocate(65_507),
                    ByteBuffer.allocateDirect(65_507),
                    ByteBuffer.allocateDirect(65_535),
                    ByteBuffer.allocate(100_000),
                )
                for (into in buffers) {
                    left.sendTo(ByteBuffer.wrap(data), right.address)
                    right.receive(into) shouldBe 65_507
                    right.wasTruncated shouldBe false
                    into.flip() shouldBe ByteBuffer.wrap(data)
                }
                for (length in listOf(65_508, 65_535, 65_536, 1_000_000)) {
                    val tooLong = ByteBuffer.allocate(length)
                    shouldThrow<SocketException> { left.sendTo(tooLong, right.address) }.message shouldBe
                        "cannot send $length bytes to 127.0.0.1:${right.address.port}: Message too long"
                    tooLong.position() shouldBe 0
                }
                left.sendTo("after".buffer(), right.address)
                right.text() shouldBe "after"
            }
        }

        everywhere("IO-K12 an empty datagram is sent and received; on a connected socket it is refused, not lost") {
            withBound { left, right ->
                left.sendTo("".buffer(), right.address)
                val into = ByteBuffer.allocate(10)
                right.receiveFrom(into) shouldBe left.address
                into.position() shouldBe 0
                UdpSocket.open(INET).use { unbound ->
                    unbound.sendTo("".buffer(), right.address)
                    right.receiveFrom(into).port shouldBe unbound.address.port
                }
                right.connect(left.address)
                left.sendTo("".buffer(), right.address)
                right.receive(into) shouldBe 0
                shouldThrow<UnsupportedOperationException> { right.send("".buffer()) }.message shouldContain "NIO"
                shouldThrow<UnsupportedOperationException> { right.sendTo("".buffer(), left.address) }
                right.send("x".buffer())
                left.text() shouldBe "x"
            }
        }

        everywhere("IO-K12 a connected socket hears its peer only, and sends to nobody else") {
            withBound { left, right ->
                UdpSocket.bind("127.0.0.1").use { stranger ->
                    stranger.sendTo("before".buffer(), right.address)
                    right.connect(left.address)
                    right.remoteAddress shouldBe left.address
                    stranger.sendTo("after".buffer(), right.address)
                    left.sendTo("peer".buffer(), right.address)
                    right.text() shouldBe "peer"
                    right.isReadable() shouldBe false
                    right.send("one".buffer())
                    right.sendTo("two".buffer(), left.address)
                    left.text() shouldBe "one"
                    left.text() shouldBe "two"
                    shouldThrow<IllegalStateException> { right.sendTo("x".buffer(), stranger.address) }.message shouldContain
                        ":${left.address.port}"
                    shouldThrow<IllegalStateException> { right.connect(stranger.address) }
                    shouldThrow<IllegalStateException> { left.send("x".buffer()) }
                    right.send("three".buffer())
                    left.text() shouldBe "three"
                }
            }
        }

        everywhere("IO-K12 a closed port is told to one call at a time, waiting or sending; the socket lives on") {
            val peer = UdpSocket.bind("127.0.0.1").use { it.address }
            UdpSocket.open(INET).use { socket ->
                socket.connect(peer)
                socket.address.address.hostAddress shouldBe "127.0.0.1"
                supervisorScope {
                    val receiver = async(start = CoroutineStart.UNDISPATCHED) { socket.receive(ByteBuffer.allocate(1)) }
                    letOthersWait()
                    socket.send("x".buffer())
                    shouldThrow<PortUnreachableException> { receiver.await() }.message shouldStartWith
                        "nobody receives at 127.0.0.1:${peer.port}"
                }
                socket.isReadable() shouldBe false

                socket.send("x".buffer())
                eventually("no error has come") { socket.isReadable() }
                val data = "x".buffer()
                shouldThrow<PortUnreachableException> { socket.send(data) }.message shouldStartWith
                    "nobody receives at 127.0.0.1:${peer.port}"
                data.position() shouldBe 0

                UdpSocket.bind("127.0.0.1", peer.port).use { late ->
                    socket.send(data)
                    late.sendTo("y".buffer(), late.receiveFrom(ByteBuffer.allocate(1)))
                    socket.text() shouldBe "y"
                }
            }
        }

        everywhere("IO-K12 a closed port is not told to a socket that is not connected") {
            val nobody = UdpSocket.bind("127.0.0.1").use { it.address }
            withBound { left, right ->
                left.sendTo("x".buffer(), nobody)
                left.sendTo("x".buffer(), right.address)
                right.sendTo("y".buffer(), left.address)
                left.text() shouldBe "y"
            }
        }

        everywhere("IO-K12 IO-K13 a broadcast needs its option, and the error names it") {
            val everybody = InetSocketAddress("127.255.255.255", 9)
            UdpSocket.bind("127.0.0.1").use { socket ->
                socket.getOption(StandardSocketOptions.SO_BROADCAST) shouldBe false
                val text = shouldThrow<BindException> { socket.sendTo("x".buffer(), everybody) }.message
                text shouldContain "SO_BROADCAST"
                text shouldContain "127.255.255.255:9: Permission denied"
                socket.setOption(StandardSocketOptions.SO_BROADCAST, true)
                socket.sendTo("x".buffer(), everybody)
                shouldThrow<UnsupportedOperationException> { socket.setOption(StandardSocketOptions.TCP_NODELAY, true) }
            }
        }

        everywhere("IO-K12 no host is IPv6 and IPv4 at once; an IPv4 peer keeps its address") {
            UdpSocket.bind().use { all ->
                val port = all.address.port
                all.address.address.isAnyLocalAddress shouldBe true
                val into = ByteBuffer.allocate(10)
                UdpSocket.bind("127.0.0.1").use { four ->
                    four.sendTo("4".buffer(), loopback(port))
                    all.receiveFrom(into) shouldBe four.address
                    all.sendTo("back".buffer(), four.address)
                    four.text() shouldBe "back"
                }
                UdpSocket.bind("::1").use { six ->
                    six.sendTo("6".buffer(), InetSocketAddress("::1", port))
                    all.receiveFrom(into) shouldBe six.address
                }
            }
        }

        everywhere("IO-E7 wrong arguments are told before anything is done, before Closed and Busy too") {
            for (port in listOf(-1, 65_536)) shouldThrow<IllegalArgumentException> { UdpSocket.bind(port = port) }
            for (host in listOf("", " ", "[::1")) shouldThrow<IllegalArgumentException> { UdpSocket.bind(host) }
            shouldThrow<UnsupportedOperationException> { UdpSocket.open(UNIX) }
            val socket = UdpSocket.bind("127.0.0.1")
            val unresolved = InetSocketAddress.createUnresolved("localhost", 9)
            val ipv6 = InetSocketAddress("::1", 9)
            val wrong = listOf<suspend () -> Unit>(
                { socket.sendTo("x".buffer(), unresolved) },
                { socket.sendTo("x".buffer(), loopback(0)) },
                { socket.sendTo("x".buffer(), ipv6) },
                { socket.sendTo("x".buffer(), UnixDomainSocketAddress.of("/tmp/x")) },
                { socket.connect(unresolved) },
                { socket.connect(ipv6) },
                { socket.connect(loopback(0)) },
                { socket.bind(unresolved) },
                { socket.bind(ipv6) },
                { socket.receive(ByteBuffer.allocate(0)) },
                { socket.receiveFrom(ByteBuffer.allocate(1).asReadOnlyBuffer()) },
                { socket.joinGroup(LOOPBACK, LO) },
                { socket.joinGroup(InetAddress.getByName("ff02::1:2"), LO) },
            )
            val receiver = launch(start = CoroutineStart.UNDISPATCHED) { socket.receive(ByteBuffer.allocate(1)) }
            for (call in wrong) shouldThrow<IllegalArgumentException> { call() }
            shouldThrow<IllegalStateException> { socket.leaveGroup(GROUP, LO) }
            receiver.cancelAndJoin()
            socket.close()
            for (call in wrong) shouldThrow<IllegalArgumentException> { call() }
        }

        everywhere("IO-K14 a taken port and a foreign address are named; a second bind is a bug") {
            UdpSocket.bind("127.0.0.1").use { first ->
                UdpSocket.open(INET).use { second ->
                    shouldThrow<BindException> { second.bind(first.address) }.message shouldBe
                        "cannot bind to 127.0.0.1:${first.address.port}: Address already in use"
                    shouldThrow<BindException> { UdpSocket.bind("127.0.0.1", first.address.port) }
                    shouldThrow<BindException> { UdpSocket.bind("203.0.113.1") }.message shouldBe
                        "cannot bind to 203.0.113.1:0: Cannot assign requested address"
                    second.localAddress shouldBe null
                    shouldThrow<IllegalStateException> { second.receive(ByteBuffer.allocate(1)) }
                    second.bind(loopback(0))
                    shouldThrow<IllegalStateException> { second.bind(loopback(0)) }
                    first.sendTo("x".buffer(), second.address)
                    second.text() shouldBe "x"
                }
            }
        }

        test("IO-X1 IO-K6 a host is asked of the network's resolver, a literal of nobody") {
            val resolver = Resolver { host, _ ->
                when (host) {
                    "here" -> CompletableFuture.completedFuture(listOf(LOOPBACK))
                    "nobody" -> CompletableFuture.completedFuture(listOf())
                    else -> CompletableFuture()
                }
            }
            EventLoop.open("hosts").use { loop ->
                withNetwork(loop.network().withResolver(resolver)) {
                    UdpSocket.bind("here").use { socket ->
                        socket.address.address shouldBe LOOPBACK
                        socket.resolveRemoteAddress("here", 9) shouldBe loopback(9)
                        socket.resolveRemoteAddress(null, 9) shouldBe loopback(9)
                        socket.resolveLocalAddress(null, 9) shouldBe InetSocketAddress("0.0.0.0", 9)
                    }
                    UdpSocket.bind("127.0.0.1").close()
                    shouldThrow<UnknownHostException> { UdpSocket.bind("nobody") }
                    launch(start = CoroutineStart.UNDISPATCHED) { UdpSocket.bind("never") }.cancelAndJoin()
                }
            }
        }

        everywhere("IO-K16 IO-E3 a second receiver is Busy, the first is not disturbed, nor is a sender") {
            withBound { left, right ->
                coroutineScope {
                    val receiver = async(start = CoroutineStart.UNDISPATCHED) { right.text() }
                    shouldThrow<BusyResourceException> { right.receiveFrom(ByteBuffer.allocate(1)) }
                    shouldThrow<BusyResourceException> { right.receive(ByteBuffer.allocate(1)) }
                    shouldThrow<BusyResourceException> { right.connect(left.address) }
                    right.sendTo("sent beside".buffer(), left.address)
                    left.text() shouldBe "sent beside"
                    left.sendTo("for you".buffer(), right.address)
                    receiver.await() shouldBe "for you"
                }
            }
        }

        everywhere("IO-K4 IO-K16 IO-A4 a close wakes who waits, with Closed, and so does everything after") {
            val socket = UdpSocket.bind("127.0.0.1")
            val address = socket.address
            supervisorScope {
                val receiver = async(start = CoroutineStart.UNDISPATCHED) { socket.receive(ByteBuffer.allocate(1)) }
                letOthersWait()
                socket.close()
                shouldThrow<ClosedResourceException> { receiver.await() }
            }
            val operations = listOf<suspend () -> Unit>(
                { socket.sendTo("x".buffer(), loopback(9)) },
                { socket.sendTo("".buffer(), loopback(9)) },
                { socket.send("x".buffer()) },
                { socket.receiveFrom(ByteBuffer.allocate(1)) },
                { socket.receive(ByteBuffer.allocate(1)) },
                { socket.isReadable() },
                { socket.bind(loopback(0)) },
                { socket.connect(loopback(9)) },
                { socket.joinGroup(GROUP, LO) },
                { socket.leaveGroup(GROUP, LO) },
                { socket.getOption(StandardSocketOptions.SO_BROADCAST) },
                { socket.setOption(StandardSocketOptions.SO_BROADCAST, true) },
            )
            for (operation in operations) shouldThrow<ClosedResourceException> { operation() }
            socket.localAddress shouldBe address
            socket.toString() shouldBe "UdpSocket(127.0.0.1:${address.port}, closed)"
            socket.close()
            socket.closeForcefully()
        }

        everywhere("IO-SL10 the port is free when close returns, 300 times, though somebody waited") {
            val port = UdpSocket.bind("127.0.0.1").use { it.address.port }
            repeat(300) {
                val socket = UdpSocket.bind("127.0.0.1", port)
                val receiver = launch { socket.receive(ByteBuffer.allocate(1)) }
                yield()
                receiver.cancelAndJoin()
                socket.close()
            }
        }

        everywhere("IO-C2 IO-C3 IO-C6 a cancel on entry or in a wait has no effect") {
            withBound { left, right ->
                left.sendTo("waits".buffer(), right.address)
                val operations = listOf<suspend () -> Unit>(
                    { right.receive(ByteBuffer.allocate(100)) },
                    { right.sendTo("never".buffer(), left.address) },
                    { UdpSocket.bind("127.0.0.1") },
                )
                coroutineScope {
                    for (operation in operations) {
                        launch {
                            currentCoroutineContext().cancel()
                            shouldThrow<CancellationException> { operation() }
                        }
                    }
                }
                right.text() shouldBe "waits"
                coroutineScope {
                    val receiver = launch(start = CoroutineStart.UNDISPATCHED) { right.receive(ByteBuffer.allocate(100)) }
                    letOthersWait()
                    receiver.cancelAndJoin()
                }
                left.sendTo("after".buffer(), right.address)
                right.text() shouldBe "after"
                left.isReadable() shouldBe false
            }
        }

        everywhere("IO-K12 IO-C4 receives cancelled at random moments lose no datagram") {
            val seed = Stress.seed(UdpSocketRealSocketSpec::class.java)
            val random = Random(seed)
            val cancels = Stress.rounds(2_000, 100_000)
            withBound { left, right ->
                // Few under way, so that the kernel always has room, and what it dropped is none. A gap shows what a cancel has lost.
                val into = ByteBuffer.allocate(2 * Long.SIZE_BYTES)
                val datagram = ByteBuffer.allocate(Long.SIZE_BYTES)
                var sent = 0L
                var received = 0L
                var cancelled = 0
                suspend fun receive() {
                    right.receiveFrom(into.clear())
                    into.position() shouldBe Long.SIZE_BYTES
                    into.getLong(0) shouldBe received++
                }
                coroutineScope {
                    while (cancelled < cancels) {
                        val receiver = launch { receive() }
                        if (random.nextBoolean()) yield()
                        if (sent - received < 8 && random.nextInt(3) != 0) left.sendTo(datagram.clear().putLong(0, sent++), right.address)
                        if (random.nextBoolean()) yield()
                        receiver.cancelAndJoin()
                        if (receiver.isCancelled) cancelled++
                    }
                }
                while (received < sent) receive()
                withClue("seed $seed: sent $sent, cancelled $cancelled") { received.toInt() shouldBeGreaterThan cancels / 10 }
            }
        }

        everywhere("IO-K13 isReadable says what is there, takes nothing, and disturbs nobody who waits") {
            withBound { left, right ->
                right.isReadable() shouldBe false
                left.sendTo("".buffer(), right.address)
                eventually("it has not come") { right.isReadable() }
                right.isReadable() shouldBe true
                right.text() shouldBe ""
                right.isReadable() shouldBe false
                coroutineScope {
                    val receiver = async(start = CoroutineStart.UNDISPATCHED) { right.text() }
                    repeat(10) { right.isReadable() shouldBe false }
                    left.sendTo("x".buffer(), right.address)
                    receiver.await() shouldBe "x"
                }
            }
        }

        everywhere("IO-K12 a member of a multicast group hears it on the interface it chose, until it leaves") {
            // One socket of each family: a dual-stack one can join IPv4 groups too.
            for (family in listOf(INET, INET6)) {
                UdpSocket.open(family).use { member ->
                    UdpSocket.open(INET).use { sender ->
                        member.bind(InetSocketAddress(0))
                        val port = member.address.port
                        val everybody = InetSocketAddress(GROUP, port)
                        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, LO)
                        sender.sendTo("too early".buffer(), everybody)
                        member.joinGroup(GROUP, LO)
                        member.joinGroup(GROUP, LO)
                        sender.sendTo("to all".buffer(), everybody)
                        member.text() shouldBe "to all"
                        member.leaveGroup(GROUP, LO)
                        shouldThrow<IllegalStateException> { member.leaveGroup(GROUP, LO) }
                        sender.sendTo("too late".buffer(), everybody)
                        sender.sendTo("to you".buffer(), loopback(port))
                        member.text() shouldBe "to you"
                    }
                }
            }
        }

        everywhere("IO-K1 a channel is taken over as it is, unless somebody else has it") {
            UdpSocket.bind("127.0.0.1").use { peer ->
                val channel = DatagramChannel.open(INET)
                channel.connect(peer.address)
                UdpSocket.fromChannel(channel).use { socket ->
                    socket.localAddress shouldBe channel.localAddress
                    socket.remoteAddress shouldBe peer.address
                    socket.send("x".buffer())
                    peer.text() shouldBe "x"
                }
                channel.isOpen shouldBe false
                shouldThrow<IllegalArgumentException> { UdpSocket.fromChannel(channel) }
            }
            DatagramChannel.open().use { channel ->
                Selector.open().use { selector ->
                    channel.configureBlocking(false)
                    channel.register(selector, 0)
                    shouldThrow<IllegalArgumentException> { UdpSocket.fromChannel(channel) }
                    channel.isOpen shouldBe true
                }
            }
        }

        everywhere("IO-K16 a channel that is closed behind our back is Closed, and never hangs") {
            val channel = DatagramChannel.open(INET).bind(loopback(0))
            val socket = UdpSocket.fromChannel(channel)
            channel.close()
            shouldThrow<ClosedResourceException> { socket.receive(ByteBuffer.allocate(1)) }
            shouldThrow<ClosedResourceException> { socket.sendTo("x".buffer(), loopback(9)) }
        }

        everywhere("toString tells the addresses") {
            UdpSocket.open(INET6).use { socket ->
                socket.toString() shouldBe "UdpSocket(?)"
                socket.connect(InetSocketAddress("::1", 9))
                socket.toString() shouldBe "UdpSocket([::1]:${socket.address.port} -> [::1]:9)"
            }
        }

        everywhere("a socket that is always ready lets its siblings run") {
            withBound { left, right ->
                var turns = 0
                nursery {
                    val sibling = startSoon { while (true) yield().also { turns++ } }
                    repeat(1000) {
                        left.sendTo("x".buffer(), right.address)
                        right.text()
                    }
                    sibling.cancel()
                }
                turns shouldBeGreaterThan 10
            }
        }
    })
