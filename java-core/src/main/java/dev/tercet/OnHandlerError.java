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
  /** Stops the server: the handler's failure comes out of {@code serve…} (spec IO-SV4). */
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
