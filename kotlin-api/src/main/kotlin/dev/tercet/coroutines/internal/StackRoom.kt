package dev.tercet.coroutines.internal

/**
 * Makes sure that there is room on the stack for starting a task; throws StackOverflowError otherwise.
 *
 * The problem. `launch` makes a task the child of its nursery and then dispatches it. A stack that overflows between the two leaves a child that
 * never runs, and the nursery waits for it without end. An overflow in a static initialiser also makes that class unusable for good.
 *
 * The strategy. The same room is used once before anything is done. If there is none, the overflow happens here, where nothing is half done.
 */
internal fun requireStackRoom() {
    used = useStack(FRAMES, 1, 2, 3, 4)
}

/** Compiled, a frame takes about 80 bytes: so 20 KB. Starting a task takes less than half. */
private const val FRAMES = 256

/** So that nothing is optimised away; nobody reads it. */
private var used = 0L

/** Four values are needed after the call, and so they lie on the stack meanwhile. */
private fun useStack(frames: Int, a: Long, b: Long, c: Long, d: Long): Long =
    if (frames == 0) a else (useStack(frames - 1, b, c, d, a + frames) xor a) + (b xor c) - d
