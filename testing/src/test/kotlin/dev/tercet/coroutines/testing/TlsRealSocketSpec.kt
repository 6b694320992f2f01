package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.ClosedResourceException
import dev.tercet.coroutines.TlsListener
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.chunks
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpListeners
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.socketStreamPair
import dev.tercet.coroutines.use
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking

/** TLS on real sockets, on a loop, where the handshake's computations go elsewhere, and off it. */
class TlsRealSocketSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-A8 TLS over sockets keeps the contract, on a loop ($version)") {
                runOnLoop { checkTwoWayStream({ TlsPairs.handshaken(socketStreamPair(), version) }) }
            }
            test("TLS-A8 TLS over sockets keeps the contract, on Dispatchers.Default ($version)") {
                runBlocking(Dispatchers.Default) { checkTwoWayStream({ TlsPairs.handshaken(socketStreamPair(), version) }) }
            }
        }
        test("TLS-P1 TLS-P2 TLS-P3 a listener accepts without a handshake, and closes the one below") {
            runOnLoop {
                val below = openTcpListeners(0, host = "127.0.0.1").single()
                TlsListener(below, TlsPairs.server).use { listener ->
                    (listener.transportListener === below) shouldBe true
                    // Says nothing: nobody else has to wait for it.
                    val silent = openTcpStream("127.0.0.1", below.port)
                    listener.accept().closeForcefully()
                    silent.close()
                    nursery {
                        startSoon {
                            listener.accept().use { server ->
                                server.sendAll(server.receiveSome())
                            }
                        }
                        TlsStream.wrapClient(openTcpStream("127.0.0.1", below.port), "127.0.0.1", TlsPairs.client).use { client ->
                            client.sendAll("echo".encodeToByteArray())
                            client.chunks().toList().joinToString("") { it.decodeToString() } shouldBe "echo"
                        }
                    }
                }
                isClosed { below.accept() } shouldBe true
            }
        }

        test("TLS-L9 warnings without end, from a socket, fail the handshake of a client") {
            runOnLoop {
                val (transport, peer) = socketStreamPair()
                nursery {
                    startSoon {
                        peer.receiveSome(1).size shouldBe 1
                        repeat(100) { peer.sendAll(byteArrayOf(21, 3, 3, 0, 2, 1, 80)) }
                    }
                    val client = TlsStream.wrapClient(transport, TlsPairs.NAME, TlsPairs.client)
                    val failure = shouldThrow<BrokenResourceException> { client.doHandshake() }
                    failure.reason() shouldContain "more than 32 records in a row without data"
                    cancelChildren()
                    client.closeForcefully()
                }
                peer.closeForcefully()
            }
        }
    })

private suspend fun isClosed(call: suspend () -> Unit): Boolean = try {
    call()
    false
} catch (_: ClosedResourceException) {
    true
}
