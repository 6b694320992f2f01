package dev.tercet.coroutines

import dev.tercet.Network
import dev.tercet.coroutines.internal.Outcome
import dev.tercet.internal.loop.LoopGroup
import dev.tercet.internal.loop.LoopThread
import dev.tercet.internal.net.NetworkProvider
import dev.tercet.internal.nio.LoopNetwork
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.withContext
import kotlin.contracts.ExperimentalContracts
import kotlin.contracts.InvocationKind
import kotlin.contracts.contract
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext

/**
 * Runs [block] with a network: all name lookups and sockets inside use it, in children too.
 *
 * ```
 * withNetwork(EventLoop.shared().network().withResolver(resolver)) { openTcpStream("db", 5432) }
 * ```
 *
 * @param network the network to use
 * @param block runs in the caller's context, plus the network; it waits for what it launches
 * @return the result of the block
 *
 * *Errors:* what [block] throws.
 *
 * *Cancellation:* cancels the block; if it has finished already, its result is returned, so no resource is lost, and the next checkpoint
 * throws.
 *
 * *Thread-safety:* any coroutine, on any dispatcher.
 */
@OptIn(ExperimentalContracts::class)
@Suppress("WRONG_INVOCATION_KIND", "LEAKED_IN_PLACE_LAMBDA") // the compiler does not see through the scope in between
public suspend fun <R> withNetwork(network: Network, block: suspend CoroutineScope.() -> R): R {
    contract { callsInPlace(block, InvocationKind.EXACTLY_ONCE) }
    val outcome = Outcome<R>()
    try {
        withContext(network.asContextElement()) { outcome.keep { block() } }
    } catch (thrown: Throwable) {
        outcome.finishedOrThrow(thrown)
    }
    return outcome.value()
}

/**
 * This network as an element of a coroutine context, for `launch` and custom scopes.
 *
 * @return the element that [withNetwork] adds to the context
 */
public fun Network.asContextElement(): CoroutineContext.Element = NetworkElement(this)

/** The network of the caller: what its context says; else that of the loops its program was given; else the shared one. */
internal suspend fun currentNetwork(): NetworkProvider {
    val context = currentCoroutineContext()
    context[NetworkElement]?.let { return NetworkProvider.from(it.network) }
    return LoopNetwork.of(programLoops(context) ?: LoopGroup.shared())
}

/** What [runOnLoop] was given, for what runs on it; else the loop that we run on, alone; null off the loops. */
internal fun programLoops(context: CoroutineContext): LoopGroup? {
    val current = LoopThread.currentLoop() ?: return null
    return context[ProgramLoops]?.group?.takeIf { it.contains(current) } ?: current.alone()
}

/** Over which loops a program is spread. */
internal class ProgramLoops(val group: LoopGroup) : AbstractCoroutineContextElement(ProgramLoops) {
    override fun toString() = "on $group"

    companion object Key : CoroutineContext.Key<ProgramLoops>
}

/** Where channels that exist already, and pairs of them, are to wait: on the caller's loops, also in a simulation (spec KIT-N4). */
internal suspend fun currentLoopGroup(): LoopGroup = (currentNetwork() as? LoopNetwork)?.group() ?: LoopGroup.shared()

private class NetworkElement(val network: Network) : AbstractCoroutineContextElement(NetworkElement) {
    override fun toString() = network.toString()

    companion object Key : CoroutineContext.Key<NetworkElement>
}
