package dev.tercet.coroutines.internal

import dev.tercet.Network
import dev.tercet.internal.names.Lookup
import java.net.InetAddress

/** Waits until everything is answered; a caller who is cancelled gives up. */
internal suspend fun Lookup.await() {
    try {
        answered().await()
    } finally {
        abandon()
    }
}

/** Resolves a host on this network; literals do not reach the resolver. */
internal suspend fun lookup(network: Network, host: String): List<InetAddress> {
    val lookup = Lookup.start(network.resolver(), host)
    lookup.await()
    return lookup.result()
}
