package dev.tercet.samples.tcat

import dev.tercet.AddressText
import java.net.InetAddress
import java.security.MessageDigest
import java.security.PublicKey
import java.security.cert.CertificateParsingException
import java.security.cert.X509Certificate
import java.security.interfaces.ECKey
import java.security.interfaces.RSAKey
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import java.util.HexFormat

/*
 * A certificate in words. All of it comes from the peer, so it is made printable, and long lists are cut.
 */

/** A chain, the server's own certificate first. */
internal fun report(chain: List<X509Certificate>, now: Instant): String =
    chain.withIndex().joinToString("") { (place, certificate) -> report(place, certificate, now) }

private fun report(place: Int, certificate: X509Certificate, now: Instant): String {
    val valid = "${day(certificate.notBefore.toInstant())} to ${day(certificate.notAfter.toInstant())}, ${left(certificate, now)}"
    val facts = listOf(
        "names" to namesOf(certificate).takeIf { place == 0 || alternatives(certificate)?.isEmpty() == false },
        "issuer" to printable(certificate.issuerX500Principal.name),
        "valid" to valid,
        "key" to "${keyOf(certificate.publicKey)}, signed with ${printable(certificate.sigAlgName)}",
        "serial" to certificate.serialNumber.toString(HEXADECIMAL),
        "sha256" to HexFormat.ofDelimiter(":").withUpperCase().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.encoded)),
    )
    return "$place  ${nameOf(certificate)}\n" +
        facts.filter { it.second != null }.joinToString("") { (what, text) -> "   ${what.padEnd(WIDTH)}$text\n" }
}

/** `CN=example.com`, on one line. */
internal fun nameOf(certificate: X509Certificate): String = printable(certificate.subjectX500Principal.name.ifEmpty { "without a subject" })

/** For which hosts it is: `example.com, *.example.com, 192.0.2.1`. */
internal fun namesOf(certificate: X509Certificate): String {
    val names = alternatives(certificate) ?: return "names that cannot be read"
    if (names.isEmpty()) return "no name of a host"
    val more = names.size - MAX_NAMES
    return names.take(MAX_NAMES).joinToString { printable(it.take(MAX_NAME_CHARACTERS)) } + if (more > 0) " and $more more" else ""
}

/** Names and addresses of hosts; null when they cannot be read. */
private fun alternatives(certificate: X509Certificate): List<String>? = try {
    certificate.subjectAlternativeNames.orEmpty().mapNotNull { (type, value) ->
        when (type) {
            DNS_NAME -> value as? String
            IP_ADDRESS -> (value as? String)?.let { if (':' in it) AddressText.of(InetAddress.getByName(it)) else it }
            else -> null
        }
    }
} catch (_: CertificateParsingException) {
    null
}

private fun left(certificate: X509Certificate, now: Instant): String =
    whyNotNow(certificate, now) ?: "${days(Duration.between(now, certificate.notAfter.toInstant()))} left"

/** `expired on 2026-11-28, 2 days ago`; null for a certificate that is valid. */
internal fun whyNotNow(certificate: X509Certificate, now: Instant): String? {
    val from = certificate.notBefore.toInstant()
    val to = certificate.notAfter.toInstant()
    return when {
        now.isAfter(to) -> "expired on ${day(to)}, ${days(Duration.between(to, now))} ago"
        now.isBefore(from) -> "is valid from ${day(from)} on, in ${days(Duration.between(now, from))}"
        else -> null
    }
}

private fun days(time: Duration): String = when (val days = time.toDays()) {
    0L -> "${time.toHours()} h"
    1L -> "1 day"
    else -> "$days days"
}

private fun day(time: Instant): String = time.atOffset(ZoneOffset.UTC).toLocalDate().toString()

private fun keyOf(key: PublicKey): String {
    val bits =
        when (key) {
            is RSAKey -> key.modulus.bitLength()
            is ECKey -> key.params.order.bitLength()
            else -> null
        }
    return printable(key.algorithm) + bits?.let { " $it bits" }.orEmpty()
}

/** Of the kinds of alternative names (RFC 5280, section 4.2.1.6). */
private const val DNS_NAME = 2
private const val IP_ADDRESS = 7

/** No list is longer for it than a screen. */
private const val MAX_NAMES = 50

/** The longest name of a host. */
private const val MAX_NAME_CHARACTERS = 253
private const val HEXADECIMAL = 16
private const val WIDTH = 8
