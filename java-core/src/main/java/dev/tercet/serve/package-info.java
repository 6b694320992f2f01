/** How to listen and to serve connections. */
@NullMarked
package dev.tercet.serve;

import org.jspecify.annotations.NullMarked;
