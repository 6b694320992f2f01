/**
 * The handshake engine of DTLS on Bouncy Castle, with the JDK's trust and key managers around it.
 * No other package imports {@code org.bouncycastle}. Not public API.
 */
@NullMarked
package dev.tercet.internal.dtls.bouncycastle;

import org.jspecify.annotations.NullMarked;
