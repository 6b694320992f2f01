package dev.tercet.benchmarks

/** What the load generator is told, in its own words: see the class `Generator`. */
sealed interface Load {
    /** The command, up to the window. */
    fun command(port: Int): String

    /** The same with another number of connections, where it has any. */
    fun withConnections(count: Int): Load

    data class Echo(val connections: Int, val bytes: Int) : Load {
        override fun command(port: Int) = "echo $port $connections $bytes"

        override fun withConnections(count: Int) = copy(connections = count)
    }

    /** One connection, in one direction; over TLS or not. */
    data class Bulk(val isServerSending: Boolean, val isTls: Boolean = false) : Load {
        override fun command(port: Int) = "${if (isTls) "tls-" else ""}${if (isServerSending) "source" else "sink"} $port"

        override fun withConnections(count: Int) = this
    }

    /** Over TLS with a full handshake each. */
    data class Connect(val outstanding: Int, val isTls: Boolean = false) : Load {
        override fun command(port: Int) = "${if (isTls) "tls-" else ""}connect $port $outstanding"

        override fun withConnections(count: Int) = copy(outstanding = count)
    }

    /** The contender connects, and the load generator is what it connects to. */
    data class Dial(val outstanding: Int) : Load {
        override fun command(port: Int) = "dial $port $outstanding"

        override fun withConnections(count: Int) = copy(outstanding = count)
    }

    /** Not a rate: memory per connection. The command opens so many. */
    data class Idle(val connections: Int, val verb: String = "idle") : Load {
        override fun command(port: Int) = "$verb $port $connections"

        override fun withConnections(count: Int) = copy(connections = count)
    }

    data class DtlsEcho(val channels: Int, val bytes: Int) : Load {
        override fun command(port: Int) = "dtls-echo $port $channels $bytes"

        override fun withConnections(count: Int) = copy(channels = count)
    }

    data class DtlsConnect(val outstanding: Int) : Load {
        override fun command(port: Int) = "dtls-connect $port $outstanding"

        override fun withConnections(count: Int) = copy(outstanding = count)
    }

    /** Datagrams of one kind; more channels than these few would send more at a time than a socket has room for. */
    data class DtlsFlood(val kind: String) : Load {
        override fun command(port: Int) = "dtls-flood $port $kind $CHANNELS"

        override fun withConnections(count: Int) = this

        private companion object {
            const val CHANNELS = 2
        }
    }
}
