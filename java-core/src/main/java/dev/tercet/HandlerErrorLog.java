package dev.tercet;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The one word {@link OnHandlerError#LOG}. */
final class HandlerErrorLog {
  private static final Logger LOGGER = System.getLogger("dev.tercet.serve");

  private HandlerErrorLog() {}

  static void log(Throwable failure, @Nullable SocketAddress peer) {
    String who = peer == null ? "a connection" : "connection from " + peer;
    if (failure instanceof IOException) {
      LOGGER.log(Level.WARNING, "{0} ended: {1}", who, failure);
    } else {
      LOGGER.log(Level.ERROR, "handler of " + who + " failed", failure);
    }
  }
}
