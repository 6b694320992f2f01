/** The connect race (happy eyeballs), as a pure machine. Not public API. */
@NullMarked
package dev.tercet.proto.race;

import org.jspecify.annotations.NullMarked;
