/** TLS sessions between machine and drivers: locks, rules and engines, once for both languages. */
@NullMarked
package dev.tercet.internal.tls;

import org.jspecify.annotations.NullMarked;
