package dev.tercet.samples.tcat

import dev.tercet.BrokenResourceException
import dev.tercet.coroutines.TlsStream
import dev.tercet.coroutines.nursery
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.receiveSome
import dev.tercet.coroutines.sendAll
import dev.tercet.coroutines.serveTcp
import dev.tercet.coroutines.use
import dev.tercet.testing.certificates.TestCa
import dev.tercet.tls.TlsConfig
import dev.tercet.tls.TlsServerConfig
import dev.tercet.tls.TlsTruncatedException

/** An authority in memory, a server that it certifies, and clients that believe it, or not. */
internal suspend fun Tour.tls() = nursery {
    val authority = TestCa.create()
    val serverConfig = TlsServerConfig.of(authority.issue("server.demo")).withAlpn("demo/1")
    val listeners = start { status ->
        serveTcp(0, "127.0.0.1", onHandlerError = { _, _ -> }, taskStatus = status) { transport ->
            val stream = TlsStream.wrapServer(transport, serverConfig)
            when (stream.receiveSome().decodeToString()) {
                "cut" -> stream.sendAll("half an ans".encodeToByteArray()).also { transport.closeForcefully() }
                else -> stream.use { it.sendAll("a whole answer".encodeToByteArray()) }
            }
        }
    }
    val port = listeners.single().port
    val believing = TlsConfig.DEFAULT.withTrust(authority.trust()).withAlpn("demo/1")

    connected(port, "server.demo", believing) { stream ->
        stream.sendAll("whole".encodeToByteArray())
        say(facts(stream.info))
        val answer = receiveAll(stream)
        saw("received \"$answer\", and the server's close_notify: that was all", answer == "a whole answer")
    }
    connected(port, "elsewhere.demo", believing) {
        saw<BrokenResourceException>("a certificate for another name") { it.doHandshake() }
    }
    connected(port, "server.demo", TlsConfig.DEFAULT) {
        saw<BrokenResourceException>("an authority that only this demo believes") { it.doHandshake() }
    }
    connected(port, "server.demo", believing) { stream ->
        stream.sendAll("cut".encodeToByteArray())
        val received = StringBuilder()
        val failure =
            try {
                while (true) received.append(stream.receiveSome().ifEmpty { break }.decodeToString())
                null
            } catch (e: BrokenResourceException) {
                e
            }
        saw("received \"$received\", and then: ${failure?.message}", failure?.cause is TlsTruncatedException)
    }
    cancelChildren()
}

private suspend fun connected(port: Int, name: String, config: TlsConfig, body: suspend (TlsStream<*>) -> Unit) {
    TlsStream.wrapClient(openTcpStream("127.0.0.1", port), name, config).use { body(it) }
}

private suspend fun receiveAll(stream: TlsStream<*>): String {
    val all = StringBuilder()
    while (true) all.append(stream.receiveSome().ifEmpty { return all.toString() }.decodeToString())
}

private inline fun ByteArray.ifEmpty(otherwise: () -> Nothing): ByteArray = if (isEmpty()) otherwise() else this
