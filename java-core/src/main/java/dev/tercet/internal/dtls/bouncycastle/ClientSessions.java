package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.AddressKey;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.net.InetSocketAddress;
import org.bouncycastle.tls.TlsSession;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a client may resume. One is resumed with the same server only, and only by who
 * would have believed the same and is the same: resuming skips all checks.
 */
final class ClientSessions {
  /** A session is some KB, with the server's chain. */
  private static final int MOST = 1000;

  private final SessionCache<Key, TlsSession> cache = new SessionCache<>(MOST);

  private record Key(
      AddressKey peer,
      @Nullable String host,
      TlsTrust trust,
      boolean checksHostname,
      @Nullable TlsIdentity identity) {}

  /** The place of one client's session. */
  Place place(InetSocketAddress peer, @Nullable String host, DtlsConfig config, long nowNanos) {
    return new Place(
        new Key(
            AddressKey.of(peer), host, config.trust(), config.checksHostname(), config.identity()),
        nowNanos);
  }

  /** Where a handshake finds its session, and leaves it. */
  final class Place {
    private final Key key;
    private final long nowNanos;

    private Place(Key key, long nowNanos) {
      this.key = key;
      this.nowNanos = nowNanos;
    }

    @Nullable TlsSession get() {
      return cache.get(key, nowNanos);
    }

    void put(TlsSession session) {
      cache.put(key, session, nowNanos);
    }
  }
}
