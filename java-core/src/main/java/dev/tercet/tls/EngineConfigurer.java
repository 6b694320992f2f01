package dev.tercet.tls;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Changes an engine before its use, for settings without an option in the library, such as cipher
 * suites or a maximum fragment length.
 *
 * <p>It cannot weaken the verification of the host name: switching it off, or sending another SNI
 * than the verified name, is an {@link IllegalArgumentException}. The options for that begin with
 * {@code dangerously}. Nor can it disable a requirement of client certificates.
 *
 * <p><i>Thread-safety:</i> called by any thread, several at a time.
 */
@FunctionalInterface
public interface EngineConfigurer {
  /**
   * Called exactly once for each connection, when its stream is made. For a server over TCP also
   * once before, to validate the configuration.
   *
   * @param engine the new engine
   * @param parameters the parameters that the library will set; they may be changed
   */
  void configure(SSLEngine engine, SSLParameters parameters);
}
