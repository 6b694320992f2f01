/** Sockets, their streams and listeners, for the blocking API. */
@NullMarked
package dev.tercet.socket;

import org.jspecify.annotations.NullMarked;
