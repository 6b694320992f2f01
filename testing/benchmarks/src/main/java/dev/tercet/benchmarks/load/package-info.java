/** The load generator: raw NIO in one thread of a process of its own. */
@NullMarked
package dev.tercet.benchmarks.load;

import org.jspecify.annotations.NullMarked;
