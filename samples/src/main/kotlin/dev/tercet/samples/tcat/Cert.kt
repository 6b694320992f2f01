package dev.tercet.samples.tcat

import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.failAfter
import dev.tercet.coroutines.use
import dev.tercet.tls.TlsTrust
import java.io.IOException
import java.time.Instant
import kotlin.time.Duration

/**
 * `tcat cert`: shows the certificates of a server, and what a client would refuse and why. The handshake takes any certificate, nothing is sent
 * after it. A server that ends the handshake after it has shown its certificates, since it wants one of ours, has shown enough: the failure is told
 * after the report.
 */
suspend fun cert(command: Command.Cert, host: Host, now: Instant = Instant.now()): ExitCode {
    val examiner = Examiner(command.way.tls.trust, now)
    val handshake = shakingHands(command, TlsTrust.of(examiner))
    var agreed: String? = null
    var failure: IOException? = null
    try {
        agreed = at(command.address) { failAfter(command.timeout ?: Duration.INFINITE) { handshake() } }
    } catch (e: IOException) {
        failure = e
    }
    val finding = examiner.finding
    if (finding != null) host.print(text(command, finding, agreed, now))
    failure?.let { throw it }
    if (finding == null) throw IOException("${command.address}: the server has shown no certificate")
    return if (finding.complaints.isEmpty()) ExitCode.CLEAN else ExitCode.REFUSED
}

private fun text(command: Command.Cert, finding: Examiner.Finding, agreed: String?, now: Instant): String {
    val trusted = command.way.tls.ca?.let { "the authorities in $it" } ?: "the platform's authorities"
    val verdict = finding.complaints.map { "refused: $it" }.ifEmpty { listOf("accepted by a client that trusts $trusted") }
    return listOfNotNull(agreed?.let { "${command.address}: $it" }).joinToString("") { "$it\n" } +
        report(finding.chain, now) + verdict.joinToString("") { printable(it) + "\n" }
}

/** What does the handshake and closes; it returns what was agreed on. */
private fun shakingHands(command: Command.Cert, trust: TlsTrust): suspend () -> String {
    val address = command.address
    if (address is Address.Dtls) {
        val config = command.way.tls.dtlsClientConfig().withTrust(trust)
        return {
            withDtls(address, command.way, config) { channel ->
                channel.apply { doHandshake() }.info.let { agreed(it.version, it.cipherSuite) }
            }
        }
    }
    val route = Route(address, command.way, trust)
    return { route.open().use { connection -> (connection.stream as TlsStream<*>).info.let { agreed(it.version, it.cipherSuite) } } }
}

private fun agreed(version: String, cipherSuite: String) = "$version, $cipherSuite"
