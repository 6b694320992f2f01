/** Signals of the process, for the receivers of both languages. Not public API. */
@NullMarked
package dev.tercet.internal.signal;

import org.jspecify.annotations.NullMarked;
