package dev.tercet.tls;

import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engines of TLS connections, for a custom provider. The library detects the abilities of
 * an engine from its behaviour; nothing is declared. An engine that ignores the check of the name,
 * the requirement of client certificates or the application protocols is rejected. After a
 * handshake the session itself is verified: the version, the peer's certificate, and its name (spec
 * TLS-R-p).
 *
 * <p>All configurations of one factory share their sessions.
 *
 * <p><i>Thread-safety:</i> called by any thread, several at a time.
 */
@FunctionalInterface
public interface TlsEngineFactory {
  /**
   * Makes an engine for one connection. The library then sets its parameters: versions, application
   * protocols, the check of the host name, client authentication. The library makes these settings
   * stricter, never weaker (spec TLS-R-q). Disabled versions stay off; the check of the name and
   * the requirement of a certificate stay on.
   *
   * @param role which side it is for
   * @param host the name of the server, as an A-label or an IP literal; null when there is none to
   *     check, and always for a server
   * @param port the port of the server, for the cache of sessions; 0 when it is not known
   * @return an engine without other users
   */
  SSLEngine create(TlsRole role, @Nullable String host, int port);

  /**
   * Called once when a connection no longer needs its engine, whose two halves have been closed:
   * for engines that hold memory outside of the heap. By default nothing is done.
   *
   * @param engine one that {@link #create} made
   */
  default void release(SSLEngine engine) {}
}
