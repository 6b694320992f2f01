/** The event loop that both front ends wait on. */
@NullMarked
package dev.tercet.loop;

import org.jspecify.annotations.NullMarked;
