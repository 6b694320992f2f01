package dev.tercet.samples

import dev.tercet.OnHandlerError
import dev.tercet.coroutines.*
import java.io.IOException
import java.net.URLDecoder
import kotlin.time.Duration.Companion.seconds

/**
 * Serves the files of a directory over HTTP/1.1: `FileServer [directory [port]]`. The system moves the bytes from the file to the socket, so
 * that a file of any size takes no memory.
 */
fun main(args: Array<String>) = runOnLoop {
    val root = AsyncPath(args.getOrElse(0) { "." }).toRealPath()
    val port = args.getOrNull(1)?.toInt() ?: 8000
    stopOnSignals { stop ->
        serveTcp(
            port,
            // What a client sends, however wrong, ends its own connection only.
            onHandlerError = OnHandlerError.LOG,
            stop = stop,
            drain = 10.seconds,
            idleTimeout = 30.seconds,
            taskStatus = { println("listening on port ${it.first().port}") },
        ) { serveFiles(root, BufferedStream(it)) }
    }
    println("stopped")
}

/** Answers requests until the client ends or asks for something that it cannot be given. */
suspend fun serveFiles(root: AsyncPath, client: BufferedStream<*>) {
    while (true) {
        val request = client.receiveLine()?.split(' ') ?: return
        while (!client.receiveLine().isNullOrEmpty()) continue
        if (request.size != 3 || request[0] !in setOf("GET", "HEAD")) return client.refuse("405 Method Not Allowed")
        val file = root.find(request[1]) ?: return client.refuse("404 Not Found")
        val size = file.fileSize()
        client.sendAll("HTTP/1.1 200 OK\r\nContent-Length: $size\r\n\r\n".encodeToByteArray())
        // A file that is cut meanwhile is an error, which ends the connection: so the client learns that this is not all.
        if (request[0] == "GET") client.sendFile(file.nio, 0, size)
    }
}

/** The file that a request names, if it is a file below this directory: links and dots may lead elsewhere. */
private suspend fun AsyncPath.find(target: String): AsyncPath? = try {
    val name = URLDecoder.decode(target.substringBefore('?').trimStart('/').replace("+", "%2B"), Charsets.UTF_8)
    (this / name).toRealPath().takeIf { it.startsWith(this) && it.isRegularFile() && it.isReadable() }
} catch (_: IOException) {
    null
} catch (_: IllegalArgumentException) {
    null
}

private suspend fun SendStream.refuse(status: String) =
    sendAll("HTTP/1.1 $status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encodeToByteArray())
