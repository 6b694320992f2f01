/** How a thread waits: wake-ups, deadlines, interrupts. Not public API. */
@NullMarked
package dev.tercet.internal.task;

import org.jspecify.annotations.NullMarked;
