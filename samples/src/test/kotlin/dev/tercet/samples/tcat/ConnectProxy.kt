package dev.tercet.samples.tcat

import java.io.IOException
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread

/** An HTTP proxy that knows CONNECT only, over TLS if [tls] is not null. A thread per direction: it is for a few connections. */
class ConnectProxy(tls: SSLContext? = null) : AutoCloseable {
    private val loopback = InetAddress.getLoopbackAddress()
    private val server: ServerSocket = tls?.serverSocketFactory?.createServerSocket(0, 50, loopback) ?: ServerSocket(0, 50, loopback)
    val address = "${if (tls == null) "tcp" else "tls"}:127.0.0.1:${server.localPort}"

    /** The request lines that came. */
    val requests: MutableList<String> = CopyOnWriteArrayList()

    init {
        thread(isDaemon = true, name = "proxy") {
            try {
                while (true) server.accept().let { thread(isDaemon = true, name = "connection of proxy") { serve(it) } }
            } catch (e: IOException) {
                // Closed.
            }
        }
    }

    private fun serve(client: Socket) = client.use {
        try {
            val head = readHead(client.getInputStream())
            requests += head.first()
            val authority = head.first().split(' ')[1]
            Socket(authority.substringBeforeLast(':'), authority.substringAfterLast(':').toInt()).use { target ->
                client.getOutputStream().write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n".encodeToByteArray())
                val back = thread(isDaemon = true) { copy(target, client) }
                copy(client, target)
                back.join()
            }
        } catch (e: IOException) {
            // One side has gone; the test sees what comes of it.
        }
    }

    private fun readHead(input: InputStream): List<String> {
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) input.read().let { if (it == -1) throw IOException("no request") else head.append(it.toChar()) }
        return head.trimEnd().lines()
    }

    private fun copy(from: Socket, to: Socket) = try {
        from.getInputStream().transferTo(to.getOutputStream())
        to.shutdownOutput()
    } catch (e: IOException) {
        // The other direction notices, too.
        to.close()
        from.close()
    }

    override fun close() = server.close()
}
