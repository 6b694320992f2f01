/** Child processes without waiting: pipes, spawning, the run of a child to its end. */
@org.jspecify.annotations.NullMarked
package dev.tercet.internal.process;
