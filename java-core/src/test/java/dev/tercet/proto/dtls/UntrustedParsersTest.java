package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.tercet.support.Stress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Junk into each parser of bytes from the network. */
class UntrustedParsersTest {
  private static final long SEED = Stress.seed(UntrustedParsersTest.class, 1);
  private static final int INPUTS = Stress.rounds(20_000, 1_000_000);

  @Test
  void dtlsC3_splittingAnyBytesGivesWholeRecordsOrNothing() {
    eachMutation(
        hello(new byte[32]).array(),
        (bytes, what) -> {
          DtlsRecord.Split split = DtlsRecord.splitUntrusted(ByteBuffer.wrap(bytes));
          int taken = split.records().stream().mapToInt(record -> record.bytes().length).sum();
          assertTrue(taken <= bytes.length, what);
          assertEquals(taken < bytes.length || bytes.length == 0, split.isMalformed(), what);
        });
  }

  @Test
  void dtlsC3_fragmentsOfAnyBytesLieInsideTheirMessageOrAreRefused() {
    byte[] record = hello(new byte[32]).array();
    eachMutation(
        Arrays.copyOfRange(record, DtlsRecord.HEADER_BYTES, record.length),
        (bytes, what) -> {
          List<HandshakeFragment> fragments;
          try {
            fragments = HandshakeFragment.parseUntrusted(ByteBuffer.wrap(bytes));
          } catch (BadPacketException e) {
            return;
          }
          int parts = 0;
          Reassembly reassembly = new Reassembly(0);
          for (HandshakeFragment fragment : fragments) {
            parts += fragment.part().length;
            assertTrue(fragment.offset() + fragment.part().length <= fragment.messageBytes(), what);
            reassembly.add(fragment, DtlsRecord.VERSION_1_2);
          }
          assertTrue(parts < bytes.length, what);
        });
  }

  @Test
  void dtlsC3_anyBytesAtTheCookieGateAreDroppedOrChallengedAndNeverAccepted() {
    CookieGate gate = new CookieGate(new byte[CookieGate.KEY_BYTES]);
    eachMutation(
        hello(new byte[32]).array(),
        (bytes, what) -> {
          CookieGate.Verdict verdict =
              gate.judgeUntrusted(new byte[6], ByteBuffer.wrap(bytes), new byte[8], 0);
          if (verdict instanceof CookieGate.Verdict.Challenge challenge) {
            assertTrue(challenge.datagram().length <= bytes.length, what);
          } else {
            assertNull(verdict, what);
          }
        });
  }

  @Test
  void dtlsC3_anyServerHelloLeavesTheGateOfCiphersInOrder() {
    eachMutation(
        new byte[80],
        (bytes, what) -> {
          CipherChangeGate gate = new CipherChangeGate(true);
          gate.delivered(
              new HandshakeMessage(
                  HandshakeMessage.SERVER_HELLO, 1, DtlsRecord.VERSION_1_2, bytes));
          assertTrue(!gate.isOpen(), what);
        });
  }

  @Test
  void dtlsL6_reassemblyOfForgedPartsKeepsWithinItsLimits() throws BadPacketException {
    Reassembly reassembly = new Reassembly(0);
    assertEquals(Reassembly.Verdict.REFUSED, reassembly.add(part(0, 0xFFFFFF, 0, new byte[9]), 0));
    assertEquals(
        Reassembly.Verdict.REFUSED,
        reassembly.add(part(Reassembly.MAX_AHEAD, 10, 0, new byte[9]), 0));
    int taken = 0;
    for (int i = 0; i < 2 * Reassembly.MAX_PARTS; i++) {
      if (reassembly.add(part(0, 32_000, 2 * i, new byte[1]), 0) == Reassembly.Verdict.TAKEN) {
        taken++;
      }
    }
    assertEquals(Reassembly.MAX_PARTS, taken);
  }

  @Test
  void reassemblyJoinsPartsInAnyOrderTwiceAndOverlapping() throws BadPacketException {
    for (long seed = SEED; seed < SEED + 200; seed++) {
      Random random = new Random(seed);
      byte[] body = new byte[random.nextInt(3000)];
      random.nextBytes(body);
      Reassembly reassembly = new Reassembly(7);
      HandshakeMessage message = null;
      for (int tries = 0; message == null && tries < 100_000; tries++) {
        int from = body.length == 0 ? 0 : random.nextInt(body.length);
        int to = Math.min(body.length, from + 1 + random.nextInt(400));
        reassembly.add(part(7, body.length, from, Arrays.copyOfRange(body, from, to)), 0);
        message = reassembly.poll();
      }
      assertTrue(message != null && Arrays.equals(body, message.body()), "seed " + seed);
      assertEquals(Reassembly.Verdict.DUPLICATE, reassembly.add(part(7, body.length, 0, body), 0));
    }
  }

