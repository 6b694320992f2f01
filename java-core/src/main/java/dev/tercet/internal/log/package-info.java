/** The one way to log. Imports nothing of this library. Not public API. */
@NullMarked
package dev.tercet.internal.log;

import org.jspecify.annotations.NullMarked;
