package dev.tercet.blocking;

import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.internal.text.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The options of a server. Immutable. */
public final class ServeOptions {
  /**
   * A failure caused by a peer ends only its connection, and any other failure of a handler stops
   * the server ({@link OnHandlerError#PROPAGATE_OWN}). The number of connections has no limit, and
   * there is no stop signal. Without an idle limit, a connection with a silent or vanished peer is
   * kept forever.
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
   * Sets the reaction to a handler that throws.
   *
   * @param onHandlerError {@link OnHandlerError#LOG} for a server that no failure stops, {@link
   *     OnHandlerError#PROPAGATE} for one that every failure stops
   * @return a copy
   */
  public ServeOptions withOnHandlerError(OnHandlerError onHandlerError) {
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Runs the handlers in a nursery of the caller, so that they outlive the server.
   *
   * @param handlerNursery null for the server's own nursery
   * @return a copy
   */
  public ServeOptions withHandlerNursery(@Nullable Nursery handlerNursery) {
    return new ServeOptions(
        onHandlerError, handlerNursery, maxConnections, stop, drain, idleTimeout);
  }

  /**
   * Limits the number of concurrent handlers. At the limit the server does not accept; the kernel's
   * queue holds new connections.
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
   * Stops the server gracefully when a signal is triggered: no new connections, and the running
   * handlers get some time before they are cancelled.
   *
   * @param stop the signal
   * @param drain the time for the running handlers; zero for none
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
   * quarter longer. For servers of sockets and of DTLS. With DTLS only messages from the peer
   * count.
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
   * The reaction to a handler that throws.
   *
   * @return by default {@link OnHandlerError#PROPAGATE_OWN}
   */
  public OnHandlerError onHandlerError() {
    return onHandlerError;
  }

  /**
   * The nursery of the handlers.
   *
   * @return null for the server's own nursery
   */
  public @Nullable Nursery handlerNursery() {
    return handlerNursery;
  }

  /**
   * The maximum number of concurrent handlers.
   *
   * @return 1 or more
   */
  public int maxConnections() {
    return maxConnections;
  }

  /**
   * The signal that stops the server gracefully.
   *
   * @return null for none
   */
  public @Nullable StopSignal stop() {
    return stop;
  }

  /**
   * The time for the running handlers when the server is stopped.
   *
   * @return zero or more
   */
  public Duration drain() {
    return drain;
  }

  /**
   * How long a connection may be idle.
   *
   * @return null for no limit
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
