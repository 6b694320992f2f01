package dev.tercet.blocking;

import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.internal.text.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How to serve connections. Immutable. */
public final class ServeOptions {
  /**
   * Connections that their peers broke end alone, and any other failure of a handler stops the
   * server ({@link OnHandlerError#PROPAGATE_OWN}); any number of connections, no stop signal, and
   * no idle limit: a connection whose peer says nothing, or has vanished, is kept for ever.
   */
  public static final ServeOptions DEFAULT =
      new ServeOptions(
          OnHandlerError.PROPAGATE_OWN, null, Integer.MAX_VALUE, null, Duration.ZERO, null);

  private final OnHandlerError onHandlerError;
  private final @Nullable Nursery handlerNursery;
  private final int maxConnections;
  private final @Nullable StopSignal stop;
  private final Duration drain;
  private final @Nullable Duration idleTimeout;

  private ServeOptions(
      OnHandlerError onHandlerError,
      @Nullable Nursery handlerNursery,
      int maxConnections,
      @Nullable StopSignal stop,
      Duration drain,
      @Nullable Duration idleTimeout) {
    this.onHandlerError = onHandlerError;
    this.handlerNursery = handlerNursery;
    this.maxConnections = maxConnections;
    this.stop = stop;
    this.drain = drain;
    this.idleTimeout = idleTimeout;
  }

  /**
   * Says what to do when a handler throws.
   *
   * @param onHandlerError {@link OnHandlerError#LOG} for a server that survives everything, {@link
   *     OnHandlerError#PROPAGATE} for one that survives nothing
   * @return a copy
   */
  public ServeOptions withOnHandlerError(OnHandlerError onHandlerError) {
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Runs the handlers in a nursery of the caller's, so that they outlive the server.
   *
   * @param handlerNursery null for one of the server's own
   * @return a copy
   */
  public ServeOptions withHandlerNursery(@Nullable Nursery handlerNursery) {
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Limits the handlers at a time. When there are so many the server does not accept; the kernel's
   * queue holds what comes.
   *
   * @param maxConnections 1 or more
   * @return a copy
   * @throws IllegalArgumentException when it is below 1
   */
  public ServeOptions withMaxConnections(int maxConnections) {
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections must be at least 1, not " + maxConnections);
    }
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Stops the server gracefully when a signal is given: no new connections, and the running
   * handlers get some time before they are cancelled.
   *
   * @param stop the signal
   * @param drain how long the handlers get; zero for not at all
   * @return a copy
   * @throws IllegalArgumentException when {@code drain} is negative
   */
  public ServeOptions withStop(StopSignal stop, Duration drain) {
    if (drain.isNegative()) {
      throw new IllegalArgumentException(
          "drain must not be negative, but is " + Durations.text(drain));
    }
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Cancels the handler of a connection on which no byte has moved for some time, or up to a
   * quarter longer. For servers of sockets and of DTLS. With DTLS only what the peer sends counts.
   *
   * @param idleTimeout positive; null for never
   * @return a copy
   * @throws IllegalArgumentException when it is not positive
   */
  public ServeOptions withIdleTimeout(@Nullable Duration idleTimeout) {
    if (idleTimeout != null && (idleTimeout.isNegative() || idleTimeout.isZero())) {
      throw new IllegalArgumentException(
          "idleTimeout must be positive, not " + Durations.text(idleTimeout));
    }
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * What to do when a handler throws.
   *
   * @return by default {@link OnHandlerError#PROPAGATE_OWN}
   */
  public OnHandlerError onHandlerError() {
    return onHandlerError;
  }

  /**
   * Where the handlers run.
   *
   * @return null for the server's own nursery
   */
  public @Nullable Nursery handlerNursery() {
    return handlerNursery;
  }

  /**
   * How many handlers at a time.
   *
   * @return 1 or more
   */
  public int maxConnections() {
    return maxConnections;
  }

  /**
   * What stops the server gracefully.
   *
   * @return null for nothing
   */
  public @Nullable StopSignal stop() {
    return stop;
  }

  /**
   * How long the handlers get when the server is stopped.
   *
   * @return zero or more
   */
  public Duration drain() {
    return drain;
  }

  /**
   * How long a connection may be idle.
   *
   * @return null for ever
   */
  public @Nullable Duration idleTimeout() {
    return idleTimeout;
  }

  @Override
  public String toString() {
    return "ServeOptions(maxConnections="
        + maxConnections
        + ", drain="
        + Durations.text(drain)
        + ", idleTimeout="
        + (idleTimeout == null ? "none" : Durations.text(idleTimeout))
        + ")";
  }
}
