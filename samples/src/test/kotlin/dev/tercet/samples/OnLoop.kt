package dev.tercet.samples

import dev.tercet.TaskStatus
import dev.tercet.coroutines.*
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import kotlin.time.Duration.Companion.seconds

/** Runs a test with servers and clients on one thread. What the test has started ends with it; a hang is a failure. */
fun onLoop(test: suspend Nursery.() -> Unit) = runOnLoop {
    failAfter(PATIENCE_SECONDS.seconds) {
        nursery {
            test()
            cancelChildren()
        }
    }
}

/** Starts a server with a blocking API on a thread of its own, and waits until it has its port. */
suspend fun <T> Nursery.startBlocking(server: (TaskStatus<T>) -> Unit): T = start { status ->
    runInterruptible(Dispatchers.IO) { server(status) }
}

/** A client with a blocking API. */
suspend fun <T> blocking(client: () -> T): T = runInterruptible(Dispatchers.IO) { client() }

/** Everything to the end, as text. */
suspend fun ReceiveStream.text(): String {
    var text = ""
    chunks().collect { text += it.decodeToString() }
    return text
}
