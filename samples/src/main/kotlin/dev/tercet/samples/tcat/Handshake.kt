package dev.tercet.samples.tcat

import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.TlsStream
import dev.tercet.tls.DtlsInfo
import dev.tercet.tls.TlsInfo
import java.security.cert.X509Certificate
import kotlin.time.TimeSource

/** Does the handshake with [peer], and shows what was agreed on. */
suspend fun handshake(tls: TlsStream<*>, peer: Any, trace: Trace?) = timed(peer, trace) {
    tls.doHandshake()
    return@timed { facts(tls.info) }
}

/** The same over datagrams, and what it took to get through. */
suspend fun handshake(channel: DtlsChannel, peer: Any, trace: Trace?) = timed(peer, trace) {
    channel.doHandshake()
    return@timed {
        val went = channel.statistics()
        "${facts(channel.info)}, ${went.retransmits} flights sent again, ${went.mtuFallbacks} MTU steps"
    }
}

private suspend fun timed(peer: Any, trace: Trace?, shakeHands: suspend () -> () -> String) {
    val start = TimeSource.Monotonic.markNow()
    val facts = shakeHands()
    val time = start.elapsedNow()
    trace?.say { "handshake with $peer in ${inMillis(time)}: ${facts()}" }
}

/** `TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2, peer CN=example.com, not resumed` */
fun facts(info: TlsInfo): String = facts(info.version, info.cipherSuite, info.alpn, info.peerCertificates, info.sessionReused)

fun facts(info: DtlsInfo): String = facts(info.version, info.cipherSuite, info.alpn, info.peerCertificates, info.sessionReused)

private fun facts(version: String, suite: String, alpn: String?, peer: List<X509Certificate>, reused: Boolean) = listOf(
    version,
    suite,
    "ALPN ${printable(alpn ?: "none")}",
    "peer ${peer.firstOrNull()?.subjectX500Principal?.name?.let(::printable) ?: "without certificate"}",
    if (reused) "resumed" else "not resumed",
).joinToString()
