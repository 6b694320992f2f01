package dev.tercet.samples.tcat

import dev.tercet.coroutines.socket.SocketStream
import dev.tercet.coroutines.use

/** What `tcat listen` does with a connection. */
sealed interface Service {
    suspend fun handle(connection: Named<SocketStream>)

    /** With one connection: stdin and stdout. */
    data object Standard : Service {
        override suspend fun handle(connection: Named<SocketStream>) = converse(connection)
    }

    data object Echo : Service {
        override suspend fun handle(connection: Named<SocketStream>) = pumpAndEnd(connection, connection)
    }

    /** Hands on to another address. */
    data class Forward(val target: Address) : Service {
        override suspend fun handle(connection: Named<SocketStream>) =
            at(target) { target.open() }.use { relay(connection, Named(it, target)) }
    }

    /** Starts a process for each connection. */
    data class Exec(val command: List<String>) : Service {
        override suspend fun handle(connection: Named<SocketStream>) = talkToProcess(command, connection)
    }
}
