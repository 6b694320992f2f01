/** The policy of a server, as a pure machine. Not public API. */
@NullMarked
package dev.tercet.proto.serve;

import org.jspecify.annotations.NullMarked;
