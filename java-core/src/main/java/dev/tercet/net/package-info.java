/** The entry points of the blocking API: connect, listen, serve. */
@NullMarked
package dev.tercet.net;

import org.jspecify.annotations.NullMarked;
