package dev.tercet.samples

import dev.tercet.coroutines.*
import dev.tercet.tls.TlsConfig
import java.net.ProtocolException
import java.security.cert.X509Certificate
import java.time.Duration
import java.time.Instant
import kotlin.time.Duration.Companion.seconds

class SmtpReport(val banner: String, val offers: List<String>, val version: String, val certificate: X509Certificate) {
    val daysLeft: Long get() = Duration.between(Instant.now(), certificate.notAfter.toInstant()).toDays()
}

/** Asks a mail server for its banner and, after STARTTLS, for its certificate, which must be good for [host]. */
suspend fun probeSmtp(host: String, port: Int = 25, tls: TlsConfig = TlsConfig()): SmtpReport = failAfter(30.seconds) {
    BufferedStream(openTcpStream(host, port)).use { plain ->
        val banner = plain.smtpReply(220).first()
        val offers = plain.smtpCommand("EHLO probe.invalid", 250).drop(1)
        if (offers.none { it.equals("STARTTLS", ignoreCase = true) }) throw ProtocolException("$host offers no STARTTLS, but $offers")
        plain.smtpCommand("STARTTLS", 220)
        // What came before the handshake may be anybody's.
        if (plain.buffered > 0) throw ProtocolException("$host speaks before TLS")
        TlsStream.wrapClient(plain, host, tls).use { secure ->
            BufferedStream(secure).smtpCommand("QUIT", 221)
            SmtpReport(banner, offers, secure.info.version, secure.info.peerCertificates.first())
        }
    }
}

private suspend fun BufferedStream<*>.smtpCommand(command: String, expected: Int): List<String> {
    sendLine(command)
    return smtpReply(expected)
}

/** "250-one", "250-two", "250 last": RFC 5321 allows 512 bytes a line. How many lines it does not say. */
private suspend fun BufferedStream<*>.smtpReply(expected: Int): List<String> {
    val lines = mutableListOf<String>()
    do {
        val line = receiveLine(maxBytes = 512)?.filterNot { it.isISOControl() } ?: throw ProtocolException("the server has ended")
        if (!line.startsWith("$expected") || lines.size == 100) throw ProtocolException("no $expected, but $line")
        lines += line.drop(4)
    } while (line.getOrNull(3) == '-')
    return lines
}

fun main(args: Array<String>) = runOnLoop {
    for (host in args) println(probeSmtp(host).run { "$host: $banner, $version, $daysLeft days left" })
}
