/** The memory channel, everything but waiting. Not public API. */
@NullMarked
package dev.tercet.internal.channel;

import org.jspecify.annotations.NullMarked;