  @Test
  @DisplayName("DTLS-L3 DTLS-G9 the replay window knows the last 64")
  void dtlsL3_theReplayWindowKnowsTheLast64() {
    for (long seed = SEED; seed < SEED + 50; seed++) {
      Random random = new Random(seed);
      ReplayWindow window = new ReplayWindow();
      java.util.Set<Long> seen = new java.util.HashSet<>();
      long highest = -1;
      for (int i = 0; i < 2000; i++) {
        long number = Math.max(0, highest + random.nextInt(150) - 100);
        boolean isExpected = !seen.contains(number) && number > highest - 64;
        assertEquals(isExpected, window.isFresh(number), "seed " + seed + " number " + number);
        if (isExpected) {
          window.accept(number);
          seen.add(number);
          highest = Math.max(highest, number);
        }
      }
    }
  }

  @Test
  void dtlsC5_aCookieIsGoodForItsHelloItsAddressAndAMinute() {
    CookieGate gate = new CookieGate(new byte[CookieGate.KEY_BYTES]);
    byte[] address = {10, 0, 0, 1, 1, 1};
    byte[] challenge = challenge(gate, address, hello(new byte[0]), 0);
    assertEquals(60, challenge.length);
    byte[] cookie = Arrays.copyOfRange(challenge, 28, 60);
    long tick = CookieGate.TICK_NANOS;
    assertTrue(isAccepted(gate, address, hello(cookie), 0));
    assertTrue(isAccepted(gate, address, hello(cookie), 2 * tick - 1));
    assertTrue(!isAccepted(gate, address, hello(cookie), 2 * tick));
    assertTrue(!isAccepted(gate, new byte[] {10, 0, 0, 1, 1, 2}, hello(cookie), 0));
    for (int bit = 0; bit < 8 * cookie.length; bit++) {
      byte[] flipped = cookie.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertTrue(!isAccepted(gate, address, hello(flipped), 0), "bit " + bit);
    }
    assertTrue(!isAccepted(gate, address, hello(cookie, 0), 0));
    assertTrue(!isAccepted(gate, address, hello(cookie, 257), 0));
    ByteBuffer other = hello(cookie);
    other.put(30, (byte) 1);
    assertTrue(!isAccepted(gate, address, other, 0));
  }

  @Test
  void dtlsC2_aHelloInPiecesOrWithOtherLengthsIsNone() {
    for (int at : new int[] {11, 12, 14, 15, 16, 19, 20, 21, 22, 23, 24}) {
      ByteBuffer hello = hello(new byte[0]);
      hello.put(at, (byte) (hello.get(at) + 1));
      assertNull(ClientHello.parseUntrusted(hello), "byte " + at);
    }
    assertNull(ClientHello.parseUntrusted(ByteBuffer.allocate(0)));
    assertNull(ClientHello.parseUntrusted(hello(new byte[0]).limit(40)));
  }

  @Test
  @DisplayName("DTLS-E3 a lossy flight leaves the longer timeout to the next")
  void dtlsE3_aLossyFlightLeavesTheLongerTimeoutToTheNext() {
    RetransmitTimer timer = new RetransmitTimer(100);
    timer.flightSent(0);
    assertEquals(100, timer.deadlineNanos());
    timer.flightRepeated(100);
    assertEquals(300, timer.deadlineNanos());
    timer.flightSent(300);
    assertEquals(500, timer.deadlineNanos());
    timer.flightSent(500);
    assertEquals(600, timer.deadlineNanos());
    assertTrue(!timer.isDue(599) && timer.isDue(600));
  }

  @Test
  void dtlsE14_flightsArePackedWithinTheMtuAndNothingIsLost() throws BadPacketException {
    byte[] body = new byte[5000];
    new Random(SEED).nextBytes(body);
    Flight flight = new Flight();
    flight.add(new HandshakeMessage(11, 3, DtlsRecord.VERSION_1_2, body));
    flight.add(new HandshakeMessage(14, 4, DtlsRecord.VERSION_1_2, new byte[0]));
    flight.addCipherChange(DtlsRecord.VERSION_1_2);
    for (int mtu : new int[] {64, 300, 548, 1472, 60_000}) {
      long[] number = {0};
      Reassembly reassembly = new Reassembly(3);
      long expected = 0;
      boolean isChanged = false;
      for (byte[] datagram : flight.pack(mtu, () -> number[0]++)) {
        assertTrue(datagram.length <= mtu, mtu + " " + datagram.length);
        DtlsRecord.Split split = DtlsRecord.splitUntrusted(ByteBuffer.wrap(datagram));
        assertTrue(!split.isMalformed());
        for (DtlsRecord record : split.records()) {
          assertEquals(expected++, record.sequence());
          isChanged = record.type() == DtlsRecord.CHANGE_CIPHER_SPEC;
          if (!isChanged) {
            for (HandshakeFragment part : HandshakeFragment.parseUntrusted(record.fragment())) {
              reassembly.add(part, record.version());
            }
          }
        }
      }
      HandshakeMessage joined = reassembly.poll();
      assertTrue(joined != null && Arrays.equals(body, joined.body()), "mtu " + mtu);
      assertTrue(reassembly.poll() != null && isChanged, "mtu " + mtu);
    }
  }

