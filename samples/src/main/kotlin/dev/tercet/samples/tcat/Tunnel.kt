package dev.tercet.samples.tcat

import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import java.io.IOException

/**
 * Asks an HTTP proxy for a tunnel to [target] (RFC 9110, section 9.3.6). What follows the head of its answer is the target's, so it is received
 * byte by byte: not one too many is taken.
 */
suspend fun openTunnel(proxy: Connection, target: Address.Tcp) {
    val authority = target.toString().removePrefix("tcp:")
    proxy.sendAll("CONNECT $authority HTTP/1.1\r\nHost: $authority\r\n\r\n".encodeToByteArray())
    val head = StringBuilder()
    while (!head.endsWith("\r\n\r\n") && !head.endsWith("\n\n")) {
        val byte = proxy.receiveSome(1)
        if (byte.isEmpty()) throw IOException("the proxy ended the connection instead of opening a tunnel to $authority")
        if (head.length == MAX_HEAD_BYTES) throw IOException("the proxy's answer is longer than $MAX_HEAD_BYTES bytes")
        head.append((byte[0].toInt() and 0xff).toChar())
    }
    requireSuccessUntrusted(head.lineSequence().first(), authority)
}

private fun requireSuccessUntrusted(statusLine: String, authority: String) {
    if (STATUS_LINE_OF_SUCCESS.matchesAt(statusLine, 0)) return
    val shown = statusLine.take(MAX_SHOWN_CHARACTERS).map { if (it in ' '..'~') it else '.' }.joinToString("")
    throw IOException(
        if (statusLine.startsWith("HTTP/")) "no tunnel to $authority: $shown" else "the proxy does not speak HTTP, it sent \"$shown\"",
    )
}

private val STATUS_LINE_OF_SUCCESS = Regex("""HTTP/1\.[0-9] 2[0-9]{2}(?: |$)""")

/** More than any proxy has to say. */
private const val MAX_HEAD_BYTES = 16 * 1024
private const val MAX_SHOWN_CHARACTERS = 80
