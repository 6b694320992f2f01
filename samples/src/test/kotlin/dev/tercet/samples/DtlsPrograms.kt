package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import dev.tercet.tls.*
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Program 7 of the API's design, the server. What a test has to choose is a parameter. */
suspend fun dtlsServer(identity: TlsIdentity, taskStatus: TaskStatus<in DtlsEndpoint>) =
    DtlsEndpoint(UdpSocket.bind(port = 0)).use { endpoint ->
        val log = OnHandlerError.LOG
        endpoint.serve(DtlsServerConfig(identity), onHandlerError = log, idleTimeout = 5.minutes, taskStatus = taskStatus) { channel ->
            channel.messages().collect { channel.send(it) }
        }
    }

/** Program 7, the client. What it prints it hands out. How long a handshake and an answer take is the machine's, so a test has no limits. */
suspend fun dtlsClient(
    host: String,
    port: Int,
    trust: TlsTrust,
    handshakeLimit: Duration = 5.seconds,
    answerLimit: Duration = 1.seconds,
    print: (String) -> Unit,
) = DtlsEndpoint(UdpSocket.bind()).use { endpoint ->
    val channel = endpoint.connect(getaddrinfo(host, port).first(), host, DtlsConfig(trust))
    failAfter(handshakeLimit) { channel.doHandshake() }
    channel.send("ping".encodeToByteArray())
    if (moveOnAfter(answerLimit) { print(channel.receive().decodeToString()) }) print("lost: this is UDP")
}
