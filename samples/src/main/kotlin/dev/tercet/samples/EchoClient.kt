package dev.tercet.samples

import dev.tercet.coroutines.*

/** Sends a greeting to an echo server, ends its side, and prints what comes back. The twin in Java is `EchoClient.java`. */
fun main(args: Array<String>) = runOnLoop {
    val port = args.firstOrNull()?.toInt() ?: 7000
    openTcpStream("localhost", port).use { stream ->
        stream.sendAll("hello".encodeToByteArray())
        stream.sendEof()
        stream.chunks().collect { print(it.decodeToString()) }
    }
}
