package dev.tercet;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The reaction of a server to a handler that throws. If this returns, the server continues. If it
 * throws, the server stops with that failure. It never gets the cancellation of a handler.
 */
@FunctionalInterface
public interface OnHandlerError {
  /**
   * The default: a failure caused by the peer or the network ends only its connection, and every
   * other failure stops the server (spec IO-SV4).
   *
   * <p>A {@link BrokenResourceException} is caused by the peer or the network: a reset, a failed
   * handshake, bytes that are no TLS, a port scan. It is logged in one line at {@code DEBUG}, by
   * the {@link System.Logger} named {@code dev.tercet.serve}, and counted as failed in the {@link
   * ServeReport}. Everything else is caused by the program, and {@code serve…} throws it, as with
   * {@link #PROPAGATE}. Examples are failures of the handler's files or databases, {@link
   * TooSlowException} and {@link TooLongException}. It also throws a {@code
   * BrokenResourceException} with a suppressed exception that is neither an {@link
   * java.io.IOException} nor a cancellation: a reset never hides a bug.
   */
  OnHandlerError PROPAGATE_OWN = HandlerErrorLog::propagateOwn;

  /**
   * Stops the server after every failure of a handler: {@code serve…} throws it. For tests, and for
   * servers of one connection.
   */
  OnHandlerError PROPAGATE =
      (failure, peer) -> {
        throw failure;
      };

  /**
   * Logs the failure and keeps serving. An {@link java.io.IOException}, caused by the peer or the
   * network, is one line at {@code WARNING}. Everything else is a bug, and is logged with its stack
   * at {@code ERROR}. The logger is the {@link System.Logger} named {@code dev.tercet.serve}.
   */
  OnHandlerError LOG = HandlerErrorLog::log;

  /**
   * Called with each failure of a handler, after its stream was closed. Must not wait.
   *
   * <p><i>Thread-safety:</i> may be called by several handlers at once.
   *
   * @param failure the exception of the handler
   * @param peer the address of the connection, null when the stream has none
   * @throws Throwable to stop the server; {@code failure} itself, or another
   */
  void onError(Throwable failure, @Nullable SocketAddress peer) throws Throwable;
}
