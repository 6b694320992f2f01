/** Contenders that are clients: what a connection costs the one who opens it. */
@NullMarked
package dev.tercet.benchmarks.dial;

import org.jspecify.annotations.NullMarked;
