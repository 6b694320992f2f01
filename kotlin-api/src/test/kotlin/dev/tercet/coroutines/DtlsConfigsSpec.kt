package dev.tercet.coroutines

import dev.tercet.tls.ClientAuth
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsReplacement
import dev.tercet.tls.DtlsServerConfig
import dev.tercet.tls.TlsIdentity
import dev.tercet.tls.TlsTrust
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.X509ExtendedKeyManager
import kotlin.time.Duration.Companion.seconds

/** The named parameters mean what the `with...` of the classes mean, and have the same defaults. */
class DtlsConfigsSpec :
    FunSpec({
        val noKeys = KeyManagerFactory.getInstance("PKIX").apply { init(null, null) }
        val nobody = TlsIdentity.of(noKeys.keyManagers.single() as X509ExtendedKeyManager)

        test("DTLS-L1 a client without parameters is the default one, and each parameter is set") {
            val default = DtlsConfig()
            default.trust() shouldBe TlsTrust.system()
            default.handshakeTimeout() shouldBe DtlsConfig.DEFAULT.handshakeTimeout()
            default.sendCloseNotify() shouldBe true
            default.checksHostname() shouldBe true

            val set =
                DtlsConfig(
                    identity = nobody,
                    alpn = listOf("a", "b"),
                    handshakeTimeout = null,
                    sendCloseNotify = false,
                    dangerouslyWithoutHostnameCheck = true,
                )
            set.identity() shouldBe nobody
            set.alpn() shouldBe listOf("a", "b")
            set.handshakeTimeout() shouldBe null
            set.sendCloseNotify() shouldBe false
            set.checksHostname() shouldBe false
            DtlsConfig(dangerouslyTrustAnything = true).checksHostname() shouldBe false
        }

        test("DTLS-L13 a server has its identity, or chooses it by name") {
            DtlsServerConfig(nobody).identities().apply(null) shouldBe nobody
            val chosen = DtlsServerConfig { name -> if (name == "a.test") nobody else null }
            chosen.identities().apply("a.test") shouldBe nobody
            chosen.identities().apply("b.test") shouldBe null
        }

        test("DTLS-L13 a server that asks for certificates must say whose it believes") {
            shouldThrow<IllegalArgumentException> { DtlsServerConfig(nobody, clientAuth = ClientAuth.NEED) }
            val set =
                DtlsServerConfig(
                    nobody,
                    alpn = listOf("a"),
                    clientAuth = ClientAuth.WANT,
                    clientTrust = TlsTrust.system(),
                    handshakeTimeout = 5.seconds,
                    sendCloseNotify = false,
                    replacement = DtlsReplacement.AT_COOKIE,
                )
            set.alpn() shouldBe listOf("a")
            set.clientAuth() shouldBe ClientAuth.WANT
            set.clientTrust() shouldBe TlsTrust.system()
            set.handshakeTimeout() shouldBe Duration.ofSeconds(5)
            set.sendCloseNotify() shouldBe false
            set.replacement() shouldBe DtlsReplacement.AT_COOKIE
            DtlsServerConfig(nobody).replacement() shouldBe DtlsReplacement.AFTER_HANDSHAKE
        }
    })
