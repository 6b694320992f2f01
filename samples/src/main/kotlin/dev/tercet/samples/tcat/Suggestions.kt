package dev.tercet.samples.tcat

/*
 * What people write who know other tools: nc, curl, openssl. An error says what they may have meant; nothing is guessed and done.
 */

/** The address that somebody may have meant; null when nobody knows. */
fun addressMeantBy(text: String, listening: Boolean): String? {
    URL.matchEntire(text)?.let { match ->
        val (scheme, host, port) = match.destructured
        return if (scheme == "https") "tls:$host:${port.ifEmpty { "443" }}" else "tcp:$host:${port.ifEmpty { "80" }}"
    }
    return when {
        text.isNotEmpty() && text.all(Char::isDigit) -> if (listening) "tcp::$text" else "tcp:localhost:$text"
        text.startsWith("ssl:") -> "tls:${text.removePrefix("ssl:")}"
        text.startsWith("/") || text.startsWith("./") -> "unix:$text"
        HOST_AND_PORT.matches(text) -> "tcp:$text"
        else -> null
    }
}

/** What an option of another tool is called here; null when nobody knows. */
fun optionMeantBy(option: String): String? = when (option) {
    "-l" -> "tcat listen ADDRESS"
    "-u" -> "udp:HOST:PORT"
    "-U" -> "unix:PATH"
    "-z" -> "tcat check ADDRESS"
    "-w" -> "--timeout SECONDS"
    "-v" -> "--trace"
    "-s" -> "--local-address HOST"
    "-x" -> "--via ADDRESS"
    "-e", "-c" -> "--exec CMD..."
    "-starttls" -> "--starttls PROTOCOL"
    "--limit-rate", "-L" -> "--rate BYTES"
    "-o" -> "--log FILE"
    "-showcerts" -> "tcat cert ADDRESS"
    "-servername" -> "--server-name NAME"
    "-CAfile", "--cacert" -> "--ca FILE"
    else -> null
}

/** As a part of a sentence that goes on with it, or nothing. */
fun didYouMean(meant: String?): String = if (meant == null) "" else "did you mean $meant? "

private val URL = Regex("(https?)://([^/:\\[\\]]+|\\[[^\\]]*])(?::([0-9]+))?(?:/.*)?")
private val HOST_AND_PORT = Regex("([^:\\[\\]]+|\\[[^\\]]*]):[0-9]+")
