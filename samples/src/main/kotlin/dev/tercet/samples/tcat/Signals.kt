package dev.tercet.samples.tcat

/** INT and TERM, which ask a program to end. */
fun interface Signals {
    /** Runs [block], to which the signals go meanwhile: `receive` waits for the next one. Before and after, a signal ends the program. */
    suspend fun receiving(block: suspend (receive: suspend () -> Unit) -> Unit)
}
