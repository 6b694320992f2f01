package dev.tercet.coroutines.testing

import dev.tercet.EndOfChannelException
import dev.tercet.OnHandlerError
import dev.tercet.ResourceException
import dev.tercet.coroutines.DtlsChannel
import dev.tercet.coroutines.DtlsEndpoint
import dev.tercet.coroutines.UdpSocket
import dev.tercet.coroutines.messages
import dev.tercet.coroutines.start
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.DtlsConfig
import dev.tercet.tls.DtlsServerConfig
import kotlinx.coroutines.CoroutineScope
import java.net.InetSocketAddress

/** What tests of DTLS have in common. */
internal object DtlsPlay {
    const val NAME = "server.test"
    private val authority = TestCa.create()
    val client: DtlsConfig = DtlsConfig.DEFAULT.withTrust(authority.trust())
    val server: DtlsServerConfig = DtlsServerConfig.of(authority.issue(NAME))

    /** The end of a channel is no failure of its handler. */
    val lenient = OnHandlerError { failure, _ -> if (failure !is ResourceException) throw failure }

    suspend fun endpoint(host: String, port: Int = 0, incomingPacketsBuffer: Int? = null) =
        DtlsEndpoint(UdpSocket.bind(host, port), incomingPacketsBuffer)

    /** Serves in the background of a test, from now on. */
    suspend fun serve(scope: CoroutineScope, endpoint: DtlsEndpoint, handler: suspend (DtlsChannel) -> Unit) {
        scope.start<DtlsEndpoint> { status -> endpoint.serve(server, onHandlerError = lenient, taskStatus = status, handler = handler) }
    }

    suspend fun serve(scope: CoroutineScope, endpoint: DtlsEndpoint) = serve(scope, endpoint, ::echo)

    suspend fun echo(channel: DtlsChannel) = channel.messages().collect { channel.send(it) }

    fun dial(from: DtlsEndpoint, to: DtlsEndpoint): DtlsChannel = from.connect(local(to), NAME, client)

    fun local(endpoint: DtlsEndpoint): InetSocketAddress = checkNotNull(endpoint.socket.localAddress)

    suspend fun DtlsChannel.say(text: String) = send(text.encodeToByteArray())

    suspend fun DtlsChannel.hear(): String = receive().decodeToString()

    /** Sends and receives, once. */
    suspend fun DtlsChannel.ask(text: String): String {
        say(text)
        return hear()
    }

    suspend fun DtlsChannel.isAtItsEnd(): Boolean = try {
        receive()
        false
    } catch (_: EndOfChannelException) {
        true
    }
}
