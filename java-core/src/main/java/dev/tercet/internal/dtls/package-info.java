/** The handshake engine of DTLS, Bouncy Castle's, and whose turn it is. Not public API. */
@NullMarked
package dev.tercet.internal.dtls;

import org.jspecify.annotations.NullMarked;
