/** What sockets are to their drivers, whatever network they come from: everything but waiting. */
@NullMarked
package dev.tercet.internal.net;

import org.jspecify.annotations.NullMarked;
