package dev.tercet.coroutines

import dev.tercet.OnHandlerError
import dev.tercet.StopSignal
import dev.tercet.coroutines.internal.text
import kotlinx.coroutines.CoroutineScope
import kotlin.time.Duration

/** How to serve, as the `serve…` functions are told it in so many parameters. */
internal class ServeTerms(
    val handlerNursery: CoroutineScope?,
    val onHandlerError: OnHandlerError,
    val maxConnections: Int,
    val stop: StopSignal?,
    val drain: Duration,
    val idleTimeout: Duration?,
) {
    /** Throws for numbers that are out of range. */
    fun check() {
        require(maxConnections >= 1) { "maxConnections must be at least 1, not $maxConnections" }
        require(!drain.isNegative()) { "drain must not be negative, but is ${drain.text()}" }
        require(idleTimeout == null || idleTimeout.isPositive()) { "idleTimeout must be positive, not ${idleTimeout?.text()}" }
    }
}
