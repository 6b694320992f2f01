/** The TLS session as a machine over an engine of the JDK: no I/O, no threads, no clock. */
@NullMarked
package dev.tercet.proto.tls;

import org.jspecify.annotations.NullMarked;
