/** The servers that are measured: ours in all its forms, and its peers. */
@NullMarked
package dev.tercet.benchmarks.contender;

import org.jspecify.annotations.NullMarked;
