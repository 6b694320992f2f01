package dev.tercet.coroutines.testing

import dev.tercet.coroutines.SocketListener
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTlsOverTcpStream
import dev.tercet.coroutines.runOnLoop
import dev.tercet.coroutines.serveTlsOverTcp
import dev.tercet.coroutines.socketStreamPair
import dev.tercet.coroutines.start
import dev.tercet.coroutines.use
import dev.tercet.internal.loop.LoopThread
import dev.tercet.tls.RaceThrough
import dev.tercet.tls.TlsTrust
import dev.tercet.tls.TlsVersion
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import java.net.Socket
import java.security.cert.X509Certificate
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.SSLEngine
import javax.net.ssl.X509ExtendedTrustManager

/** What a trust manager does may take long: the system's reads its authorities when it is asked first. */
class TlsTrustRealSocketSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-R6 a trust manager is asked once in a handshake, and not on the thread of a loop ($version)") {
                val manager = Noting()
                val client = TlsConfig(trust = TlsTrust.of(manager), versions = setOf(version))
                runOnLoop {
                    val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(socketStreamPair(), client))
                    left.closeForcefully()
                    right.closeForcefully()
                }
                manager.askedOnLoop.toList().shouldContainExactly(false)
            }
        }

        test("TLS-R6 however many handshakes there are, a processor is left for others") {
            val manager = Noting(slow = true)
            runOnLoop {
                coroutineScope {
                    repeat(4 * LIMIT + 4) {
                        launch {
                            // Each with sessions of its own: none is resumed without a question.
                            val client = TlsConfig(trust = TlsTrust.of(manager))
                            val (left, right) = TlsPairs.handshaken(TlsPairs.wrap(socketStreamPair(), client))
                            left.closeForcefully()
                            right.closeForcefully()
                        }
                    }
                }
            }
            manager.askedOnLoop.size shouldBe 4 * LIMIT + 4
            manager.most.get() shouldBeInRange 1..LIMIT
        }

        test("TLS-R6 IO-HV12 handshakes that race and those of streams share one limit") {
            val manager = Noting(slow = true)
            runOnLoop {
                nursery {
                    val listener = start { status ->
                        serveTlsOverTcp(0, TlsPairs.server, "127.0.0.1", taskStatus = status) { it.doHandshake() }
                    }.single()
                    val port = (listener.transportListener as SocketListener).port
                    coroutineScope {
                        repeat(2 * LIMIT + 2) {
                            for (through in RaceThrough.entries) {
                                launch {
                                    val client = TlsConfig(trust = TlsTrust.of(manager))
                                    openTlsOverTcpStream("127.0.0.1", port, client, raceThrough = through).use {
                                        it.doHandshake()
                                    }
                                }
                            }
                        }
                    }
                    cancelChildren()
                }
            }
            manager.askedOnLoop.toSet() shouldBe setOf(false)
            manager.askedOnLoop.size shouldBe 4 * LIMIT + 4
            manager.most.get() shouldBeInRange 1..LIMIT
        }
    })

private val LIMIT = (Runtime.getRuntime().availableProcessors() - 1).coerceAtLeast(1)

/** Believes everybody, and notes where it was asked, and by how many at a time. */
private class Noting(private val slow: Boolean = false) : X509ExtendedTrustManager() {
    val askedOnLoop = ConcurrentLinkedQueue<Boolean>()
    val most = AtomicInteger()
    private val now = AtomicInteger()

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String, engine: SSLEngine) {
        askedOnLoop += LoopThread.currentLoop() != null
        val together = now.incrementAndGet()
        most.accumulateAndGet(together, ::maxOf)
        // Long enough to meet the others, if they may come.
        if (slow) Thread.sleep(20)
        now.decrementAndGet()
    }

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String, engine: SSLEngine) {}

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String, socket: Socket) {}

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String, socket: Socket) {}

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String) {}

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String) {}

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}
