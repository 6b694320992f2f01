package dev.tercet.coroutines.testing

import dev.tercet.TlsVersion
import dev.tercet.coroutines.stream.Stream
import dev.tercet.coroutines.task.nursery
import dev.tercet.coroutines.tls.TlsConfig
import dev.tercet.coroutines.tls.TlsServerConfig
import dev.tercet.coroutines.tls.TlsStream
import dev.tercet.testing.TestCa
import dev.tercet.TlsConfig as ClientConfig
import dev.tercet.TlsServerConfig as ServerConfig

/** Pairs of TLS streams over pairs of streams. */
internal object TlsPairs {
    const val NAME = "server.test"
    val ca: TestCa = TestCa.create()
    val client = TlsConfig(trust = ca.trust())
    val server = TlsServerConfig(ca.issue(NAME, "127.0.0.1"))

    /** A client that resumes nothing: it has sessions of its own. */
    fun stranger(): ClientConfig = TlsConfig(trust = ca.trust())

    fun <S : Stream> wrap(
        transports: Pair<S, S>,
        client: ClientConfig = this.client,
        server: ServerConfig = this.server,
    ): Pair<TlsStream<S>, TlsStream<S>> =
        TlsStream.wrapClient(transports.first, NAME, client) to TlsStream.wrapServer(transports.second, server)

    suspend fun <S : Stream> handshaken(pair: Pair<TlsStream<S>, TlsStream<S>>): Pair<TlsStream<S>, TlsStream<S>> {
        nursery {
            startSoon { pair.first.doHandshake() }
            pair.second.doHandshake()
        }
        return pair
    }

    suspend fun <S : Stream> handshaken(transports: Pair<S, S>, version: TlsVersion): Pair<TlsStream<S>, TlsStream<S>> =
        handshaken(wrap(transports, client.withVersions(version)))
}
