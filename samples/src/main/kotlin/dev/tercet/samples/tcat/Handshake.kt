package dev.tercet.samples.tcat

import dev.tercet.TlsInfo
import dev.tercet.coroutines.tls.TlsStream
import java.util.Locale
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

/** Does the handshake with [peer], and shows what was agreed on. */
suspend fun handshake(tls: TlsStream<*>, peer: Any, trace: Trace) {
    val start = TimeSource.Monotonic.markNow()
    tls.doHandshake()
    val millis = String.format(Locale.ROOT, "%.1f", start.elapsedNow().toDouble(DurationUnit.MILLISECONDS))
    trace.say("handshake with $peer in $millis ms: ${facts(tls.info)}")
}

/** `TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2, peer CN=example.com, not resumed` */
fun facts(info: TlsInfo): String = listOf(
    info.version,
    info.cipherSuite,
    "ALPN ${info.alpn ?: "none"}",
    "peer ${info.peerCertificates.firstOrNull()?.subjectX500Principal?.name ?: "without certificate"}",
    if (info.sessionReused) "resumed" else "not resumed",
).joinToString()
