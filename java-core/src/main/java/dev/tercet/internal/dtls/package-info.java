/** DTLS endpoints and channels: everything but waiting, which is the driver's. Not public API. */
@NullMarked
package dev.tercet.internal.dtls;

import org.jspecify.annotations.NullMarked;
