package dev.tercet.coroutines.architecture.broken

import dev.tercet.blocking.SendStream
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/** Breaks: no blocking package of the core is imported. */
class BlockingStreamInside(val stream: SendStream)

/** Breaks: one function suspends by hand. */
suspend fun suspendsByHand(): Int = suspendCancellableCoroutine { it.resume(1) }
