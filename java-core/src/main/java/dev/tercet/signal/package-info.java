/** Signals for threads: {@link dev.tercet.signal.SignalReceiver}. */
@NullMarked
package dev.tercet.signal;

import org.jspecify.annotations.NullMarked;
