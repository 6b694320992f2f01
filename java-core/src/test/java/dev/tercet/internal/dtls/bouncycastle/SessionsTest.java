package dev.tercet.internal.dtls.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bouncycastle.tls.SessionParameters;
import org.bouncycastle.tls.TlsSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may resume which session: resuming skips all checks of the peer. */
class SessionsTest {
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433);
  private static final Identities OTHER = Identities.of("EC", 1, Identities.HOST);
  private static final long LIFETIME = 3_600_000_000_000L;

  private record Session(byte id) implements TlsSession {
    @Override
    public @Nullable SessionParameters exportSessionParameters() {
      return null;
    }

    @Override
    public byte[] getSessionID() {
      return new byte[] {id};
    }

    @Override
    public void invalidate() {}

    @Override
    public boolean isResumable() {
      return true;
    }
  }

  @Test
  @DisplayName("DTLS-L11 a client resumes with the same server, name, trust, checks and identity")
  void client() {
    ClientSessions sessions = new ClientSessions();
    DtlsConfig config = DtlsConfig.DEFAULT.withTrust(Identities.SMALL.trust());
    Session session = new Session((byte) 1);
    sessions.place(PEER, "a.test", config, 0).put(session);
    assertSame(session, sessions.place(PEER, "a.test", config, 0).get());
    assertSame(
        session, sessions.place(PEER, "a.test", config.withAlpn("x"), 0).get(), "checks the same");
    InetSocketAddress elsewhere = new InetSocketAddress(PEER.getAddress(), 4434);
    List<ClientSessions.Place> others =
        List.of(
            sessions.place(elsewhere, "a.test", config, 0),
            sessions.place(PEER, "b.test", config, 0),
            sessions.place(PEER, null, config, 0),
            sessions.place(PEER, "a.test", config.withTrust(OTHER.trust()), 0),
            sessions.place(PEER, "a.test", config.dangerouslyTrustAnything(), 0),
            sessions.place(PEER, "a.test", config.dangerouslyWithoutHostnameCheck(), 0),
            sessions.place(PEER, "a.test", config.withIdentity(OTHER.identity()), 0));
    for (int i = 0; i < others.size(); i++) {
      assertNull(others.get(i).get(), "place " + i);
    }
  }

  @Test
  @DisplayName("DTLS-L11 a server lets resume under the same configuration and name only")
  void server() {
    ServerSessions sessions = new ServerSessions();
    DtlsServerConfig config = DtlsServerConfig.of(Identities.SMALL.identity());
    Session session = new Session((byte) 1);
    byte[] id = {1};
    sessions.put(session, config, "a.test", 0);
    assertSame(session, sessions.get(id, config, "a.test", 0));
    assertNull(sessions.get(new byte[] {2}, config, "a.test", 0));
    assertNull(sessions.get(id, config, "b.test", 0));
    assertNull(sessions.get(id, config, null, 0));
    assertNull(sessions.get(id, DtlsServerConfig.of(Identities.SMALL.identity()), "a.test", 0));
    sessions.put(new Session((byte) 2), config, null, 0);
    assertEquals(
        (byte) 2,
        Objects.requireNonNull(sessions.get(new byte[] {2}, config, null, 0)).getSessionID()[0]);
  }

  @Test
  @DisplayName("DTLS-L11 a session is kept for less than an hour")
  void lifetime() {
    SessionCache<String, String> cache = new SessionCache<>(10);
    long born = Long.MAX_VALUE - 10; // the clock wraps meanwhile
    cache.put("a", "A", born);
    assertEquals("A", cache.get("a", born + LIFETIME - 1));
    assertNull(cache.get("a", born + LIFETIME));
    cache.put("b", "B1", 0);
    cache.put("b", "B2", LIFETIME / 2);
    assertEquals("B2", cache.get("b", LIFETIME), "kept anew");
    cache.put("c", "C", LIFETIME);
    assertNull(cache.get("b", LIFETIME * 3 / 2));
    assertEquals("C", cache.get("c", LIFETIME * 3 / 2));
  }

  @Test
  @DisplayName("DTLS-L11 the oldest one makes room, and one that is replaced needs none")
  void most() {
    SessionCache<Integer, Integer> cache = new SessionCache<>(3);
    IntStream.range(0, 3).forEach(i -> cache.put(i, i, 0));
    cache.put(1, 10, 0);
    assertEquals(0, cache.get(0, 0));
    cache.put(3, 3, 0);
    assertNull(cache.get(0, 0));
    assertEquals(10, cache.get(1, 0));
    assertEquals(2, cache.get(2, 0));
    assertEquals(3, cache.get(3, 0));
  }

  @Test
  @DisplayName("DTLS-L11 when a session is kept, those that are too old make room")
  void oldOnesMakeRoom() {
    SessionCache<Integer, Integer> cache = new SessionCache<>(2);
    cache.put(1, 1, 0);
    cache.put(2, 2, LIFETIME - 1);
    cache.put(3, 3, LIFETIME);
    assertEquals(2, cache.get(2, LIFETIME));
    assertEquals(3, cache.get(3, LIFETIME));
  }

  @Test
  @Timeout(60)
  @DisplayName("DTLS-L11 sessions are for all threads")
  void threads() throws Exception {
    SessionCache<Integer, Integer> cache = new SessionCache<>(2);
    for (int i = 0; i < 2; i++) {
      int key = i;
      Thread other =
          new Thread(
              () -> {
                cache.put(key, key, 0);
                assertEquals(key, cache.get(key, 0));
              });
      other.start();
      other.join();
      assertEquals(key, cache.get(key, 0));
      cache.put(10 + key, key, 0);
    }
  }
}
