/** How to connect. */
@NullMarked
package dev.tercet.dial;

import org.jspecify.annotations.NullMarked;
