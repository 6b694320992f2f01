package dev.tercet.benchmarks.dial

import dev.tercet.benchmarks.load.DialTargets
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.utils.io.readByte
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/** Ktor's network sockets, to the first address. */
class KtorDialler : Dialler {
    private val selector = SelectorManager(Dispatchers.IO)
    private val scope = CoroutineScope(Dispatchers.IO)
    private val host = DialTargets.addresses().first().hostAddress

    override fun start(order: Orders.Order) {
        scope.launch {
            while (!order.hasEnded()) {
                aSocket(selector).tcp().connect(InetSocketAddress(host, order.port())).use { it.openReadChannel().readByte() }
            }
            order.done()
        }
    }
}
