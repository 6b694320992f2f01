/** The event loop of both languages. */
@NullMarked
package dev.tercet.loop;

import org.jspecify.annotations.NullMarked;
