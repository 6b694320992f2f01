/**
 * A battery of checks for stream types of your own. It depends on no test framework. Its twin for
 * coroutines is in {@code dev.tercet.coroutines.testing}.
 */
@NullMarked
package dev.tercet.testing.conformance;

import org.jspecify.annotations.NullMarked;
