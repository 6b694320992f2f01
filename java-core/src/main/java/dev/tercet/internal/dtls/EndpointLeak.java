package dev.tercet.internal.dtls;

import dev.tercet.internal.log.Log;
import java.lang.ref.Cleaner;

/**
 * What happens to an endpoint that nobody holds any more and nobody has closed: a warning, and the
 * close (spec DTLS-A13). Its socket is held by the event loop, and would be read for ever.
 *
 * <p>Endpoints are few, so all are watched.
 */
public final class EndpointLeak implements Runnable {
  private static final Log LOG = Log.of("dev.tercet.dtls");
  private static final Cleaner CLEANER = Cleaner.create();

  private final EndpointCore core;

  private EndpointLeak(EndpointCore core) {
    this.core = core;
  }

  /**
   * Watches an endpoint.
   *
   * @param owner what users hold; the core must not refer to it
   */
  public static void watch(Object owner, EndpointCore core) {
    CLEANER.register(owner, new EndpointLeak(core));
  }

  @Override
  public void run() {
    if (!core.isClosed()) {
      LOG.warn("a DTLS endpoint was never closed: ", core);
    }
    core.close();
  }
}