  @Test
  void badLengthsAreTheCallersMistake() {
    assertThrows(IllegalArgumentException.class, () -> new CookieGate(new byte[31]));
    assertThrows(
        IllegalArgumentException.class,
        () -> DtlsRecord.clear(22, DtlsRecord.VERSION_1_2, 0, new byte[16_385]));
  }

  @Test
  @DisplayName("DTLS-C3 any bytes are a hello or none, wherever in their buffer they are")
  void helloOfAnyBytes() {
    eachMutation(
        hello(new byte[32]).array(),
        (bytes, what) -> {
          ByteBuffer inside = ByteBuffer.allocateDirect(bytes.length + 20);
          inside.put(new byte[7]).put(bytes).put(new byte[13]);
          inside.position(7).limit(7 + bytes.length);
          ClientHello hello = ClientHello.parseUntrusted(inside);
          assertEquals(7, inside.position(), what);
          if (hello == null) {
            return;
          }
          assertTrue(ClientHello.looksLikeOneUntrusted(inside), what);
          byte[] record = hello.record();
          assertTrue(Arrays.equals(record, Arrays.copyOf(bytes, record.length)), what);
          int parts = hello.beforeCookie().remaining() + hello.behindCookie().remaining();
          assertEquals(record.length, 25 + parts + 1 + hello.cookie().length, what);
          assertTrue(hello.session().length <= 32, what);
        });
  }

  /** Whoever writes another parser comes by here. */
  @Test
  @DisplayName("DTLS-C3 each parser of bytes from the network has its target above")
  void everyParserHasATarget() {
    Set<String> parsers = new TreeSet<>();
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    new ClassFileImporter()
        .importPath(Path.of("target/classes/dev/tercet/proto/dtls"))
        .forEach(
            each ->
                each.getMethods().stream()
                    .filter(method -> method.getName().endsWith("Untrusted"))
                    .forEach(method -> parsers.add(each.getSimpleName() + "." + method.getName())));
    assertEquals(
        Set.of(
            "ClientHello.looksLikeOneUntrusted",
            "ClientHello.parseUntrusted",
            "CookieGate.judgeUntrusted",
            "DtlsRecord.splitUntrusted",
            "HandshakeFragment.parseUntrusted",
            "Hello.parseUntrusted"),
        parsers);
  }

  private interface Check {
    void on(byte[] bytes, String what);
  }

  /** Random bytes, and a good input with some bytes changed, cut or grown. */
  private static void eachMutation(byte[] good, Check check) {
    Random random = new Random(SEED);
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes;
      if (i % 4 == 0) {
        bytes = new byte[random.nextInt(100)];
        random.nextBytes(bytes);
      } else {
        bytes = Arrays.copyOf(good, i % 4 == 1 ? random.nextInt(2 * good.length) : good.length);
        for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      check.on(bytes, "seed " + SEED + " input " + i);
    }
  }

  private static HandshakeFragment part(int number, int length, int offset, byte[] part)
      throws BadPacketException {
    ByteBuffer bytes = ByteBuffer.allocate(12 + part.length);
    bytes.putInt((11 << 24) | length).putShort((short) number);
    bytes.put((byte) (offset >>> 16)).putShort((short) offset);
    bytes.put((byte) (part.length >>> 16)).putShort((short) part.length).put(part);
    return HandshakeFragment.parseUntrusted(bytes.flip()).get(0);
  }

  private static ByteBuffer hello(byte[] cookie) {
    return hello(cookie, cookie.length == 0 ? 0 : 1);
  }

  private static ByteBuffer hello(byte[] cookie, int number) {
    ByteBuffer body = ByteBuffer.allocate(44 + cookie.length);
    body.putShort((short) DtlsRecord.VERSION_1_2).position(34);
    body.put((byte) 0).put((byte) cookie.length).put(cookie);
    body.putShort((short) 2).putShort((short) 0xC02B).put((byte) 1).put((byte) 0);
    HandshakeMessage message =
        new HandshakeMessage(1, number, DtlsRecord.VERSION_1_2, body.array());
    return ByteBuffer.wrap(
        DtlsRecord.clear(
                DtlsRecord.HANDSHAKE,
                DtlsRecord.VERSION_1_0,
                5,
                message.fragment(0, body.capacity()))
            .bytes());
  }

  private static byte[] challenge(CookieGate gate, byte[] address, ByteBuffer hello, long now) {
    if (gate.judgeUntrusted(address, hello, new byte[8], now)
        instanceof CookieGate.Verdict.Challenge challenge) {
      return challenge.datagram();
    }
    throw new AssertionError("no challenge");
  }

  private static boolean isAccepted(CookieGate gate, byte[] address, ByteBuffer hello, long now) {
    return gate.judgeUntrusted(address, hello, new byte[8], now)
        instanceof CookieGate.Verdict.Accept;
  }
}
