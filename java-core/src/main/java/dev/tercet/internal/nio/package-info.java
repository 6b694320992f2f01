/** Non-blocking sockets and the mapping of their errors. Not public API. */
@NullMarked
package dev.tercet.internal.nio;

import org.jspecify.annotations.NullMarked;
