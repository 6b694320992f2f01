package dev.tercet.samples.tcat

import dev.tercet.BrokenResourceException
import dev.tercet.tls.TlsAlertException
import dev.tercet.tls.TlsTruncatedException
import java.io.IOException
import java.security.cert.CertificateException

/** What a script learns of how it went. */
enum class ExitCode(val code: Int) {
    CLEAN(0),

    /** A connection or the peer failed; one line on stderr says what and where. */
    FAILED(1),

    /** The command line makes no sense; one line on stderr says why. */
    USAGE(2),

    /** With TLS: the peer, or somebody on the way, has cut the conversation short. What came is authentic, and may not be all. */
    TRUNCATED(3),

    /** With TLS: one side did not believe the other's certificate, or that it is for this name, and said so. */
    REFUSED(4),

    ;

    companion object {
        fun of(failure: IOException): ExitCode {
            val causes = generateSequence<Throwable>(failure) { it.cause }
            return when {
                // In the middle of a handshake nothing was said that could be cut short.
                causes.any { it is TlsTruncatedException && !it.duringHandshake() } -> TRUNCATED

                causes.any { it is CertificateException || isRefusal(it) } -> REFUSED

                else -> FAILED
            }
        }

        /**
         * The peer says it by an alert (RFC 8446, section 6.2); the engines say it of a client that has no certificate to show. At the end of a
         * message: what the peer has chosen stands before it, if anywhere.
         */
        private fun isRefusal(failure: Throwable) = when (failure) {
            is TlsAlertException -> failure.alert() in REFUSALS
            is BrokenResourceException -> NO_CERTIFICATE.any { failure.reason().endsWith(it) }
            else -> false
        }

        private val NO_CERTIFICATE =
            listOf("Empty client certificate chain", "the client has shown no certificate", "the peer has shown no certificate")

        private val REFUSALS =
            setOf("bad_certificate", "unsupported_certificate", "certificate_revoked", "certificate_expired", "certificate_unknown") +
                setOf("unknown_ca", "certificate_required", "unrecognized_name")
    }
}
