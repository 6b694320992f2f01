package dev.tercet.coroutines

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.dtls.EndpointCore
import dev.tercet.internal.serve.Ending
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive

/** The peers that dial an endpoint, as a server sees them. Closing it ends the serving only. */
internal class AcceptedChannels(private val endpoint: DtlsEndpoint, private val core: EndpointCore) :
    Listener<DtlsChannel>,
    Ending {
    override suspend fun accept(): DtlsChannel {
        currentCoroutineContext().ensureActive()
        while (true) {
            val arrival = core.arrival()
            core.tryAccept()?.let { return DtlsChannel(endpoint, it) }
            arrival.await()
        }
    }

    override fun hasEnded(): Boolean = core.isClosed

    override suspend fun close() {
        core.stopServing()
        currentCoroutineContext().ensureActive()
    }

    override fun closeForcefully(): Unit = core.stopServing()

    override fun toString(): String = endpoint.toString()
}
