package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.tls.DtlsServerConfig;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.bouncycastle.tls.TlsSession;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a server lets clients resume. One is resumed under the same configuration only,
 * whose trust has let the client in, and with the same name of the server (RFC 6066, section 3).
 */
final class ServerSessions {
  /** A session is about a KB, and some more with the client's chain. */
  private static final int MOST = 10_000;

  private final SessionCache<ByteBuffer, Kept> cache = new SessionCache<>(MOST);

  private record Kept(TlsSession session, DtlsServerConfig config, @Nullable String serverName) {}

  /** The session that a client asks for, if it may have it. */
  @Nullable TlsSession get(
      byte[] id, DtlsServerConfig config, @Nullable String serverName, long nowNanos) {
    Kept kept = cache.get(ByteBuffer.wrap(id), nowNanos);
    if (kept == null || kept.config != config || !Objects.equals(kept.serverName, serverName)) {
      return null;
    }
    return kept.session;
  }

  /** Keeps one. */
  void put(
      TlsSession session, DtlsServerConfig config, @Nullable String serverName, long nowNanos) {
    cache.put(
        ByteBuffer.wrap(session.getSessionID().clone()),
        new Kept(session, config, serverName),
        nowNanos);
  }
}
