/** What servers need of nurseries. Not public API. */
@NullMarked
package dev.tercet.internal.nursery;

import org.jspecify.annotations.NullMarked;
