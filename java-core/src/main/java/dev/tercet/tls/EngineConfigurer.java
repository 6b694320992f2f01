package dev.tercet.tls;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Changes an engine before it is used: what the options of the library do not cover, such as cipher
 * suites or a maximum fragment length.
 *
 * <p>It cannot weaken the check of the host name: an attempt to switch it off, or to send another
 * server name than the one that is checked, is an {@link IllegalArgumentException}. There are
 * options for that, whose names say that they are dangerous. Nor can it switch off a demand for
 * client certificates.
 *
 * <p><i>Thread-safety:</i> called by any thread, several at a time.
 */
@FunctionalInterface
public interface EngineConfigurer {
  /**
   * Called exactly once for each connection, when its stream is made; for a server over TCP also
   * before there is any, to see whether the configuration works.
   *
   * @param engine the new engine
   * @param parameters what the library is about to set; changes are welcome
   */
  void configure(SSLEngine engine, SSLParameters parameters);
}
