package dev.tercet.samples

import dev.tercet.*
import dev.tercet.coroutines.*
import dev.tercet.tls.DtlsServerConfig
import dev.tercet.tls.TlsIdentity
import java.net.InetSocketAddress
import java.net.PortUnreachableException
import java.nio.ByteBuffer
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes

/** Encrypts a service that speaks plain UDP. Each client has a socket of its own to the [backend], so that answers find their way. */
class DtlsGateway(private val config: DtlsServerConfig, private val backend: InetSocketAddress) {
    /** When it is stopped, the handlers are cancelled, and `use` sends close_notify to the clients. */
    suspend fun serve(port: Int, stop: StopSignal, taskStatus: TaskStatus<in DtlsEndpoint>) =
        DtlsEndpoint(UdpSocket.bind(port = port)).use { endpoint ->
            endpoint.serve(
                config,
                onHandlerError = OnHandlerError.LOG,
                maxConnections = 1000,
                stop = stop,
                idleTimeout = 2.minutes,
                taskStatus = taskStatus,
            ) { client -> client.use { handle(it) } }
        }

    private suspend fun handle(client: DtlsChannel) {
        client.doHandshake()
        UdpSocket.bind().use { plain ->
            plain.connect(backend)
            nursery<Unit> {
                startSoon {
                    client.messages().collect { if (it.isNotEmpty()) reached { plain.send(ByteBuffer.wrap(it)) } }
                    end()
                }
                val datagram = ByteBuffer.allocate(65_535)
                while (true) {
                    reached { plain.receive(datagram.clear()) }
                    // What does not fit into one datagram is lost.
                    if (datagram.flip().remaining() in 1..client.getCleartextMtu()) client.send(datagram)
                }
            }
        }
    }

    /** A closed port is reported to the next call; what that has sent is lost. The backend may come back. */
    private suspend fun reached(call: suspend () -> Unit) = try {
        call()
    } catch (_: PortUnreachableException) {
    }
}

fun main(args: Array<String>) = runOnLoop {
    val config = DtlsServerConfig(TlsIdentity.fromPem(Path.of(args[0]), Path.of(args[1])))
    val gateway = DtlsGateway(config, backend = getaddrinfo("localhost", 5000).first())
    println(stopOnSignals { gateway.serve(4433, it, TaskStatus.ignored()) })
}
