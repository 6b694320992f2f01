package dev.tercet.coroutines

import java.io.Closeable
import java.net.BindException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketTimeoutException
import java.nio.file.Files
import java.nio.file.Path

/**
 * A port that takes connections on 127.0.0.1 and swallows them on 127.0.0.2 and 127.0.0.5: there the queue of a listener is full, and Linux drops
 * what comes then, as a dead host would.
 */
internal class DeadAddress : Closeable {
    val addresses: List<InetAddress> = listOf(ip("127.0.0.2"), ip("127.0.0.5"))
    private val listeners: List<ServerSocket> = listen()
    private val live = listeners.first()
    val port: Int = live.localPort
    private val queued = addresses.flatMap(::fill)

    /** A port that is free on the first address may be somebody else's on another: then the next. */
    private fun listen(): List<ServerSocket> {
        while (true) {
            val open = mutableListOf(ServerSocket(0, 50, ip("127.0.0.1")))
            try {
                addresses.mapTo(open) { ServerSocket(open.first().localPort, 1, it) }
                return open
            } catch (_: BindException) {
                open.forEach { it.close() }
            }
        }
    }

    private fun fill(address: InetAddress): List<Socket> = buildList {
        while (true) {
            val socket = Socket()
            try {
                socket.connect(InetSocketAddress(address, port), 100)
                add(socket)
            } catch (_: SocketTimeoutException) {
                socket.close()
                break
            }
        }
    }

    /** The next connection to 127.0.0.1. */
    fun accept(): Socket = live.accept()

    /** How many connects to this port are under way, on this machine. */
    fun synSent(): Int {
        val hex = ":%04X".format(port)
        return listOf("/proc/net/tcp", "/proc/net/tcp6").map(Path::of).filter(Files::exists).sumOf { table ->
            Files.readAllLines(table).drop(1).map { it.trim().split(Regex(" +")) }.count { it[2].endsWith(hex) && it[3] == "02" }
        }
    }

    override fun close() {
        queued.forEach { it.close() }
        listeners.forEach { it.close() }
    }

    companion object {
        fun ip(literal: String): InetAddress = InetAddress.getByName(literal)
    }
}
