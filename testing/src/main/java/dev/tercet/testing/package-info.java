/**
 * The testing kit for Java: streams in memory, and a battery of checks for streams of your own. Its
 * twin for coroutines is {@code dev.tercet.coroutines.testing}. It depends on no test framework.
 */
@NullMarked
package dev.tercet.testing;

import org.jspecify.annotations.NullMarked;
