package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.support.HandshakeDamage
import dev.tercet.support.Stress
import dev.tercet.tls.ClientAuth
import dev.tercet.tls.TlsAlertException
import dev.tercet.tls.TlsTrust
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.async
import kotlinx.coroutines.test.runTest
import java.security.cert.X509Certificate
import java.util.Random
import javax.net.ssl.X509TrustManager

/** What a peer is told when the engine, or what it calls, throws and says nothing. Java's twin is `TlsAlertsTest`. */
class TlsAlertsSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-B19 a client whose trust manager throws tells the server; an Error comes out ($version)") {
                runTest {
                    for (failure in listOf(IllegalStateException("bug"), AssertionError("bug"))) {
                        val (left, right) =
                            TlsPairs.wrap(
                                memoryStreamPair(),
                                TlsConfig(trust = TlsTrust.of(Throwing(failure)), versions = setOf(version)),
                            )
                        val serving = async { runCatching { right.doHandshake() }.exceptionOrNull() }
                        val thrown = runCatching { left.doHandshake() }.exceptionOrNull()
                        generateSequence(thrown) { it.cause }.any { it === failure } shouldBe true
                        if (failure is Error) thrown shouldBe failure else thrown.shouldBeInstanceOf<BrokenResourceException>()
                        shouldThrow<BrokenResourceException> { left.receiveSome() }
                        val told = serving.await().shouldBeInstanceOf<BrokenResourceException>()
                        // With the keys of TLS 1.3 only the engine can say something, and knows nothing of an Error.
                        if (failure !is Error || version == TlsVersion.TLS_1_2) told.cause.shouldBeInstanceOf<TlsAlertException>()
                        left.closeForcefully()
                    }
                }
            }

            test("TLS-B19 a server whose trust manager throws is Broken; so is its client, in the end ($version)") {
                runTest {
                    val failure = IllegalStateException("bug")
                    val server =
                        TlsServerConfig(
                            TlsPairs.ca.issue(TlsPairs.NAME),
                            clientAuth = ClientAuth.NEED,
                            clientTrust = TlsTrust.of(Throwing(failure)),
                        )
                    val client =
                        TlsConfig(trust = TlsPairs.ca.trust(), identity = TlsPairs.ca.issue("client.test"), versions = setOf(version))
                    val (left, right) = TlsPairs.wrap(memoryStreamPair(), client, server)
                    val serving = async { runCatching { right.doHandshake() }.exceptionOrNull() }
                    shouldThrow<BrokenResourceException> { left.receiveSome() }.cause.shouldBeInstanceOf<TlsAlertException>()
                    val thrown = serving.await().shouldBeInstanceOf<BrokenResourceException>()
                    generateSequence<Throwable>(thrown) { it.cause }.any { it === failure } shouldBe true
                }
            }
        }

        test("TLS-B19 TLS-B9 a damaged hello, key share or extension is answered by an alert") {
            runTest {
                val (below, other) = memoryStreamPair()
                val client = TlsStream.wrapClient(below, TlsPairs.NAME, TlsPairs.client)
                val saying = async { runCatching { client.doHandshake() } }
                val hello = other.receiveSome(100_000)
                client.closeForcefully()
                saying.await().isFailure shouldBe true
                var refused = 0
                val first = Stress.seed(TlsAlertsSpec::class.java, 0)
                for (seed in first until first + 100) {
                    val (left, right) = memoryStreamPair()
                    left.sendAll(HandshakeDamage(Random(seed)).of(hello))
                    left.sendStream.close()
                    val server = TlsStream.wrapServer(right, TlsPairs.server)
                    val broken = shouldThrow<BrokenResourceException> { server.doHandshake() }
                    server.closeForcefully()
                    if (!broken.reason().startsWith("TLS handshake failed")) continue
                    refused++
                    withClue("seed $seed: ${broken.reason()}") {
                        val alert = left.receiveSome(100_000).takeLast(7)
                        alert.size shouldBe 7
                        alert[0].toInt() shouldBe 21
                        alert[5].toInt() shouldBe 2
                    }
                }
                refused shouldBeGreaterThan 30
            }
        }
    })

/** Throws what is no certificate error. */
private class Throwing(private val failure: Throwable) : X509TrustManager {
    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String): Unit = throw failure

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String): Unit = throw failure

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}
