package dev.tercet.samples.tcat

import dev.tercet.coroutines.use
import kotlin.time.Duration

/** What `tcat listen` does with a connection. */
sealed interface Service {
    /** Makes the handler. It reads the files that it needs, so that a mistake is reported before anybody connects. */
    fun handler(host: Host): suspend (Named<Connection>) -> Unit

    /**
     * With one connection: stdin and stdout.
     *
     * @property quiet how long to wait for more from the peer after the EOF of stdin
     */
    data class Standard(val quiet: Duration = Duration.INFINITE) : Service {
        override fun handler(host: Host): suspend (Named<Connection>) -> Unit = { converse(it, host, quiet) }
    }

    data object Echo : Service {
        override fun handler(host: Host): suspend (Named<Connection>) -> Unit = { pumpAndEnd(it, it) }
    }

    /** Hands on to another address. */
    data class Forward(val target: Address, val tls: TlsSettings = TlsSettings()) : Service {
        override fun handler(host: Host): suspend (Named<Connection>) -> Unit {
            val route = Route(target, Way(tls = tls))
            return { connection -> at(target) { route.open() }.use { relay(connection, Named(it, target)) } }
        }
    }

    /** Starts a process for each connection. */
    data class Exec(val command: List<String>) : Service {
        override fun handler(host: Host): suspend (Named<Connection>) -> Unit = { talkToProcess(command, it, host) }
    }
}
