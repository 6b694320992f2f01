/** What buffered streams of both languages share. Not public API. */
@NullMarked
package dev.tercet.internal.buffer;

import org.jspecify.annotations.NullMarked;
