/** TLS over any stream, blocking. */
@NullMarked
package dev.tercet.tls;

import org.jspecify.annotations.NullMarked;
