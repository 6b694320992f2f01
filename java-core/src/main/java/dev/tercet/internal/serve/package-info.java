/** What the servers of both languages share. Not public API. */
@NullMarked
package dev.tercet.internal.serve;

import org.jspecify.annotations.NullMarked;
