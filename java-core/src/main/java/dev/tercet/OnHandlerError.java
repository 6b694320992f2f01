package dev.tercet;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a server does when the handler of one connection throws. Returning means: go on serving.
 * Throwing means: stop the server with that failure. Cancellation of a handler is never shown to
 * it.
 */
@FunctionalInterface
public interface OnHandlerError {
  /**
   * The default: a connection that its peer or the network broke ends alone, and every other
   * failure stops the server (spec IO-SV4).
   *
   * <p>A {@link BrokenResourceException} is the peer's or the network's fault: a reset, a failed
   * handshake, bytes that are no TLS, a port scan. It is logged in one line at {@code DEBUG}, by
   * the {@link System.Logger} named {@code dev.tercet.serve}, and counted as failed in the {@link
   * ServeReport}. Everything else is the program's fault and comes out of {@code serve…}, as with
   * {@link #PROPAGATE}: what a handler's own files or databases throw, {@link TooSlowException} and
   * {@link TooLongException} too. So does a {@code BrokenResourceException} in which an exception
   * that is no {@link java.io.IOException} is suppressed: a bug is never hidden behind a reset.
   */
  OnHandlerError PROPAGATE_OWN = HandlerErrorLog::propagateOwn;

  /**
   * Stops the server, whatever the handler threw: the failure comes out of {@code serve…}. For
   * tests, and for servers of one connection.
   */
  OnHandlerError PROPAGATE =
      (failure, peer) -> {
        throw failure;
      };

  /**
   * Logs the failure and keeps serving. An {@link java.io.IOException}, the peer's or the network's
   * fault, is one line at {@code WARNING}. Everything else is a bug, and is logged with its stack
   * at {@code ERROR}. The logger is the {@link System.Logger} named {@code dev.tercet.serve}.
   */
  OnHandlerError LOG = HandlerErrorLog::log;

  /**
   * Called with each failure of a handler, after its stream was closed. Must not wait.
   *
   * <p><i>Thread-safety:</i> may be called by several handlers at once.
   *
   * @param failure what the handler threw
   * @param peer the address of the connection, null when the stream has none
   * @throws Throwable to stop the server; {@code failure} itself, or another
   */
  void onError(Throwable failure, @Nullable SocketAddress peer) throws Throwable;
}
