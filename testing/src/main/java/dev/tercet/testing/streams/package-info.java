/**
 * Streams in memory, for tests of what is written against streams. Their twins for coroutines are
 * in {@code dev.tercet.coroutines.testing}.
 */
@NullMarked
package dev.tercet.testing.streams;

import org.jspecify.annotations.NullMarked;
