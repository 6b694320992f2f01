/** Host names, IP literals, lookups, and the system's tables of names. Not public API. */
@NullMarked
package dev.tercet.internal.names;

import org.jspecify.annotations.NullMarked;
