package dev.tercet.coroutines

import io.kotest.core.spec.style.scopes.FunSpecRootScope
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext

/** A test in a directory of its own; afterwards no descriptor of a file in it is open, and no slot is taken. */
internal fun FunSpecRootScope.inFiles(name: String, body: suspend CoroutineScope.(directory: AsyncPath) -> Unit) = test(name) {
    withContext(Dispatchers.Default) {
        withTimeout(PATIENCE) {
            inDirectory { directory ->
                body(directory.async)
                eventually("open: ${openFilesIn(directory)}") { openFilesIn(directory).isEmpty() }
                eventually("slots are taken: ${IoLimiter.Default}") { IoLimiter.Default.available == IoLimiter.Default.threads }
            }
        }
    }
}

/** What this process has open in a directory. */
internal fun openFilesIn(directory: Path): List<Path> = Files.list(Path.of("/proc/self/fd")).use { fds ->
    fds.toList().mapNotNull { fd -> runCatching { Files.readSymbolicLink(fd) }.getOrNull() }.filter { it.startsWith(directory) }
}

internal fun mkfifo(path: AsyncPath) {
    check(ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor() == 0) { "no FIFO at $path" }
}

/** Counts how often a coroutine is resumed, and does something at one of these moments. */
internal class CountingDispatcher(private val at: Int = -1, private val then: () -> Unit = {}) : CoroutineDispatcher() {
    val count = AtomicInteger()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (count.getAndIncrement() == at) then()
        Dispatchers.Default.dispatch(context, block)
    }
}

/** Runs [body] again and again, and cancels it at its first resumption, at its second, and so on, until it ends before that. */
internal suspend fun cancelledAtEachSuspension(body: suspend CoroutineScope.() -> Unit): Int {
    for (at in 0..10_000) {
        var job: Job? = null
        val dispatcher = CountingDispatcher(at) { job?.cancel() }
        job = CoroutineScope(Dispatchers.Default).launch(start = kotlinx.coroutines.CoroutineStart.LAZY) {
            withContext(dispatcher) { body() }
        }
        job.join()
        if (!job.isCancelled) return at
    }
    throw AssertionError("it never ends")
}
