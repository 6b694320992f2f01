package dev.tercet.samples.tcat

import dev.tercet.AddressText
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.UnixDomainSocketAddress
import java.nio.file.InvalidPathException
import java.nio.file.Path

/** Where to connect to or listen. Its text form is what people write. */
sealed interface Address {
    /** Without TLS or DTLS. */
    val below: Address get() = this

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

    /** TLS over one of the others that have connections. */
    data class Tls(override val below: Address) : Address {
        override fun toString() = if (below is Unix) "tls+$below" else "tls:${below.toString().substringAfter(':')}"
    }

    /** DTLS over datagrams. */
    data class Dtls(override val below: Udp) : Address {
        override fun toString() = "dtls:${below.toString().substringAfter(':')}"
    }

    companion object {
        /** Reads an address to listen on: without a host it means all addresses, and port 0 means any. */
        fun toListen(text: String): Address = parse(text, lowestPort = 0)

        fun toConnect(text: String): Address {
            val address = parse(text, lowestPort = 1)
            val hasHost =
                when (val below = address.below) {
                    is Tcp -> below.host != null
                    is Udp -> below.host != null
                    else -> true
                }
            if (!hasHost) throw UsageException("$text has no host: ${text.substringBefore(':')}:HOST:PORT")
            return address
        }

        /** The address of a socket, as it is written on the command line. */
        fun of(address: SocketAddress, scheme: String = "tcp"): String = when (address) {
            is InetSocketAddress -> "$scheme:${AddressText.of(address)}"
            is UnixDomainSocketAddress -> "unix:${address.path}"
            else -> address.toString()
        }

        /** The same for a socket under TLS. */
        fun ofTls(address: SocketAddress): String = if (address is UnixDomainSocketAddress) "tls+${of(address)}" else of(address, "tls")

        private fun parse(text: String, lowestPort: Int): Address {
            val scheme = text.substringBefore(':', missingDelimiterValue = "")
            val rest = text.substringAfter(':')
            return when (scheme) {
                "tcp" -> internet(text, rest, lowestPort).let { (host, port) -> Tcp(host, port) }
                "udp" -> internet(text, rest, lowestPort).let { (host, port) -> Udp(host, port) }
                "unix" -> unix(text, rest)
                "tls" -> internet(text, rest, lowestPort).let { (host, port) -> Tls(Tcp(host, port)) }
                "tls+unix" -> Tls(unix(text, rest))
                "dtls" -> internet(text, rest, lowestPort).let { (host, port) -> Dtls(Udp(host, port)) }
                else -> throw UsageException("$text is no address: ${didYouMean(addressMeantBy(text, listening = lowestPort == 0))}$FORMS")
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
            if (path.isEmpty()) throw UsageException("$text has no path: ${text}PATH")
            return try {
                Unix(Path.of(path))
            } catch (e: InvalidPathException) {
                throw UsageException("$text is no path: ${e.reason}")
            }
        }

        private fun bracketed(host: String) = if (':' in host) "[$host]" else host
    }
}

const val FORMS = "tcp:HOST:PORT, udp:HOST:PORT, unix:PATH, tls:HOST:PORT, tls+unix:PATH or dtls:HOST:PORT"
