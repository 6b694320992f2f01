package dev.tercet.samples.tcat

import dev.tercet.tls.TlsTrust
import java.net.Socket
import java.security.cert.CertPathBuilderException
import java.security.cert.CertificateException
import java.security.cert.CertificateExpiredException
import java.security.cert.CertificateNotYetValidException
import java.security.cert.X509Certificate
import java.time.Instant
import javax.net.ssl.SSLEngine
import javax.net.ssl.X509ExtendedTrustManager

/**
 * Takes any certificate, and remembers what a client would say of it that trusts [trust]. Such a client stops at the first complaint; here the
 * time, the name and the authority are each asked about.
 */
internal class Examiner(trust: TlsTrust, private val now: Instant) : X509ExtendedTrustManager() {
    private val client = trust.trustManager() as X509ExtendedTrustManager

    /** @property complaints why a client would refuse it; empty when it would not */
    class Finding(val chain: List<X509Certificate>, val complaints: List<String>)

    /** What the server has shown; null before it has. */
    @Volatile var finding: Finding? = null
        private set

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String, engine: SSLEngine) {
        val verdict = complaint { client.checkServerTrusted(chain, authType, engine) }
        val complaints = verdict?.let { reasons(chain, authType, engine).ifEmpty { listOf(root(it)) } }
        finding = Finding(chain.asList(), complaints.orEmpty())
    }

    private fun reasons(chain: Array<X509Certificate>, authType: String, engine: SSLEngine): List<String> {
        val times = chain.mapNotNull { certificate -> whyNotNow(certificate, now)?.let { "${nameOf(certificate)} $it" } }
        // Whoever trusts nobody but this certificate has only its name to refuse.
        val byName = TlsTrust.of(chain.first()).trustManager() as X509ExtendedTrustManager
        val name =
            complaint { byName.checkServerTrusted(chain, authType, engine) }
                // Other complaints, such as about a weak key, are of types of their own.
                ?.takeIf { causes(it).last().javaClass == CertificateException::class.java }
                ?.let { "it is for ${namesOf(chain.first())}, not for ${engine.peerHost}" }
        val authority =
            complaint { client.checkServerTrusted(chain, authType) }
                ?.takeUnless { times.isNotEmpty() && isAboutTime(it) }
                ?.let { aboutAuthority(chain.last(), it) }
        return times + listOfNotNull(name, authority)
    }

    private fun aboutAuthority(last: X509Certificate, why: CertificateException): String = when {
        causes(why).none { it is CertPathBuilderException } -> root(why)
        last.subjectX500Principal == last.issuerX500Principal -> "${nameOf(last)} has issued itself, and is not trusted"
        else -> "${printable(last.issuerX500Principal.name)}, who issued the last certificate of the chain, is not trusted"
    }

    private fun complaint(check: () -> Unit): CertificateException? = try {
        check()
        null
    } catch (e: CertificateException) {
        e
    }

    private fun causes(failure: Throwable) = generateSequence(failure) { it.cause }

    private fun isAboutTime(failure: Throwable) =
        causes(failure).any { it is CertificateExpiredException || it is CertificateNotYetValidException }

    private fun root(failure: Throwable): String = printable(causes(failure).last().let { it.message ?: it.javaClass.simpleName })

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String) = Unit

    override fun checkServerTrusted(chain: Array<X509Certificate>, authType: String, socket: Socket?) = Unit

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String) = Unit

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String, socket: Socket?) = Unit

    override fun checkClientTrusted(chain: Array<X509Certificate>, authType: String, engine: SSLEngine?) = Unit

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}
