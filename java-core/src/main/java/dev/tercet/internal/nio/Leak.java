package dev.tercet.internal.nio;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.loop.Readiness;
import java.lang.ref.Cleaner;

/**
 * The debug switch {@code -Ddev.tercet.leaks=true}: logs, with the stack that made it, every socket
 * that became garbage without having been closed, and closes it (spec IO-A10). Off, it costs
 * nothing.
 */
final class Leak implements Runnable {
  private static final boolean ENABLED = Boolean.getBoolean("dev.tercet.leaks");
  private static final Log LOG = Log.of("dev.tercet.leaks");

  private final Readiness readiness;
  private final Throwable madeAt = new Throwable("made here");

  private Leak(Readiness readiness) {
    this.readiness = readiness;
  }

  /**
   * Watches a socket.
   *
   * @param owner what users hold; nothing that is reachable from {@code readiness} may refer to it
   */
  static void watch(Object owner, Readiness readiness) {
    if (ENABLED) {
      Watching.CLEANER.register(owner, new Leak(readiness));
    }
  }

  @Override
  public void run() {
    if (!readiness.isClosed()) {
      LOG.warning(madeAt, "a socket was never closed: ", readiness);
      readiness.close();
    }
  }

  private static final class Watching {
    static final Cleaner CLEANER = Cleaner.create();
  }
}
