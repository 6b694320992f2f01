package dev.tercet.coroutines.internal

import dev.tercet.internal.text.ForeignError

/**
 * The exception that was really thrown. With assertions on, kotlinx.coroutines copies an exception each time it leaves a scope, to show where
 * it was waited for: the copy has the original as its cause, and none of its suppressed exceptions. Our callers get what was thrown, with
 * assertions on and off: they may compare identities, and the failures of siblings are in `suppressed` (spec NUR-X5).
 *
 * A copy is told by its class, that of its cause, and by the frame that kotlinx puts into its stack.
 */
internal fun Throwable.original(): Throwable {
    var current = this
    while (true) {
        val cause = ForeignError.cause(current) ?: return current
        if (cause.javaClass != current.javaClass || current.stackTrace.none { it.className.startsWith(COPY_MARK) }) return current
        current = cause
    }
}

/** The package of the frames that kotlinx.coroutines puts between the stack of the original and that of the copy. */
private const val COPY_MARK = "_COROUTINE"
