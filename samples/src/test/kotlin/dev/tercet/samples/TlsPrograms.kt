package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import dev.tercet.tls.*
import java.nio.file.Path

/*
 * The programs with TLS in Kotlin, as short as the API's design promises, whose names they have. What a test has to choose is a parameter, and
 * what they print they hand out. `TlsProgramsRealSocketSpec` runs them.
 */

/** Program 3: a TLS client to a web server, with ALPN. */
suspend fun getOverTls(host: String, port: Int, trust: TlsTrust, print: (String) -> Unit) =
    openTlsOverTcpStream(host, port, TlsConfig(trust, alpn = listOf("http/1.1"), httpsCompatible = true)).use { stream ->
        stream.doHandshake() // optional: the first send or receive does it
        print("${stream.info.version} ${stream.info.alpn} ${stream.info.peerCertificates.first().subjectX500Principal}")
        stream.sendAll("GET / HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n".encodeToByteArray())
        stream.lines().collect(print)
    }

/** Program 4: a TLS server from PEM files. */
suspend fun echoOverTls(chain: Path, key: Path, taskStatus: TaskStatus<in List<TlsListener<SocketStream>>>) {
    val config = TlsServerConfig(TlsIdentity.fromPem(chain, key), alpn = listOf("echo"))
    serveTlsOverTcp(0, config, onHandlerError = OnHandlerError.LOG, taskStatus = taskStatus) { stream ->
        stream.use { echo(it) } // use: sends close_notify
    }
}

/** Program 5: HTTPS through an HTTPS proxy, so TLS in TLS. */
suspend fun getThroughProxy(proxyPort: Int, site: String, https: TlsConfig, print: (String) -> Unit) {
    openTlsOverTcpStream("localhost", proxyPort, https).use { proxy ->
        proxy.sendAll("CONNECT $site:443 HTTP/1.1\r\nHost: $site\r\n\r\n".encodeToByteArray())
        val reply = BufferedReceiveStream(proxy)
        check(" 200 " in reply.receiveLine().orEmpty()) { "proxy said no" }
        while (!reply.receiveLine().isNullOrEmpty()) continue
        TlsStream.wrapClient(proxy, site, https, initialBytes = reply.takeBuffered()).use { stream ->
            stream.sendAll("GET /index.html HTTP/1.0\r\n\r\n".encodeToByteArray())
            stream.lines().collect(print)
        }
    }
}

/** Program 6: STARTTLS, and back. Returns what the server has said when it had left TLS too. */
suspend fun startTls(stream: SocketStream, config: TlsConfig): String {
    val plain = BufferedReceiveStream(stream)
    stream.sendAll("STARTTLS\r\n".encodeToByteArray())
    check(plain.receiveLine() == "220 ready" && plain.buffered == 0) { "refused, or plaintext injected" }
    val tls = TlsStream.wrapClient(stream, "mail.test", config)
    tls.sendAll("LEAVE TLS\r\n".encodeToByteArray())
    val (transport, trailing) = tls.unwrap() // trailing: already received past close_notify
    transport.sendAll("plain again\r\n".encodeToByteArray())
    transport.sendEof()
    var answer = trailing.decodeToString()
    transport.chunks().collect { answer += it.decodeToString() }
    return answer
}
