package dev.tercet.blocking;

import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.internal.serve.ServeTerms;
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
          new ServeTerms<>(
              null, OnHandlerError.PROPAGATE_OWN, Integer.MAX_VALUE, null, Duration.ZERO, null));

  private final ServeTerms<Nursery> terms;

  private ServeOptions(ServeTerms<Nursery> terms) {
    terms.check();
    this.terms = terms;
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
        new ServeTerms<>(
            terms.handlerNursery(),
            onHandlerError,
            terms.maxConnections(),
            terms.stop(),
            terms.drain(),
            terms.idleTimeout()));
  }

  /**
   * Runs the handlers in a nursery of the caller, so that they outlive the server.
   *
   * @param handlerNursery null for the server's own nursery
   * @return a copy
   */
  public ServeOptions withHandlerNursery(@Nullable Nursery handlerNursery) {
    return new ServeOptions(
        new ServeTerms<>(
            handlerNursery,
            terms.onHandlerError(),
            terms.maxConnections(),
            terms.stop(),
            terms.drain(),
            terms.idleTimeout()));
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
    return new ServeOptions(
        new ServeTerms<>(
            terms.handlerNursery(),
            terms.onHandlerError(),
            maxConnections,
            terms.stop(),
            terms.drain(),
            terms.idleTimeout()));
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
    return new ServeOptions(
        new ServeTerms<>(
            terms.handlerNursery(),
            terms.onHandlerError(),
            terms.maxConnections(),
            stop,
            drain,
            terms.idleTimeout()));
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
    return new ServeOptions(
        new ServeTerms<>(
            terms.handlerNursery(),
            terms.onHandlerError(),
            terms.maxConnections(),
            terms.stop(),
            terms.drain(),
            idleTimeout));
  }

  /**
   * The reaction to a handler that throws.
   *
   * @return by default {@link OnHandlerError#PROPAGATE_OWN}
   */
  public OnHandlerError onHandlerError() {
    return terms.onHandlerError();
  }

  /**
   * The nursery of the handlers.
   *
   * @return null for the server's own nursery
   */
  public @Nullable Nursery handlerNursery() {
    return terms.handlerNursery();
  }

  /**
   * The maximum number of concurrent handlers.
   *
   * @return 1 or more
   */
  public int maxConnections() {
    return terms.maxConnections();
  }

  /**
   * The signal that stops the server gracefully.
   *
   * @return null for none
   */
  public @Nullable StopSignal stop() {
    return terms.stop();
  }

  /**
   * The time for the running handlers when the server is stopped.
   *
   * @return zero or more
   */
  public Duration drain() {
    return terms.drain();
  }

  /**
   * How long a connection may be idle.
   *
   * @return null for no limit
   */
  public @Nullable Duration idleTimeout() {
    return terms.idleTimeout();
  }

  @Override
  public String toString() {
    return "ServeOptions(" + terms + ")";
  }
}
