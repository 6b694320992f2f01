package dev.tercet.coroutines.testing

import dev.tercet.coroutines.Stream
import dev.tercet.coroutines.TlsConfig
import dev.tercet.coroutines.TlsServerConfig
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.TlsVersion
import dev.tercet.tls.TlsConfig as ClientConfig
import dev.tercet.tls.TlsServerConfig as ServerConfig

/** Pairs of TLS streams over pairs of streams. */
internal object TlsPairs {
    const val NAME = "server.test"
    val ca: TestCa = TestCa.create()
    val client = TlsConfig(trust = ca.trust())
    val server = TlsServerConfig(ca.issue(NAME, "127.0.0.1"))

    /** A client that resumes nothing: it has sessions of its own. */
    fun stranger(): ClientConfig = TlsConfig(trust = ca.trust())

    fun watched(transports: Pair<Stream, Stream>): Pair<WatchedStream, WatchedStream> =
        WatchedStream(transports.first) to WatchedStream(transports.second)

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
