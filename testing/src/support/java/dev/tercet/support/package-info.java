/**
 * What the tests of all modules share. Each module compiles these files into its own tests; nothing
 * of it is published.
 */
@org.jspecify.annotations.NullMarked
package dev.tercet.support;
