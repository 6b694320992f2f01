package dev.tercet.samples.tcat

import dev.tercet.ConnectReport
import dev.tercet.coroutines.net.openTcpStream
import dev.tercet.coroutines.net.openUnixSocket
import dev.tercet.coroutines.socket.SocketStream
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.UnixDomainSocketAddress
import java.nio.file.InvalidPathException
import java.nio.file.Path

/** Where to connect to or listen: `tcp:HOST:PORT`, `udp:HOST:PORT` or `unix:PATH`. Its text form is what people write. */
sealed interface Address {
    /** @property host null for all addresses of this machine, when listening */
    data class Tcp(val host: String?, val port: Int) : Address {
        override fun toString() = "tcp:${bracketed(host.orEmpty())}:$port"
    }

    /** @property host null for all addresses of this machine, when listening */
    data class Udp(val host: String?, val port: Int) : Address {
        override fun toString() = "udp:${bracketed(host.orEmpty())}:$port"
    }

    data class Unix(val path: Path) : Address {
        override fun toString() = "unix:$path"
    }

    companion object {
        /** Reads an address to listen on: without a host it means all addresses, and port 0 means any. */
        fun toListen(text: String): Address = parse(text, lowestPort = 0)

        fun toConnect(text: String): Address {
            val address = parse(text, lowestPort = 1)
            val hasHost =
                when (address) {
                    is Tcp -> address.host != null
                    is Udp -> address.host != null
                    is Unix -> true
                }
            if (!hasHost) throw UsageException("$text has no host: ${text.substringBefore(':')}:HOST:PORT")
            return address
        }

        /** The address of a socket, as it is written on the command line. */
        fun of(address: SocketAddress, scheme: String = "tcp"): String = when (address) {
            is InetSocketAddress -> "$scheme:${bracketed(address.address.hostAddress)}:${address.port}"
            is UnixDomainSocketAddress -> "unix:${address.path}"
            else -> address.toString()
        }

        private fun parse(text: String, lowestPort: Int): Address {
            val scheme = text.substringBefore(':', missingDelimiterValue = "")
            val rest = text.substringAfter(':')
            return when (scheme) {
                "tcp" -> internet(text, rest, lowestPort).let { (host, port) -> Tcp(host, port) }
                "udp" -> internet(text, rest, lowestPort).let { (host, port) -> Udp(host, port) }
                "unix" -> unix(text, rest)
                in LATER -> throw UsageException("$scheme: is not in this version of tcat, which does tcp:, udp: and unix: ($text)")
                else -> throw UsageException("$text is no address: tcp:HOST:PORT, udp:HOST:PORT or unix:PATH")
            }
        }

        private fun internet(text: String, rest: String, lowestPort: Int): Pair<String?, Int> {
            val scheme = text.substringBefore(':')
            if (':' !in rest) throw UsageException("$text has no port: $scheme:HOST:PORT")
            val host = rest.substringBeforeLast(':')
            val port = rest.substringAfterLast(':')
            val number = port.toIntOrNull()?.takeIf { port.all(Char::isDigit) && it in lowestPort..65_535 }
            val literal = host.removeSurrounding("[", "]")
            if (literal == host && ':' in host) throw UsageException("put the IPv6 address of $text into brackets: $scheme:[::1]:80")
            return literal.ifEmpty { null } to
                (number ?: throw UsageException("port must be $lowestPort to 65535, not '$port', in $text"))
        }

        private fun unix(text: String, path: String): Unix {
            if (path.isEmpty()) throw UsageException("$text has no path: unix:PATH")
            return try {
                Unix(Path.of(path))
            } catch (e: InvalidPathException) {
                throw UsageException("$text is no path: ${e.reason}")
            }
        }

        private fun bracketed(host: String) = if (':' in host) "[$host]" else host

        private val LATER = setOf("tls", "tls+unix", "dtls")
    }
}

/** Connects. [onReport] is told how that went, when there was something to choose. */
suspend fun Address.open(localAddress: String? = null, onReport: ((ConnectReport) -> Unit)? = null): SocketStream = try {
    when (this) {
        is Address.Tcp -> openTcpStream(checkNotNull(host), port, localAddress = localAddress, onReport = onReport)
        is Address.Unix -> openUnixSocket(path)
        is Address.Udp -> throw UsageException("$this has no connections")
    }
} catch (e: IllegalArgumentException) {
    // Refused before anything was done: a path that is too long for a socket, for instance.
    throw UsageException("$this: ${e.message}")
}
