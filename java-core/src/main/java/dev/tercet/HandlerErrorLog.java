package dev.tercet;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.text.Cancellation;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** What the constants of {@link OnHandlerError} do. */
final class HandlerErrorLog {
  private static final Log LOG = Log.of("dev.tercet.serve");

  private HandlerErrorLog() {}

  static void log(Throwable failure, @Nullable SocketAddress peer) {
    if (failure instanceof IOException) {
      LOG.warn(who(peer), " ended: ", failure);
    } else {
      LOG.error(failure, "handler of ", who(peer), " failed");
    }
  }

  static void propagateOwn(Throwable failure, @Nullable SocketAddress peer) throws Throwable {
    if (!(failure instanceof BrokenResourceException) || hidesBug(failure)) {
      throw failure;
    }
    LOG.debug(who(peer), " ended: ", failure);
  }

  private static String who(@Nullable SocketAddress peer) {
    return peer == null ? "a connection" : "connection from " + AddressText.of(peer);
  }

  /** Whether something in it, suppressed at any depth, is no failure of I/O and no cancellation. */
  private static boolean hidesBug(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Throwable> left = new ArrayDeque<>();
    left.add(failure);
    while (!left.isEmpty()) {
      Throwable next = left.remove();
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof Error || (next instanceof RuntimeException && !isCancellation(next))) {
        return true;
      }
      Collections.addAll(left, next.getSuppressed());
    }
    return false;
  }

  private static boolean isCancellation(Throwable e) {
    return e instanceof CancellationException || e instanceof Cancellation;
  }
}
