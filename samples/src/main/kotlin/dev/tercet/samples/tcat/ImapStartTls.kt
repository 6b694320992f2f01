package dev.tercet.samples.tcat

import java.io.IOException

/**
 * RFC 9051, section 6.2.1: the greeting, and STARTTLS. A greeting that says PREAUTH has authenticated the client without TLS, and then there is no
 * way to TLS any more: who sits on the path can send it to keep a connection in plain text.
 */
internal class ImapStartTls : StartTlsLines("IMAP") {
    private var isGreeted = false

    override fun lineUntrusted(line: String): Step {
        val (tag, rest) = line.split(' ', limit = 2).let { it[0] to it.getOrElse(1) { "" } }
        val status = rest.substringBefore(' ').uppercase()
        if (!isGreeted) {
            if (tag != "*" || status !in GREETINGS) throw IOException("the server does not speak IMAP, it sent ${quoted(line)}")
            if (status != "OK") throw IOException("the IMAP server does not let TLS begin: ${quoted(line)}")
            isGreeted = true
            return Step.Send("$TAG STARTTLS\r\n")
        }
        return when {
            tag == TAG && status == "OK" -> Step.Begin
            tag == TAG -> throw IOException("the IMAP server refused STARTTLS: ${quoted(line)}")
            tag == "*" && status == "BYE" -> throw IOException("the IMAP server ended the connection: ${quoted(line)}")
            tag == "*" -> Step.Receive
            else -> throw IOException("the server does not speak IMAP, it sent ${quoted(line)}")
        }
    }

    private companion object {
        const val TAG = "t1"
        val GREETINGS = setOf("OK", "PREAUTH", "BYE")
    }
}
