package dev.tercet.samples.tcat

import dev.tercet.AddressText
import dev.tercet.coroutines.planConnect

/** `tcat resolve` */
suspend fun resolve(command: Command.Resolve, host: Host) {
    val plan =
        try {
            // The port does not matter for the order.
            at(command.host) { planConnect(command.host, 1, command.localAddress) }
        } catch (e: IllegalArgumentException) {
            throw UsageException("${command.host}: ${e.message}")
        }
    val width = plan.maxOf { AddressText.of(it.address().address).length }
    for (ranked in plan) host.print("${AddressText.of(ranked.address().address).padEnd(width)}  ${ranked.why()}\n")
}
