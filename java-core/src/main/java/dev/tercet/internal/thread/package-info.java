/** Threads: the library's own, and virtual ones where the JVM has them. Not public API. */
@NullMarked
package dev.tercet.internal.thread;

import org.jspecify.annotations.NullMarked;
