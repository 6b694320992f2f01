package dev.tercet.benchmarks.dial

import dev.tercet.Resolver
import dev.tercet.benchmarks.load.DialTargets
import dev.tercet.coroutines.asContextElement
import dev.tercet.coroutines.dispatcher
import dev.tercet.coroutines.openTcpStream
import dev.tercet.coroutines.use
import dev.tercet.loop.EventLoop
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import java.nio.ByteBuffer

/** Tercet's `openTcpStream` with coroutines on the loop: to the name, with a race over its addresses, or to the first address as it is. */
class TercetDialler private constructor(private val host: String) : Dialler {
    private val loop = EventLoop.open("bench")
    private val scope = CoroutineScope(loop.dispatcher + loop.network().withResolver(table()).asContextElement())

    override fun start(order: Orders.Order) {
        scope.launch {
            val buffer = ByteBuffer.allocateDirect(16)
            while (!order.hasEnded()) {
                openTcpStream(host, order.port()).use { it.receiveSome(buffer.clear()) }
            }
            order.done()
        }
    }

    companion object {
        fun toName() = TercetDialler(DialTargets.NAME)

        fun toLiteral() = TercetDialler(DialTargets.addresses().first().hostAddress)
    }
}

/** Knows the one name. */
fun table(): Resolver = Resolver.fixed(mapOf(DialTargets.NAME to DialTargets.addresses()))
