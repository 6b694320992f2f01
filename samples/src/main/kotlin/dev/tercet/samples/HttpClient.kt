package dev.tercet.samples

import dev.tercet.coroutines.*
import dev.tercet.tls.TlsConfig
import java.io.ByteArrayOutputStream
import java.net.InetSocketAddress
import java.net.ProtocolException
import java.net.URI
import kotlin.time.Duration.Companion.seconds

class HttpResponse(val status: Int, val headers: Map<String, String>, val body: ByteArray = ByteArray(0))

/** GET over HTTP/1.1, through a proxy if there is one. The time limit is the caller's: `failAfter(30.seconds) { httpGet(uri) }`. */
suspend fun httpGet(uri: URI, proxy: InetSocketAddress? = null, tls: TlsConfig = TlsConfig()): HttpResponse {
    val isSecure = uri.scheme == "https"
    val port = uri.port.takeIf { it != -1 } ?: if (isSecure) 443 else 80
    val path = uri.rawPath.ifEmpty { "/" } + uri.rawQuery?.let { "?$it" }.orEmpty()
    val host = requireNotNull(uri.host) { "no host in $uri" }.removeSurrounding("[", "]")
    return BufferedStream(openTcpStream(proxy?.hostString ?: host, proxy?.port ?: port)).use { tcp ->
        if (!isSecure) return@use tcp.ask("GET ${if (proxy == null) path else uri}", uri.rawAuthority).withBody(tcp)
        if (proxy != null) {
            val answer = tcp.ask("CONNECT ${uri.host}:$port", "${uri.host}:$port")
            if (answer.status != 200 || tcp.buffered > 0) throw ProtocolException("the proxy answers ${answer.status}")
        }
        BufferedStream(TlsStream.wrapClient(tcp, host, tls)).use { it.ask("GET $path", uri.rawAuthority).withBody(it) }
    }
}

private suspend fun BufferedStream<*>.ask(request: String, host: String): HttpResponse {
    sendAll("$request HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n".encodeToByteArray())
    while (true) {
        val lines = receiveUntil("\r\n\r\n".encodeToByteArray(), maxBytes = 32_768).decodeToString().split("\r\n")
        val status = Regex("HTTP/1\\.[01] (\\d{3})( .*)?").matchEntire(lines[0]) ?: throw ProtocolException("this is not HTTP/1")
        val code = status.groupValues[1].toInt()
        val headers = lines.drop(1).groupBy({ it.substringBefore(':').lowercase() }, { it.substringAfter(':').trim() })
        if (code >= 200) return HttpResponse(code, headers.mapValues { it.value.joinToString() })
    }
}

/** A body is chunked, has a length, or ends with EOF, which TLS authenticates. */
private suspend fun HttpResponse.withBody(from: BufferedStream<*>): HttpResponse {
    if (status == 204 || status == 304) return this
    val body = ByteArrayOutputStream()

    fun bounded(size: Int?) = size?.takeIf { it in 0..16_777_216 - body.size() } ?: throw ProtocolException("a part of $size bytes")

    suspend fun take(size: Int?) = bounded(size).also { body.write(from.receiveExactly(it)) }
    when {
        "transfer-encoding" in headers -> while (take(from.chunkSize()) > 0) from.receiveExactly(2)
        "content-length" in headers -> take(headers["content-length"]?.toIntOrNull())
        else -> from.chunks().collect { body.write(it, 0, bounded(it.size)) }
    }
    return HttpResponse(status, headers, body.toByteArray())
}

private suspend fun BufferedStream<*>.chunkSize() = receiveLine(maxBytes = 1000)?.substringBefore(';')?.trim()?.toIntOrNull(16)

fun main(args: Array<String>) = runOnLoop { println(failAfter(30.seconds) { httpGet(URI(args.first())) }.body.decodeToString()) }
