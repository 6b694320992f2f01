package dev.tercet.coroutines

import dev.tercet.AddressFamily
import dev.tercet.NameInfo
import dev.tercet.Network
import dev.tercet.Resolver
import dev.tercet.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.INET6
import java.net.StandardProtocolFamily.UNIX
import java.net.UnknownHostException
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.CopyOnWriteArrayList

/** Knows all names, and writes down who asks for what. */
private class Recording(vararg addresses: String) : Resolver {
    val questions = CopyOnWriteArrayList<String>()
    private val answer = addresses.map { InetAddress.getByName(it) }

    override fun lookup(host: String, family: AddressFamily): CompletionStage<List<InetAddress>> {
        questions += "$host $family"
        return CompletableFuture.completedFuture(answer)
    }

    override fun reverse(address: InetAddress): CompletionStage<String?> {
        questions += address.hostAddress
        return CompletableFuture.completedFuture("named.example")
    }
}

private object Silent : Resolver {
    override fun lookup(host: String, family: AddressFamily): CompletionStage<List<InetAddress>> = CompletableFuture()

    override fun reverse(address: InetAddress): CompletionStage<String?> = CompletableFuture()
}

private fun on(resolver: Resolver): Network = EventLoop.shared().network().withResolver(resolver)

private fun at(address: String, port: Int) = InetSocketAddress(InetAddress.getByName(address), port)

