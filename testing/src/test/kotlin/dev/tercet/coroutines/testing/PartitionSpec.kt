package dev.tercet.coroutines.testing

import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.moveOnAfter
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.use
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

/** The twin is PartitionTest. */
class PartitionSpec :
    FunSpec({
        test("KIT-F15 a host that is cut off hears nothing; what TCP has sent arrives in order when it is healed") {
            runIoTest {
                network.setLatency(10.milliseconds.toJavaDuration())
                openTcpListeners(80, "192.0.2.1").single().use { listener ->
                    openTcpStream("192.0.2.1", 80).use { client ->
                        listener.accept().use { server ->
                            client.sendAll("on its way, ".encodeToByteArray())
                            network.partition("192.0.2.1")
                            client.sendAll("then ".encodeToByteArray())
                            delay(1.seconds)
                            client.sendAll("in order".encodeToByteArray())
                            moveOnAfter(60.seconds) { server.receiveSome(1) } shouldBe true
                            network.heal("192.0.2.1")
                            network.heal("192.0.2.1")
                            delay(1.seconds)
                            server.receiveSome(100).decodeToString() shouldBe "on its way, then in order"
                        }
                    }
                }
            }
        }

        test("KIT-F15 a connect to a host that is cut off hangs, and succeeds when it is healed; others notice nothing") {
            runIoTest {
                openTcpListeners(80, "192.0.2.1").single().use {
                    openTcpListeners(80, "192.0.2.2").single().use {
                        network.partition("192.0.2.1")
                        moveOnAfter(600.seconds) { openTcpStream("192.0.2.1", 80) } shouldBe true
                        openTcpStream("192.0.2.2", 80).close()
                        val connect = async { openTcpStream("192.0.2.1", 80) }
                        delay(5.seconds)
                        network.heal("192.0.2.1")
                        connect.await().close()
                        now shouldBe 605.seconds
                    }
                }
            }
        }

        test("KIT-F15 a datagram to or from a host that is cut off is lost") {
            runIoTest {
                UdpSocket.bind("192.0.2.1", 7).use { one ->
                    UdpSocket.bind("192.0.2.2", 7).use { two ->
                        network.partition("192.0.2.1")
                        one.sendTo(ByteBuffer.wrap("lost".encodeToByteArray()), two.localAddress!!)
                        two.sendTo(ByteBuffer.wrap("lost too".encodeToByteArray()), one.localAddress!!)
                        network.heal("192.0.2.1")
                        one.sendTo(ByteBuffer.wrap("heard".encodeToByteArray()), two.localAddress!!)
                        two.receiveFrom().data().decodeToString() shouldBe "heard"
                        moveOnAfter(1.seconds) { one.receiveFrom() } shouldBe true
                    }
                }
            }
        }
    })
