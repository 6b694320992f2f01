package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import dev.tercet.tls.*

/** Whom the programs with TLS talk to. Each checks what it is told. */
object TlsPeers {
    /** Answers one request, and ends as many web servers do: without close_notify. */
    suspend fun webSite(stream: Stream) {
        val request = BufferedReceiveStream(stream)
        val first = request.receiveLine()
        while (!request.receiveLine().isNullOrEmpty()) continue
        stream.sendAll("HTTP/1.1 200 OK\r\n\r\nyou asked for $first\r\n".encodeToByteArray())
    }

    /** A proxy of HTTP that knows one [site], which listens here. */
    suspend fun proxy(stream: Stream, site: String, sitePort: Int) {
        val client = BufferedReceiveStream(stream)
        check(client.receiveLine() == "CONNECT $site:443 HTTP/1.1")
        while (!client.receiveLine().isNullOrEmpty()) continue
        openTcpStream("localhost", sitePort).use { there ->
            stream.sendAll("HTTP/1.1 200 connected\r\n\r\n".encodeToByteArray())
            nursery {
                startSoon { there.sendAll(client.chunks()) }
                stream.sendAll(there.chunks())
                cancelChildren()
            }
        }
    }

    /** Goes into TLS and out of it again, and then says what it was told without TLS. */
    suspend fun mailServer(stream: SocketStream, config: TlsServerConfig) {
        val plain = BufferedReceiveStream(stream)
        check(plain.receiveLine() == "STARTTLS")
        stream.sendAll("220 ready\r\n".encodeToByteArray())
        val tls = TlsStream.wrapServer(stream, config, plain.takeBuffered())
        check(BufferedReceiveStream(tls).receiveLine() == "LEAVE TLS")
        val (transport, trailing) = tls.unwrap()
        var told = trailing.decodeToString()
        transport.chunks().collect { told += it.decodeToString() }
        transport.sendAll("you said $told".encodeToByteArray())
        transport.sendEof()
    }
}
