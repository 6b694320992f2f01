package dev.tercet.samples.tcat

import java.io.IOException

/**
 * RFC 6120, section 5: both sides open a stream, the server's features have starttls, the client asks, the server lets it proceed.
 *
 * Just enough XML is read: tags, with what stands in quotation marks in them, and how deep they are. The stream itself is depth 1, its
 * elements are depth 2. Comments, document types, CDATA and entities that define something are forbidden in XMPP (section 11.1), so they are
 * refused. Of names the part behind the prefix counts.
 */
internal class XmppStartTls(private val host: String) : StartTls() {
    private val tag = StringBuilder()
    private var quote: Char? = null
    private var isInTag = false
    private var depth = 0
    private var element = ""
    private var offersTls = false
    private var hasAsked = false

    override val opening: ByteArray
        get() = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
                "to='${escaped(host)}' version='1.0'>"
            ).encodeToByteArray()

    /** Between our two words, where servers write line ends. */
    override fun isFiller(byte: Byte) = byte.toInt().toChar() in " \t\r\n"

    override fun byteUntrusted(byte: Byte): Step {
        // No character of the markup is part of another one in UTF-8.
        val character = Char(byte.toInt() and 0xff)
        if (!isInTag) {
            when {
                character == '<' -> isInTag = true

                depth == 0 && !isFiller(
                    byte,
                ) -> throw IOException("the server does not speak XMPP, it sent ${quoted(character.toString())}")
            }
            return Step.Receive
        }
        when {
            quote != null -> if (character == quote) quote = null
            character == '"' || character == '\'' -> quote = character
            character == '>' -> return tagUntrusted(tag.toString().also { tag.clear() }).also { isInTag = false }
            character == '<' -> throw IOException("the server does not speak XMPP, it sent ${quoted("<$tag<")}")
        }
        tag.append(character)
        return Step.Receive
    }

    private fun tagUntrusted(text: String): Step = when {
        text.startsWith("?xml ") && depth == 0 -> Step.Receive

        text.startsWith("!") || text.startsWith("?") -> throw IOException("the server sent what XMPP forbids: ${quoted("<$text>")}")

        text.startsWith("/") -> ended()

        else -> {
            begun(localName(text), text)
            if (text.endsWith("/")) ended() else Step.Receive
        }
    }

    private fun begun(name: String, text: String) {
        depth++
        when (depth) {
            STREAM -> if (name != "stream") throw IOException("the server does not speak XMPP, it sent ${quoted("<$text>")}")
            STREAM + 1 -> element = name
            STREAM + 2 -> if (element == "features" && name == "starttls") offersTls = true
        }
    }

    private fun ended(): Step {
        depth--
        if (depth < STREAM) throw IOException("the XMPP server ended its stream before TLS")
        return if (depth == STREAM) elementUntrusted(element) else Step.Receive
    }

    private fun elementUntrusted(name: String): Step = when {
        !hasAsked && name == "features" -> {
            if (!offersTls) throw IOException("the XMPP server offers no STARTTLS for ${printable(host)}")
            hasAsked = true
            Step.Send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        }

        hasAsked && name == "proceed" -> Step.Begin

        hasAsked && name == "failure" -> throw IOException("the XMPP server refused STARTTLS")

        name == "error" -> throw IOException("the XMPP server ended the stream with an error; its name may not be ${printable(host)}")

        else -> throw IOException("the XMPP server sent ${quoted("<$name>")} before TLS")
    }

    private companion object {
        const val STREAM = 1

        fun localName(tag: String): String = tag.trimEnd('/').takeWhile { it !in " \t\r\n" }.substringAfter(':')

        fun escaped(text: String): String = text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")
    }
}
