/**
 * Calls within one process, measured by JMH: to explain what the servers show, and not to compare
 * servers. Started by {@code ./bench jmh}.
 */
@NullMarked
package dev.tercet.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
