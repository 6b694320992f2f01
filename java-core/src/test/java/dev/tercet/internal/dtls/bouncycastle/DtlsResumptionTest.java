package dev.tercet.internal.dtls.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.bouncycastle.LossyPair.Row;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.support.Stress;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.DtlsServerConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.tls.TlsSession;
import org.bouncycastle.tls.TlsUtils;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions that are resumed: who may, and that the client can be the last one to send. */
class DtlsResumptionTest {
  private static final Row GOOD = new Row(0, false, 1472, 1472, false, false);
  private static final Row MUTUAL = new Row(0, true, 1472, 1472, true, false);
  private static final int RUNS = Stress.rounds(2, 20);
  private static final long SEED = Stress.seed(DtlsResumptionTest.class, 1);

  @Test
  @DisplayName("DTLS-L11 a second handshake resumes the session without certificates")
  void dtlsL11_aSecondHandshakeResumesTheSessionWithoutCertificates() {
    try (LossyPair pair = new LossyPair(MUTUAL, 1)) {
      pair.handshake();
      pair.settle();
      DtlsInfo first = info(pair.client);
      assertFalse(first.sessionReused());
      pair.restart();
      int before = pair.datagrams;
      pair.handshake();
      DtlsInfo second = info(pair.client);
      assertTrue(second.sessionReused());
      assertTrue(info(pair.server()).sessionReused());
      assertEquals(first.peerCertificates(), second.peerCertificates());
      assertEquals(first.localCertificates(), second.localCertificates());
      assertEquals(first.cipherSuite(), second.cipherSuite());
      assertEquals(Identities.LARGE.chain(), info(pair.server()).peerCertificates());
      // Hello, challenge, hello, the server's flight, the client's: one datagram each.
      assertEquals(5, pair.datagrams - before);
      assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
      pair.restart();
      pair.handshake();
      assertTrue(info(pair.client).sessionReused(), "a session is resumed more than once");
    }
  }

