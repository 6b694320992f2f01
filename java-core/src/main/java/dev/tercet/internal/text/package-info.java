/**
 * How values are written in messages. Imports no other package of Tercet, so that every package,
 * the root package too, can use it.
 */
@org.jspecify.annotations.NullMarked
package dev.tercet.internal.text;
