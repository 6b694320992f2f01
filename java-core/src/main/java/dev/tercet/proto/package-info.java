/** Pure building blocks: no I/O, clock, thread or lock. Not public API. */
@NullMarked
package dev.tercet.proto;

import org.jspecify.annotations.NullMarked;
