package dev.tercet.samples.tcat

import dev.tercet.coroutines.use

/** What `tcat listen` does with a connection. */
sealed interface Service {
    /** Reads what it needs, so that a mistake is told before anybody connects. */
    fun prepare() = Unit

    suspend fun handle(connection: Named<Connection>)

    /** With one connection: stdin and stdout. */
    data object Standard : Service {
        override suspend fun handle(connection: Named<Connection>) = converse(connection)
    }

    data object Echo : Service {
        override suspend fun handle(connection: Named<Connection>) = pumpAndEnd(connection, connection)
    }

    /** Hands on to another address. */
    data class Forward(val target: Address, val tls: TlsSettings = TlsSettings()) : Service {
        private val route by lazy { Route(target, tls) }

        override fun prepare() {
            route
        }

        override suspend fun handle(connection: Named<Connection>) =
            at(target) { route.open() }.use { relay(connection, Named(it, target)) }
    }

    /** Starts a process for each connection. */
    data class Exec(val command: List<String>) : Service {
        override suspend fun handle(connection: Named<Connection>) = talkToProcess(command, connection)
    }
}
