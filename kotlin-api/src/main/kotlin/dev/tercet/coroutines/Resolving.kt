package dev.tercet.coroutines

import dev.tercet.coroutines.internal.await
import dev.tercet.internal.names.AddressQuestion
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import java.net.InetSocketAddress

/** The driver of [AddressQuestion], for every kind of socket. */
internal suspend fun resolve(question: AddressQuestion): InetSocketAddress {
    currentCoroutineContext().ensureActive()
    val lookup = question.start(currentNetwork().resolver())
    lookup.await()
    return question.answer(lookup)
}
