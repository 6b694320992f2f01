package dev.tercet;

import dev.tercet.internal.log.Log;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The one word {@link OnHandlerError#LOG}. */
final class HandlerErrorLog {
  private static final Log LOG = Log.of("dev.tercet.serve");

  private HandlerErrorLog() {}

  static void log(Throwable failure, @Nullable SocketAddress peer) {
    String who = peer == null ? "a connection" : "connection from " + peer;
    if (failure instanceof IOException) {
      LOG.warn(who, " ended: ", failure);
    } else {
      LOG.error(failure, "handler of ", who, " failed");
    }
  }
}
