/** The connect race (happy eyeballs), as a pure machine. Not public API. */
@NullMarked
package dev.tercet.proto.connect;

import org.jspecify.annotations.NullMarked;
