package dev.tercet.coroutines.testing

import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.use
import dev.tercet.testing.simulation.Router
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class SimulatedDatagramSpec :
    FunSpec({
        fun bytes(vararg values: Byte): ByteBuffer = ByteBuffer.wrap(values)

        test("KIT-F1 KIT-F13 UDP sockets of a test are simulated, and its router decides") {
            runIoTest {
                val toServer = mutableListOf<Int>()
                router =
                    Router { packet ->
                        toServer += packet.size()
                        if (packet.size() < 3) network.deliverPacket(packet, 20.milliseconds)
                    }
                UdpSocket.bind("192.0.2.1", 5000).use { server ->
                    UdpSocket.bind("192.0.2.2").use { client ->
                        client.sendTo(bytes(1, 2, 3), checkNotNull(server.localAddress))
                        client.sendTo(bytes(1, 2), checkNotNull(server.localAddress))
                        val into = ByteBuffer.allocate(10)
                        server.receiveFrom(into) shouldBe client.localAddress
                        into.position() shouldBe 2
                        now shouldBe 20.milliseconds
                        toServer shouldBe listOf(3, 2)
                    }
                }
                network.trace().assertNothingOpen()
            }
        }
        test("KIT-F13 a router delays with a task") {
            runIoTest {
                router =
                    Router { packet ->
                        launch {
                            delay(1.seconds)
                            network.deliverPacket(packet)
                        }
                    }
                UdpSocket.bind("192.0.2.1", 5000).use { socket ->
                    socket.sendTo(bytes(1), checkNotNull(socket.localAddress))
                    socket.receiveFrom(ByteBuffer.allocate(10))
                    now shouldBe 1.seconds
                }
            }
        }
    })