class NamesRealSocketSpec :
    FunSpec({
        val refusing = on { host, _ -> throw AssertionError("asked for $host") }
        val notHosts =
            listOf(" ", "::1%nosuch", "0177.0.0.1", "127.1", "1", "1.2.3.256", "[::1", "1::2::3", "fa\u00df.de", "a..b", "a".repeat(300))

        everywhere("IO-K7 IO-X1 getaddrinfo asks the network's resolver, in ASCII, and keeps its order (KIT-N3)") {
            val resolver = Recording("192.0.2.1", "2001:db8::1", "192.0.2.1")
            withNetwork(on(resolver)) {
                getaddrinfo("f\u00f6\u00f6.example", 80).shouldContainExactly(at("192.0.2.1", 80), at("2001:db8::1", 80))
            }
            resolver.questions.shouldContainExactly("xn--f-1gaa.example ANY")
        }

        everywhere("IO-K7 KIT-N2 getaddrinfo reads a literal without asking; no host is this machine") {
            withNetwork(refusing) {
                getaddrinfo("::ffff:192.0.2.1", 65_535).shouldContainExactly(at("192.0.2.1", 65_535))
                getaddrinfo("::1", 0).shouldContainExactly(at("::1", 0))
                for (none in listOf(null, "")) getaddrinfo(none, 7).shouldContainExactly(at("::1", 7), at("127.0.0.1", 7))
            }
        }

        everywhere("IO-K8 IO-E7 what is neither a name nor a literal, and bad ports, are refused before anybody is asked") {
            withNetwork(refusing) {
                StreamSocket.open(INET6).use { socket ->
                    for (host in notHosts) {
                        shouldThrow<IllegalArgumentException> { getaddrinfo(host, 80) }
                        shouldThrow<IllegalArgumentException> { openTcpStream(host, 80) }
                        shouldThrow<IllegalArgumentException> { openTcpStream("test.example", 80, localAddress = host) }
                        shouldThrow<IllegalArgumentException> { openTcpListeners(0, host) }
                        shouldThrow<IllegalArgumentException> { socket.resolveLocalAddress(host, 80) }
                        shouldThrow<IllegalArgumentException> { socket.resolveRemoteAddress(host, 80) }
                    }
                    for (port in listOf(-1, 65_536)) {
                        shouldThrow<IllegalArgumentException> { getaddrinfo("test.example", port) }.message shouldContain "$port"
                        shouldThrow<IllegalArgumentException> { socket.resolveRemoteAddress(null, port) }
                    }
                }
                shouldThrow<IllegalArgumentException> { getnameinfo(InetSocketAddress.createUnresolved("test.example", 80)) }
                shouldThrow<IllegalArgumentException> { getprotobyname("") }
            }
        }

        everywhere("IO-K6 an IPv4 socket gets IPv4, a dual-stack one IPv6 if there is one; no host is all addresses or this machine") {
            val both = Recording("192.0.2.1", "2001:db8::1")
            withNetwork(on(both)) {
                StreamSocket.open(INET).use { four ->
                    four.resolveRemoteAddress("test.example", 80) shouldBe at("192.0.2.1", 80)
                    four.resolveLocalAddress(null, 80) shouldBe at("0.0.0.0", 80)
                    four.resolveRemoteAddress("", 80) shouldBe at("127.0.0.1", 80)
                    four.resolveRemoteAddress("<broadcast>", 80) shouldBe at("255.255.255.255", 80)
                    shouldThrow<IllegalArgumentException> { four.resolveRemoteAddress("::1", 80) }
                }
                StreamSocket.open(INET6).use { six ->
                    six.resolveLocalAddress("test.example", 0) shouldBe at("2001:db8::1", 0)
                    six.resolveLocalAddress("", 80) shouldBe at("::", 80)
                    six.resolveRemoteAddress(null, 80) shouldBe at("::1", 80)
                    six.resolveRemoteAddress("192.0.2.7", 9) shouldBe at("192.0.2.7", 9)
                }
                StreamSocket.open(UNIX).use { shouldThrow<UnsupportedOperationException> { it.resolveLocalAddress(null, 80) } }
            }
            both.questions.shouldContainExactly("test.example IPV4", "test.example ANY")
        }

        everywhere("IO-X1 KIT-N1 a resolver counts in its scope and its children; two at once do not mix") {
            val one = Recording("192.0.2.1")
            val two = Recording("192.0.2.2")
            coroutineScope {
                listOf(one to "192.0.2.1", two to "192.0.2.2").map { (resolver, address) ->
                    async {
                        withNetwork(on(resolver)) {
                            List(100) {
                                async {
                                    yield()
                                    getaddrinfo("test.example", 1).shouldContainExactly(at(address, 1))
                                }
                            }.awaitAll()
                        }
                    }
                }.awaitAll()
            }
            one.questions.size shouldBe 100
            two.questions.size shouldBe 100
        }

        everywhere("IO-X1 connecting, listening and local addresses ask the network's resolver") {
            val nobody = Recording()
            withNetwork(on(nobody)) {
                shouldThrow<UnknownHostException> { openTcpStream("a.example", 80) }
                shouldThrow<UnknownHostException> { openTcpStream("127.0.0.1", 80, localAddress = "b.example") }
                shouldThrow<UnknownHostException> { openTcpListeners(0, "c.example") }
            }
            nobody.questions.shouldContainExactly("a.example ANY", "b.example ANY", "c.example ANY")
        }

        everywhere("IO-K10 getnameinfo asks the network's resolver for the host, and the table for the service") {
            val resolver = Recording()
            withNetwork(on(resolver)) { getnameinfo(at("192.0.2.1", 443)) shouldBe NameInfo("named.example", "https") }
            resolver.questions.shouldContainExactly("192.0.2.1")
            withNetwork(refusing) { getnameinfo(at("2001:db8:0::1", 64_999)) shouldBe NameInfo("2001:db8::1", "64999") }
            val failure = IOException("mine")
            val failing =
                object : Resolver by Recording() {
                    override fun reverse(address: InetAddress): CompletionStage<String?> = CompletableFuture.failedFuture(failure)
                }
            withNetwork(on(failing)) { shouldThrow<IOException> { getnameinfo(at("192.0.2.1", 80)) } shouldBeSameInstanceAs failure }
        }

        everywhere("IO-K11 getprotobyname knows tcp and udp, and says which protocol it does not know") {
            getprotobyname("tcp") shouldBe 6
            getprotobyname("udp") shouldBe 17
            shouldThrow<IOException> { getprotobyname("nosuch") }.message shouldContain "\"nosuch\""
        }

        everywhere("IO-C3 a lookup that never ends can be cancelled, and a literal is a checkpoint too") {
            withNetwork(on(Silent)) {
                StreamSocket.open(INET6).use { socket ->
                    launch(start = CoroutineStart.UNDISPATCHED) { getaddrinfo("test.example", 80) }.cancelAndJoin()
                    launch(start = CoroutineStart.UNDISPATCHED) { getnameinfo(at("192.0.2.1", 80)) }.cancelAndJoin()
                    launch(start = CoroutineStart.UNDISPATCHED) { socket.resolveLocalAddress("test.example", 80) }.cancelAndJoin()
                    var thrown = 0
                    launch {
                        currentCoroutineContext().cancel()
                        try {
                            getaddrinfo("::1", 80)
                        } catch (e: CancellationException) {
                            thrown++
                            throw e
                        }
                    }.join()
                    thrown shouldBe 1
                }
            }
        }

        everywhere("IO-K7 the system's resolver knows localhost") {
            getaddrinfo("localhost", 80).all { it.address.isLoopbackAddress }.shouldBeTrue()
        }
    })
