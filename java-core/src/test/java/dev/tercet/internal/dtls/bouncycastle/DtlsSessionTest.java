package dev.tercet.internal.dtls.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.bouncycastle.LossyPair.Row;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.support.Stress;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DtlsSessionTest {
  private static final Row GOOD = new Row(0, false, 1472, 1472, false, false);
  private static final Row BAD = new Row(30, true, 1472, 1472, true, true);

  @Test
  void theSameSeedGivesTheSameBytesOnTheWire() {
    Row row = new Row(25, false, 548, 1472, true, true);
    long seed = Stress.seed(DtlsSessionTest.class, 7);
    List<String> first = trace(row, seed);
    for (int run = 1; run < Stress.rounds(10, 100); run++) {
      assertEquals(first, trace(row, seed), "seed " + seed + ", run " + run);
    }
    assertFalse(first.equals(trace(row, seed + 1)));
  }

  @Test
  void dtlsE2_aLostHelloCostsExactlyTheFirstTimeout() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      long begin = pair.nowNanos;
      AtomicInteger count = new AtomicInteger();
      pair.attacker = sent -> count.getAndIncrement() == 0 ? List.of() : sent;
      pair.handshake();
      // Six flights of 10 ms each.
      assertEquals(1_060_000_000L, pair.nowNanos - begin);
    }
  }

  @Test
  void everyDatagramOfAHandshakeMayBeTheOneThatIsLost() {
    // One message per datagram, and a certificate of the client: also CertificateVerify is lost
    // alone.
    Row row = new Row(0, false, 300, 300, true, false);
    for (int lost = 0; lost < 14; lost++) {
      int target = lost;
      try (LossyPair pair = new LossyPair(row, lost)) {
        AtomicInteger count = new AtomicInteger();
        pair.attacker = sent -> count.getAndIncrement() == target ? List.of() : sent;
        pair.handshake();
        pair.settle();
        pair.attacker = sent -> sent;
        assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1), "lost " + lost);
      }
    }
  }

  @Test
  void dtlsE6_aPathThatCarries548BytesIsFoundByFallingBack() {
    try (LossyPair pair = new LossyPair(new Row(0, true, 548, 1472, false, false), 1)) {
      pair.handshake();
      assertEquals(1, pair.server().statistics().mtuFallbacks());
      // DTLS-E7: what users may send is another matter.
      assertTrue(pair.client.cleartextBytes(9999) > 9900);
    }
  }

  @Test
  void dtlsD10_aRefusedServerFailsAtOnceWithTheCauseAndOneAlert() {
    LossyPair pair = new LossyPair(GOOD, 1);
    try (pair) {
      pair.clientConfig = pair.clientConfig.withTrust(Identities.refusing());
      pair.restart();
      DtlsSession client = pair.client;
      pair.start();
      while (client.state() == State.HANDSHAKING) {
        assertTrue(pair.step());
      }
      assertEquals(State.FAILED, client.state());
      assertTrue(
          causes(client.failure()).stream().anyMatch(CertificateException.class::isInstance));
      assertEquals(0, client.statistics().retransmits());
      assertEquals(Long.MAX_VALUE, client.nextDeadlineNanos());
      pair.settleFor(3);
      assertEquals(1, pair.server().statistics().clearAlerts());
    }
    assertEquals(0, pair.threads.alive());
  }

  @Test
  void dtlsI5_alertsInClearEndNothingAndAreNamedAtTheLimit() {
    byte[] alert = {21, (byte) 0xFE, (byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.attacker = sent -> List.of(alert, sent.get(0), alert);
      pair.handshake();
      pair.settle();
      assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
      assertTrue(pair.client.statistics().clearAlerts() > 2);
    }
    try (LossyPair pair = new LossyPair(GOOD, 1, 5_000_000_000L)) {
      pair.attacker = sent -> List.of();
      pair.start();
      pair.inject(false, alert);
      while (pair.step()) {}
      assertEquals(State.FAILED, pair.client.state());
      String message = String.valueOf(pair.client.failure());
      assertTrue(message.contains("handshake_failure"), message);
      assertEquals(12_345_678_901L + 5_000_000_000L, pair.nowNanos);
      assertEquals(0, pair.threads.alive());
    }
  }

  @Test
  @DisplayName("DTLS-L3 DTLS-G9 records that come again are delivered once")
  void dtlsL3_recordsThatComeAgainAreDeliveredOnce() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.settle();
      pair.attacker = sent -> List.of(sent.get(0), sent.get(0), sent.get(0));
      assertEquals(List.of(List.of("up 0", "up 1"), List.of("down 0", "down 1")), pair.talk(2));
      assertEquals(4, pair.server().statistics().replayed());
    }
  }

  @Test
  void dtlsG4_junkAndFlippedCopiesOfSealedRecordsAreCountedAndSkipped() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.settle();
      Random random = new Random(1);
      pair.attacker =
          sent -> {
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
              byte[] flipped = sent.get(0).clone();
              flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
              all.add(flipped);
              byte[] cut = new byte[random.nextInt(60)];
              random.nextBytes(cut);
              if (cut.length > 13) {
                System.arraycopy(sent.get(0), 0, cut, 0, 11);
                cut[11] = 0;
                cut[12] = (byte) (cut.length - 13);
              }
              all.add(cut);
            }
            all.add(sent.get(0));
            return all;
          };
      assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
      assertTrue(pair.server().statistics().forged() > 100, pair.toString());
    }
  }

  @Test
  void dtlsC3_junkAmongTheHandshakeDoesNotStopIt() {
    long first = Stress.seed(DtlsSessionTest.class, 7);
    for (long seed = first; seed < first + Stress.rounds(10, 200); seed++) {
      Random random = new Random(seed);
      try (LossyPair pair = new LossyPair(GOOD, seed)) {
        pair.attacker =
            sent -> {
              byte[] junk = new byte[random.nextInt(200)];
              random.nextBytes(junk);
              byte[] cut = java.util.Arrays.copyOf(sent.get(0), random.nextInt(sent.get(0).length));
              return List.of(junk, cut, sent.get(0));
            };
        pair.handshake();
        pair.settle();
        assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1), "seed " + seed);
      }
    }
  }

  @Test
  void dtlsG5_theNewestMessageIsDroppedWhenAsManyWaitAsAreKept() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.settle();
      for (int i = 0; i < 25; i++) {
        pair.client.send(new byte[] {(byte) i});
      }
      pair.pump();
      pair.settle();
      assertEquals(15, pair.server().statistics().incomingPacketsDropped());
      for (int i = 0; i < 10; i++) {
        byte[] message = pair.server().pollMessage();
        assertEquals(i, message == null ? -1 : message[0]);
      }
      assertNull(pair.server().pollMessage());
      assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
    }
  }

  @Test
  void dtlsI4_aGoodbyeEndsTheOtherSideBehindWhatWasSent() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      pair.handshake();
      pair.settle();
      pair.client.send(new byte[] {1});
      pair.client.close(true);
      pair.pump();
      pair.settle();
      assertEquals(State.PEER_CLOSED, pair.server().state());
      byte[] message = pair.server().pollMessage();
      assertEquals(1, message == null ? -1 : message[0]);
      assertThrows(IllegalStateException.class, () -> pair.server().send(new byte[] {1}));
    }
  }

  /** Seed 1002: a challenge to the first hello came late, and the client began anew with it. */
  @Test
  void dtlsC11_aLateChallengeToAnEarlierHelloIsNotTaken() {
    for (boolean isLarge : new boolean[] {false, true}) {
      for (boolean isMutual : new boolean[] {false, true}) {
        try (LossyPair pair = new LossyPair(new Row(0, isLarge, 548, 1472, isMutual, true), 1002)) {
          pair.handshake();
          assertEquals(1, pair.serverSessions);
        }
      }
    }
  }

  @Test
  void dtlsG2_anEmptyMessageIsRefused() {
    try (LossyPair pair = new LossyPair(GOOD, 1)) {
      assertThrows(IllegalArgumentException.class, () -> pair.client.send(new byte[0]));
    }
  }

  @Test
  void aHandshakeThatIsGivenUpAnywhereLeavesNoThread() {
    for (int steps = 0; steps < 20; steps++) {
      LossyPair pair = new LossyPair(BAD, steps);
      try (pair) {
        pair.start();
        for (int i = 0; i < steps; i++) {
          pair.step();
        }
      }
      assertEquals(0, pair.threads.alive(), "after " + steps + " steps");
    }
  }

  @Test
  void withoutBouncyCastleTheErrorSaysWhatToAdd() {
    assertTrue(BouncyCastle.isPresent(getClass().getClassLoader()));
    assertFalse(BouncyCastle.isPresent(new ClassLoader(null) {}));
    String message = String.valueOf(BouncyCastle.missing().getMessage());
    assertTrue(message.contains("org.bouncycastle:bctls-jdk18on"), message);
    assertInstanceOf(IllegalStateException.class, BouncyCastle.missing());
  }

  private static List<String> trace(Row row, long seed) {
    try (LossyPair pair = new LossyPair(row, seed)) {
      pair.handshake();
      pair.settle();
      pair.talk(2);
      return pair.trace;
    }
  }

  private static List<Throwable> causes(@org.jspecify.annotations.Nullable Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      causes.add(each);
    }
    return causes;
  }
}
