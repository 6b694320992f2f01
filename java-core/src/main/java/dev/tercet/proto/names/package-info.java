/** Which lookups run, wait and are given up. Not public API. */
@NullMarked
package dev.tercet.proto.names;

import org.jspecify.annotations.NullMarked;
