package dev.tercet.samples.tcat

import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLSocket
import kotlin.concurrent.thread

/**
 * A server that speaks just enough of a protocol for a client to begin with TLS, and echoes what comes inside. Clients of others take it for one,
 * too.
 *
 * @param injected what it sends in plain text behind its consent, in one piece with it
 */
class StartTlsServer(private val protocol: StartTlsProtocol, context: SSLContext, private val injected: String = "") : AutoCloseable {
    private val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val sockets = context.socketFactory
    val port = server.localPort

    /** What clients said before TLS. */
    val heard: MutableList<String> = CopyOnWriteArrayList()

    init {
        thread(isDaemon = true, name = "STARTTLS server") {
            try {
                while (true) server.accept().let { thread(isDaemon = true) { serve(it) } }
            } catch (_: IOException) {
                // Closed.
            }
        }
    }

    private fun serve(client: Socket) = client.use {
        try {
            converse(it.getInputStream(), it.getOutputStream())
            val tls = sockets.createSocket(it, null, false) as SSLSocket
            tls.useClientMode = false
            tls.use { tls.inputStream.transferTo(tls.outputStream) }
        } catch (_: IOException) {
            // The client has gone; the test sees what it thinks of it.
        }
    }

    private fun converse(input: InputStream, output: OutputStream) {
        fun say(text: String) = output.write(text.encodeToByteArray())

        fun hear(end: String): String {
            val all = StringBuilder()
            while (!all.endsWith(end)) input.read().let { if (it == -1) throw IOException("the client ended") else all.append(it.toChar()) }
            return all.toString().also { heard += it }
        }
        when (protocol) {
            StartTlsProtocol.SMTP -> {
                say("220-mail.test\r\n220 ESMTP\r\n")
                hear("\r\n")
                say("250-mail.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
                hear("\r\n")
                say("220 ready\r\n$injected")
            }

            StartTlsProtocol.IMAP -> {
                say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
                var command = hear("\r\n")
                while ("STARTTLS" !in command) {
                    say("* CAPABILITY IMAP4rev1 STARTTLS\r\n${command.substringBefore(' ')} OK done\r\n")
                    command = hear("\r\n")
                }
                say("${command.substringBefore(' ')} OK begin\r\n$injected")
            }

            StartTlsProtocol.POSTGRESQL -> {
                heard += input.readNBytes(8).joinToString(" ")
                say("S$injected")
            }

            StartTlsProtocol.XMPP -> {
                while ("<stream:stream" !in hear(">")) continue
                say(
                    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>",
                )
                say("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>")
                hear(">")
                say("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>$injected")
            }
        }
    }

    override fun close() = server.close()
}
