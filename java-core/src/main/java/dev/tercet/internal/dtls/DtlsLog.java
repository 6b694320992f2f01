package dev.tercet.internal.dtls;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Logs what no datagram and no timer should make throw (spec DTLS-L19).
 *
 * <p>Logging is the user's code: handlers, formatters, the {@code toString} of exceptions. It may
 * fail, most of all when memory is short, and nothing may depend on it. So this never throws, and
 * is never called with a lock held.
 */
final class DtlsLog {
  private static final Logger LOGGER = System.getLogger("dev.tercet.dtls");

  private DtlsLog() {}

  /** Loads this class and the logger, before there is anything to log. */
  static void load() {
    boolean unused = LOGGER.isLoggable(Level.ERROR);
  }

  /**
   * Logs a fault.
   *
   * @param what has failed, and with what consequence; with a blank at its end
   * @param subject which one
   * @param thrown why
   */
  static void fault(String what, Object subject, Throwable thrown) {
    try {
      LOGGER.log(Level.ERROR, what + subject, thrown);
    } catch (Throwable unlogged) {
      // There is nobody left to tell.
    }
  }
}
