package dev.tercet.coroutines.testing

import dev.tercet.BrokenResourceException
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.tls.ClientAuth
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import dev.tercet.tls.TlsVersion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.test.runTest
import org.conscrypt.Conscrypt
import java.security.KeyStore
import java.security.cert.Certificate
import java.security.cert.X509Certificate
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.X509TrustManager

/** What counts is the session, and not what an engine says that it checks. The twin of `DemandsTest`. */
class TlsDemandsSpec :
    FunSpec({
        for (version in TlsVersion.entries) {
            test("TLS-R-p TLS-M6 $version: the name is checked although neither engine nor trust manager does") {
                val client = TlsConfig.of(conscrypt()).withVersions(version)
                runTest {
                    refusal(client, TlsServerConfig.of(TlsPairs.ca.issue("elsewhere.test"))).first shouldContain
                        "the peer's certificate was refused"
                    refusal(client, TlsPairs.server) shouldBe ("" to "")
                }
            }

            test("TLS-R-p TLS-S5 $version: a session that was made without a certificate is none where one is needed") {
                val server =
                    TlsServerConfig
                        .of(conscrypt())
                        .withVersions(version)
                        .withConfigurer { engine, _ -> Conscrypt.setUseSessionTickets(engine, true) }
                val need = server.withClientAuth(ClientAuth.NEED)
                val client = TlsPairs.stranger()
                runTest {
                    refusal(client, server) shouldBe ("" to "")
                    refusal(client, need).second shouldContain "certificate"
                    refusal(TlsPairs.stranger().withIdentity(TlsPairs.ca.issue("client.test")), need) shouldBe ("" to "")
                }
            }
        }

        test("TLS-M10 a server name of a client that nobody knows is shown harmless") {
            runTest {
                val (left, right) = memoryStreamPair()
                val (ours, theirs) = memoryStreamPair()
                val client = TlsStream.wrapClient(left, "aaaa.test", TlsPairs.stranger())
                val server = TlsStream.wrapServer(theirs, TlsPairs.server)
                nursery {
                    startSoon { shouldThrow<BrokenResourceException> { client.doHandshake() } }
                    val hello = right.receiveSome(65_536).toString(Charsets.ISO_8859_1)
                    ours.sendAll(hello.replace("aaaa.test", "\u001b[2J\nforg").toByteArray(Charsets.ISO_8859_1))
                    val refused = shouldThrow<BrokenResourceException> { server.doHandshake() }
                    generateSequence<Throwable>(refused) { it.cause }.forEach { each ->
                        each.toString().none { it.isISOControl() } shouldBe true
                    }
                    right.closeForcefully()
                }
                client.closeForcefully()
                server.closeForcefully()
            }
        }
    })

/** Why each side has refused the other; empty when it has not. A byte each way, so that tickets arrive. */
private suspend fun refusal(clientConfig: TlsConfig, serverConfig: TlsServerConfig): Pair<String, String> {
    val (client, server) = TlsPairs.wrap(memoryStreamPair(), clientConfig, serverConfig)
    var byServer = ""
    var byClient = ""
    nursery {
        startSoon {
            byServer = refusal(server) {
                server.receiveSome(1).size shouldBe 1
                server.sendAll(ByteArray(1))
            }
        }
        byClient = refusal(client) {
            client.sendAll(ByteArray(1))
            client.receiveSome(1).size shouldBe 1
        }
    }
    return byClient to byServer
}

private suspend fun refusal(stream: TlsStream<*>, talk: suspend () -> Unit): String = try {
    talk()
    stream.close()
    ""
} catch (e: BrokenResourceException) {
    stream.closeForcefully()
    e.reason()
}

/** A server's identity, and trust in chains that knows no names. */
private fun conscrypt(): SSLContext {
    val identity = TlsPairs.ca.leaf(TlsPairs.NAME).issue()
    val store = KeyStore.getInstance("PKCS12").apply { load(null, null) }
    store.setKeyEntry("own", identity.key(), CharArray(0), identity.chain().toTypedArray<Certificate>())
    val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).apply { init(store, CharArray(0)) }
    return SSLContext.getInstance("TLS", Conscrypt.newProvider()).apply {
        init(keys.keyManagers, arrayOf(PlainTrust(TlsPairs.ca.trust().trustManager())), null)
    }
}

private class PlainTrust(private val chains: X509TrustManager) : X509TrustManager {
    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String) = chains.checkClientTrusted(chain, authType)

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String) =
        chains.checkServerTrusted(chain, if (authType == "GENERIC") "UNKNOWN" else authType)

    override fun getAcceptedIssuers(): Array<X509Certificate> = chains.acceptedIssuers
}
