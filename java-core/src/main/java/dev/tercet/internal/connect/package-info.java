/** A connect under way, everything but waiting: what the drivers of both languages share. */
@NullMarked
package dev.tercet.internal.connect;

import org.jspecify.annotations.NullMarked;
