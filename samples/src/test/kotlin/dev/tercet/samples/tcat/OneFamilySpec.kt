package dev.tercet.samples.tcat

import dev.tercet.AddressFamily
import dev.tercet.coroutines.planConnect
import dev.tercet.coroutines.testing.runIoTest
import dev.tercet.coroutines.use
import dev.tercet.coroutines.withNetwork
import dev.tercet.samples.Tcat
import dev.tercet.testing.simulation.ConnectAnswer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetAddress
import java.net.ServerSocket

/** `-4` and `-6`. */
class OneFamilySpec :
    FunSpec({
        test("a host has the addresses of one family only, and no other one is connected to") {
            runIoTest {
                dns.set("both.test", "2001:db8::1", "192.0.2.1")
                network.onConnect("2001:db8::1", ConnectAnswer.accept())
                network.onConnect("192.0.2.1", ConnectAnswer.accept())
                for ((family, address) in listOf(AddressFamily.IPV4 to "tcp:192.0.2.1:80", AddressFamily.IPV6 to "tcp:[2001:db8::1]:80")) {
                    withNetwork(network.withResolver(OneFamily(network.resolver(), family))) {
                        planConnect("both.test", 80).size shouldBe 1
                        Route(Address.toConnect("tcp:both.test:80")).open().use { Address.of(it.socket.remoteAddress) shouldBe address }
                    }
                }
            }
        }

        test("a host without such an address: what it lacks") {
            runIoTest {
                dns.set("new.test", "2001:db8::1")
                withNetwork(network.withResolver(OneFamily(network.resolver(), AddressFamily.IPV4))) {
                    val failure = shouldThrow<FailedAtException> { Route(Address.toConnect("tcp:new.test:80")).open() }
                    describe(failure) shouldBe "tcp:new.test:80: new.test has no IPv4 address"
                }
            }
        }

        test("tcat connect -4 localhost") {
            ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")).use { server ->
                Tcat("connect", "tcp:localhost:${server.localPort}", "-4").use { tcat ->
                    server.accept().use { it.getOutputStream().write("hello".encodeToByteArray()) }
                    tcat.endInput()
                    tcat.hear() shouldBe "hello"
                    tcat.exitCode() shouldBe 0
                }
            }
        }
    })
