/** When classes are loaded. Imports nothing of this library. Not public API. */
@NullMarked
package dev.tercet.internal.load;

import org.jspecify.annotations.NullMarked;
