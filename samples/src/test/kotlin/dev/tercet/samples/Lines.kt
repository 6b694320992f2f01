package dev.tercet.samples

import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** What a program writes to stderr, line by line, while a test waits for one of them. Whatever waits here gives up after a minute. */
class Lines {
    private val lock = ReentrantLock()
    private val another = lock.newCondition()
    private val lines = mutableListOf<String>()

    fun add(line: String) = lock.withLock {
        lines += line
        another.signalAll()
    }

    fun all(): List<String> = lock.withLock { lines.toList() }

    /** What stands after [marker] in the first line that has it. */
    fun await(marker: String): String {
        var left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)
        lock.withLock {
            while (true) {
                lines.firstOrNull { marker in it }?.let { return it.substringAfter(marker) }
                check(left > 0) { "no line with '$marker' on stderr: $lines" }
                left = another.awaitNanos(left)
            }
        }
    }
}

/** A hang is a failure. */
const val PATIENCE_SECONDS = 60L
