package dev.tercet.internal.serve;

import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.internal.text.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to serve, for both languages: the values behind Java's {@code ServeOptions} and behind the
 * parameters of Kotlin's {@code serve…} functions.
 *
 * @param <N> the nursery of the language
 * @param handlerNursery where the handlers run; null for the server's own
 * @param onHandlerError what to do when a handler throws
 * @param maxConnections how many handlers at a time, 1 or more
 * @param stop ends the server gracefully; null for nothing
 * @param drain how long the handlers get then, zero or more
 * @param idleTimeout how long a connection may be idle, positive; null for ever
 */
public record ServeTerms<N>(
    @Nullable N handlerNursery,
    OnHandlerError onHandlerError,
    int maxConnections,
    @Nullable StopSignal stop,
    Duration drain,
    @Nullable Duration idleTimeout) {
  /**
   * Checks the numbers. Not done by the constructor: a server has to close its listeners first.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public void check() {
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections must be at least 1, not " + maxConnections);
    }
    if (drain.isNegative()) {
      throw new IllegalArgumentException(
          "drain must not be negative, but is " + Durations.text(drain));
    }
    if (idleTimeout != null && (idleTimeout.isNegative() || idleTimeout.isZero())) {
      throw new IllegalArgumentException(
          "idleTimeout must be positive, not " + Durations.text(idleTimeout));
    }
  }

  @Override
  public String toString() {
    return "maxConnections="
        + maxConnections
        + ", drain="
        + Durations.text(drain)
        + ", idleTimeout="
        + (idleTimeout == null ? "none" : Durations.text(idleTimeout));
  }
}
