package dev.tercet.internal.dtls;

import dev.tercet.internal.log.Log;

/**
 * Logs what no datagram and no timer should make throw (spec DTLS-L19).
 *
 * <p>Logging is the user's code, so this is never called with a lock held; {@link Log} never
 * throws.
 */
final class DtlsLog {
  private static final Log LOG = Log.of("dev.tercet.dtls");

  private DtlsLog() {}

  /** Loads this class and the logger, before there is anything to log. */
  static void load() {
    LOG.debug("a DTLS endpoint was opened");
  }

  /**
   * Logs a fault.
   *
   * @param what has failed, and with what consequence; with a blank at its end
   */
  static void fault(String what, Object subject, Throwable thrown) {
    LOG.error(thrown, what, subject);
  }
}
