/** TLS by hand: what the load generator and the baseline of TLS are made of. */
@NullMarked
package dev.tercet.benchmarks.tls;

import org.jspecify.annotations.NullMarked;
