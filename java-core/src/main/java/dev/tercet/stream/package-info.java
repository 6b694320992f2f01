/** The blocking stream contract: byte streams, listeners, message channels. */
@NullMarked
package dev.tercet.stream;

import org.jspecify.annotations.NullMarked;