  @Test
  @DisplayName("DTLS-L11 application protocols are agreed on anew")
  void dtlsL11_applicationProtocolsAreAgreedOnAnew() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.serverConfig = pair.serverConfig.withAlpn("a", "b");
      DtlsConfig client = pair.clientConfig;
      for (String alpn : List.of("a", "b")) {
        pair.clientConfig = client.withAlpn(alpn);
        pair.restart();
        pair.handshake();
        assertEquals(alpn, info(pair.client).alpn());
        assertEquals(alpn, info(pair.server()).alpn());
        assertEquals(alpn.equals("b"), info(pair.client).sessionReused());
      }
    }
  }

  @Test
  @DisplayName("DTLS-L11 nobody resumes who believes otherwise or asks for another name")
  void dtlsL11_nobodyResumesWhoBelievesOtherwiseOrAsksForAnotherName() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      DtlsConfig strict = pair.clientConfig;
      DtlsConfig lax = strict.dangerouslyWithoutHostnameCheck();
      pair.clientConfig = lax;
      assertReusedNext(pair, false);
      assertReusedNext(pair, true);
      pair.serverName = null;
      assertReusedNext(pair, false);
      pair.serverName = Identities.HOST;
      // Checks what the session before did not.
      pair.clientConfig = strict;
      assertReusedNext(pair, false);
      pair.clientConfig = strict.withIdentity(Identities.RSA.identity());
      assertReusedNext(pair, false);
      pair.clientConfig = strict.withTrust(Identities.SMALL.trust());
      assertReusedNext(pair, false);
      pair.clientConfig = strict;
      assertReusedNext(pair, true);
    }
  }

  @Test
  @DisplayName("DTLS-L11 a server forgets its sessions with its configuration")
  void dtlsL11_aServerForgetsItsSessionsWithItsConfiguration() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.serverConfig = DtlsServerConfig.of(Identities.SMALL.identity());
      assertReusedNext(pair, false);
      pair.clientConfig = pair.clientConfig.withIdentity(Identities.SMALL.identity());
      pair.serverConfig =
          pair.serverConfig.withClientAuth(ClientAuth.NEED, Identities.SMALL.trust());
      assertReusedNext(pair, false);
      assertEquals(Identities.SMALL.chain(), info(pair.server()).peerCertificates());
    }
  }

  @Test
  @DisplayName("DTLS-L11 a server hands a session out under its own name only")
  void dtlsL11_aServerHandsASessionOutUnderItsOwnNameOnly() {
    ServerSessions sessions = new ServerSessions();
    DtlsServerConfig config = DtlsServerConfig.of(Identities.SMALL.identity());
    TlsSession session = TlsUtils.importSession(new byte[] {1, 2, 3}, null);
    sessions.put(session, config, "a.test", 0);
    assertEquals(session, sessions.get(new byte[] {1, 2, 3}, config, "a.test", 1));
    assertNull(sessions.get(new byte[] {1, 2, 3}, config, "b.test", 1));
    assertNull(sessions.get(new byte[] {1, 2, 3}, config, null, 1));
    assertNull(sessions.get(new byte[] {1, 2, 4}, config, "a.test", 1));
  }

  @Test
  void dtlsL11_aSessionLivesAnHour() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.settle();
      pair.nowNanos += SessionCache.LIFETIME_NANOS - 10_000_000_000L;
      assertReusedNext(pair, true);
      pair.nowNanos += 10_000_000_000L;
      // Resuming has not made it younger, on neither side.
      assertReusedNext(pair, false);
      assertEquals(0, pair.hello == null ? -1 : pair.hello.session().length);
    }
  }

  @Test
  void dtlsL11_theOldestSessionGoesWhenThereAreAsManyAsAreKept() {
    SessionCache<String, Integer> cache = new SessionCache<>(2);
    cache.put("a", 1, 0);
    cache.put("b", 2, 1);
    cache.put("a", 3, 2);
    cache.put("c", 4, 3);
    assertNull(cache.get("b", 4));
    assertEquals(3, cache.get("a", 4));
    assertEquals(3, cache.get("a", 1 + SessionCache.LIFETIME_NANOS));
    assertNull(cache.get("a", 2 + SessionCache.LIFETIME_NANOS));
    assertEquals(4, cache.get("c", 2 + SessionCache.LIFETIME_NANOS));
  }

  @Test
  void dtlsL11_eachDatagramOfAResumedHandshakeMayBeTheOneThatIsLost() {
    for (int lost = 0; lost < 6; lost++) {
      int target = lost;
      try (LossyPair pair = new LossyPair(GOOD, lost)) {
        pair.handshake();
        pair.settle();
        pair.restart();
        AtomicInteger count = new AtomicInteger();
        pair.attacker = sent -> count.getAndIncrement() == target ? List.of() : sent;
        pair.handshake();
        pair.settle();
        assertTrue(info(pair.client).sessionReused());
        // DTLS-H1: the client is the last one to send, and repeats it for the server.
        assertEquals(
            lost == 4 ? 1 : 0, pair.client.statistics().finalFlightResends(), "lost " + lost);
        pair.attacker = sent -> sent;
        assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1), "lost " + lost);
      }
    }
  }

  @Test
  void dtlsL11_aServerThatWasStartedAnewMakesAFullHandshake() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.serverConfig = DtlsServerConfig.of(Identities.SMALL.identity());
      pair.restart();
      pair.handshake();
      assertFalse(info(pair.client).sessionReused());
      assertReusedNext(pair, true);
    }
  }

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int loss : new int[] {10, 25, 50}) {
      for (int mtu : new int[] {1472, 300}) {
        for (boolean isMutual : new boolean[] {false, true}) {
          rows.add(new Row(loss, false, mtu, mtu, isMutual, true));
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void dtlsL11_everyResumedHandshakeCompletesOnABadNetwork(Row row) {
    for (long seed = SEED; seed < SEED + RUNS; seed++) {
      LossyPair pair = new LossyPair(row, seed);
      try (pair) {
        pair.handshake();
        pair.settle();
        pair.restart();
        pair.handshake();
        assertTrue(info(pair.client).sessionReused(), pair.toString());
        pair.settle();
        for (List<String> messages : pair.talk(3)) {
          assertEquals(messages.size(), new HashSet<>(messages).size(), pair + " " + messages);
        }
      }
      assertEquals(0, pair.threads.alive(), pair.toString());
    }
  }

  private static void assertReusedNext(LossyPair pair, boolean isReused) {
    pair.restart();
    pair.handshake();
    assertEquals(isReused, info(pair.client).sessionReused());
    assertEquals(isReused, info(pair.server()).sessionReused());
  }

  private static DtlsInfo info(DtlsSession session) {
    DtlsInfo info = session.info();
    if (info == null) {
      throw new AssertionError("no facts in " + session.state());
    }
    return info;
  }
}
