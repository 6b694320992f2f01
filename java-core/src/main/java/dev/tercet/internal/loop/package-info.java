/** Event loop internals: the selector thread, readiness cells, timers. Not public API. */
@NullMarked
package dev.tercet.internal.loop;

import org.jspecify.annotations.NullMarked;
