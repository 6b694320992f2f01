package dev.tercet.proto.tls;

import dev.tercet.tls.TlsInfo;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake must have brought about. An engine is told what to check, and says that it does;
 * whether it has is seen from the session, also from one that was resumed (spec TLS-R-p).
 */
@FunctionalInterface
public interface PeerDemands {
  /** Everything is left to the engine. */
  PeerDemands NONE = facts -> null;

  /**
   * Looks at the facts of a handshake that the engine calls finished.
   *
   * @return why the session is refused; null when it is not
   */
  @Nullable SSLException complaint(TlsInfo facts);
}
